"""`ganglion traffic`: what a network's samples sent over the links of a simulated chip."""

import json
from functools import partial
from pathlib import Path

import pytest

from ganglion.jobs import traffic as job
from ganglion.jobs.traffic import traffic
from ganglion.model.spec.errors import GanglionError
from ganglion.sim.native import NativeDriver


@pytest.mark.sim
def test_every_link_is_listed_and_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "NativeDriver", partial(NativeDriver, quick=True))
    picture = tmp_path / "traffic.svg"
    result = traffic("digits", samples=2, picture=picture)
    found = json.loads(json.dumps(result.to_dict()))
    assert found["chip"]["cores"] == 4, "whose own chip has one core, which would have no link"
    assert [link["name"] for link in found["links"]] == [f"core {k} - above" for k in range(4)]
    assert sum(link["down"] for link in found["links"]) > 200, "the events of two digits"
    assert found["cycles"] > 0
    rows, line = result.shown()
    assert not isinstance(rows, str) and rows.row_count == 4
    assert line == f"picture: {picture}"
    assert picture.read_text().startswith("<?xml")


def test_bad_requests(tmp_path: Path) -> None:
    with pytest.raises(GanglionError, match="samples must be 1 to 540"):
        traffic("digits", samples=0)
    with pytest.raises(GanglionError, match="a picture's name"):
        traffic("digits", picture=tmp_path / "traffic.doc")
    with pytest.raises(GanglionError, match="there is no classifier 'none'"):
        traffic("none")
