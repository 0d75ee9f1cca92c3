"""The mutation score of a link: its mutants, held to what the link does with a host."""

from rich.console import Console
from rich.progress import track

from ganglion.model.spec.frames import LinkVersion
from tests.mutations.bench import outcome
from tests.mutations.link_bench import LinkBench
from tests.mutations.link_stimuli import recordings
from tests.mutations.link_top import link_mutants
from tests.mutations.outcome import Outcome

ROUNDS = 3
"""Times that everything is drawn anew, after which a mutant has survived."""


def link(count: int, seed: int) -> Outcome:
    """The link that speaks tokens, and a UART."""
    return _score("link", LinkVersion.COMPACT, count, seed)


def plain_link(count: int, seed: int) -> Outcome:
    """The link of the first version, and a UART."""
    return _score("plain link", LinkVersion.PLAIN, count, seed)


def _score(part: str, version: LinkVersion, count: int, seed: int) -> Outcome:
    made = link_mutants(version, count, seed)
    bench = LinkBench(made)
    recorded = recordings(bench, version, ROUNDS)
    watched = track(made.mutants, part, console=Console(stderr=True))
    return outcome(part, made, [mutant for mutant in watched if bench.seen_by(mutant, recorded) is None])
