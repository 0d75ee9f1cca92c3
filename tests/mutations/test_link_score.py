"""Mutants of a link in one netlist: the link is among them, as it is, and what Yosys changes is seen."""

import pytest

from ganglion.model.spec.frames import LinkVersion
from tests.mutations.link_bench import LinkBench
from tests.mutations.link_stimuli import recordings
from tests.mutations.link_top import link_mutants
from tests.mutations.mutate import Mutant

pytestmark = [pytest.mark.sim, pytest.mark.flow]

SAMPLE = 120
"""Mutants that Yosys is asked for; it takes others for every other link."""

LEAST = 0.85
"""Of the sample. Of the rest, some change nothing that can be seen, and some wait for longer conversations."""

LINK = Mutant(0, "", "")


@pytest.mark.parametrize("version", [LinkVersion.PLAIN, pytest.param(LinkVersion.COMPACT, marks=pytest.mark.slow)])
def test_a_sample_of_mutants_of_a_link_is_seen(version: LinkVersion) -> None:
    """Of the larger link by night: to build it takes half of the time again."""
    made = link_mutants(version, SAMPLE)
    bench = LinkBench(made, quick=True)
    recorded = recordings(bench, version, 0)
    assert len(made.mutants) >= SAMPLE - 10
    unseen = [mutant for mutant in made.mutants if bench.seen_by(mutant, recorded) is None]
    assert bench.seen_by(LINK, recorded) is None, "a mutant has left something"
    seen = 1 - len(unseen) / len(made.mutants)
    survivors = "\n".join(f"{mutant.module}: {mutant.what}" for mutant in unseen)
    assert seen >= LEAST, f"{seen:.1%} of {len(made.mutants)} were seen; not these:\n{survivors}"
