"""The data of the page is what the code makes, and the page is small and whole."""

import gzip
import json
import threading
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from ganglion import PRESETS
from ganglion.jobs.playground import Playground, playground
from ganglion.model.spec.errors import ToolError
from ganglion.web.playground.chip import COUNTERS, EDITOR, EDITOR_CODE, chip_values, model_values
from ganglion.web.playground.folder import DATA, PAGE, copy_page
from ganglion.web.playground.networks import CODES, network_values
from ganglion.web.playground.serve import address, server
from ganglion.web.playground.vectors import vectors

MOST = 1_500_000
"""Bytes of the whole page."""


def shipped(name: str) -> Any:
    content = (PAGE / DATA / name).read_bytes()
    return json.loads(gzip.decompress(content) if name.endswith(".gz") else content)


def plain(values: Any) -> Any:
    return json.loads(json.dumps(values))


def test_what_ships_is_what_the_code_makes() -> None:
    assert shipped("model.json") == plain(model_values()), "make playground writes it again"
    for name in CODES:
        assert shipped(f"{name}.json.gz") == plain(network_values(name)), "make playground writes it again"
    kept, some = shipped("vectors.json.gz"), range(3, 1000, 97)
    again = plain(vectors(some))
    assert [kept["networks"][seed] for seed in some] == again["networks"], "make playground writes it again"
    assert len(kept["networks"]) == 1000


def test_the_chip_of_the_editor_is_what_its_python_says() -> None:
    assert eval(EDITOR_CODE, {"PRESETS": PRESETS}) == EDITOR
    assert all(chip_values(EDITOR)["pJ"][name] > 0 for name in COUNTERS)


def test_a_folder_has_all_of_the_page_and_overwrites_nothing_else(tmp_path: Path) -> None:
    (found,) = playground(out=tmp_path / "page")
    assert isinstance(found, Playground) and found.page == tmp_path / "page" / "index.html"
    assert sum(file.stat().st_size for file in (tmp_path / "page").rglob("*")) < MOST
    copy_page(tmp_path / "page")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").touch()
    with pytest.raises(ToolError, match="other files"):
        copy_page(tmp_path / "other")


def test_it_is_served_until_it_ends_and_a_taken_port_is_told() -> None:
    serving = playground(browser=False)
    found = next(serving)
    assert isinstance(found, Playground) and found.address
    port = int(found.address.rsplit(":", 1)[1].rstrip("/"))
    with pytest.raises(ToolError, match=f"port {port} cannot be had"):
        next(playground(port=port, browser=False))
    serving.close()


def test_scripts_and_modules_have_their_media_types() -> None:
    with server() as pages:
        thread = threading.Thread(target=pages.serve_forever)
        thread.start()
        try:
            for file, kind in (("js/main.js", "text/javascript"), (f"{DATA}/narrow.wasm", "application/wasm")):
                assert urlopen(address(pages) + file).headers["Content-Type"] == kind
        finally:
            pages.shutdown()
            thread.join()
