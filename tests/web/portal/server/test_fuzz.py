"""Whatever is sent, the portal has an answer: never one of 5xx, which would be its own mistake."""

import pytest

from tests.web.portal.running import Running
from tests.web.portal.server.fuzz import Fuzzer


def fuzzed(portal: Running, seed: int, seconds: float, most: int) -> Fuzzer:
    fuzzer = Fuzzer(portal, seed)
    try:
        fuzzer.run(seconds, most)
    finally:
        fuzzer.close()
    return fuzzer


def test_a_few_strange_requests(portal: Running) -> None:
    seen = fuzzed(portal, 1, 60.0, 150).seen
    assert {200, 401, 403, 404, 422} <= set(seen), "some are refused, and some come through"


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_strange_requests_for_ten_minutes(portal: Running) -> None:
    """Ten minutes of requests that are changed at random: no answer of 5xx."""
    seen = fuzzed(portal, 2, 600.0, 10_000_000).seen
    assert sum(seen.values()) > 1000
