"""The bench of imports: each start is there, and loads no less than the one that it contains."""

import pytest

from ganglion.jobs import start

pytestmark = pytest.mark.long


def test_the_bench_times_every_start() -> None:
    bench = start.bench_start()
    modules = {each.what: each.modules for each in bench.starts}
    assert list(modules) == list(start.STARTS) and set(start.GOALS) <= set(modules)
    assert 0 < modules["import ganglion"] < modules["Program, Reference"] < modules["Rtl"]
    assert all(each.seconds > 0 for each in bench.starts)
    (rows,) = bench.shown()
    assert not isinstance(rows, str) and rows.row_count == len(start.STARTS)
    assert len(bench.to_dict()["starts"]) == len(start.STARTS)
