"""The mutation score: of the mutants of each part, how many the checks see.

Run `python -m tests.mutations.score` in the root of the repository, with the names of parts for some of them alone.
What a mutant of a chip does is held against what the chip itself does on the same packets: random networks with random
stalls, whose spikes, counters, cycles and state after the last step are read, resets, and packets of any kind.
`tests/sim` holds the chip itself to the reference and the cycle model on the same networks, so what differs here fails
there. Those that were not seen are proved to do the same where they do, and do not count then. Mutants of Python are in
`programs`.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from typing import ParamSpec

from rich.console import Console
from rich.progress import track

from ganglion.model.spec.params import PRESETS, Params
from tests.mutations import equivalent, link_score, programs
from tests.mutations.bench import Bench, outcome
from tests.mutations.change import LOCKSTEPS, TREE
from tests.mutations.netlist import mutants
from tests.mutations.outcome import Outcome, history, survivors, table_of
from tests.mutations.stimuli import Stimulus, stimuli
from tests.mutations.tree_stimuli import tree_stimuli

Arguments = ParamSpec("Arguments")

CORE_NETWORKS = 40
"""Random networks, seeds from 0, with what else `stimuli` has for them, after which a mutant has survived."""


def core(count: int, seed: int) -> Outcome:
    """The whole chip of preset `tiny`: one core, and the port to the host."""
    params = PRESETS["tiny"]
    return _chip("core", params, stimuli(params, CORE_NETWORKS), count, seed)


def tree(count: int, seed: int) -> Outcome:
    """What is around the cores of a chip of four: routers on two levels, links of 16 wires, the port to the host."""
    params = LOCKSTEPS[TREE]
    return _chip("tree", params, tree_stimuli(params), count, seed)


def _chip(part: str, params: Params, given: Sequence[Stimulus], count: int, seed: int) -> Outcome:
    made = mutants(params, count, seed)
    bench = Bench(made.chip, given)
    return outcome(part, made, bench.unseen(track(made.mutants, part, console=Console(stderr=True))))


def alone(measure: Callable[Arguments, Outcome]) -> Callable[Arguments, Outcome]:
    """In a process of its own, whose functions may be changed."""

    def call(*arguments: Arguments.args, **named: Arguments.kwargs) -> Outcome:
        with get_context("spawn").Pool(1) as pool:
            return pool.apply(measure, arguments, named)

    return call


def again(name: str) -> Outcome:
    """A part in Python, of which the survivors of the last time alone are tried."""
    part = next(part for part in programs.PARTS if part.name == name)
    last = [measured for measured in history() if measured.part == name][-1]
    return alone(part.measure_again)(last, [survivor for survivor in survivors() if survivor.part == name])


PARTS: dict[str, tuple[Callable[[int, int], Outcome], int]] = {
    "core": (core, 2000),
    "tree": (tree, 1060),
    "link": (link_score.link, 1060),
    "plain link": (link_score.plain_link, 600),
    **{part.name: (alone(part.measure), 300) for part in programs.PARTS},
}
"""What is measured, and how many mutants are asked for."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Count how many mutants of each part the checks see.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all where none is named")
    parser.add_argument("--mutants", type=int, help="how many are made of each part")
    parser.add_argument("--seed", type=int, default=1, help="of the choice (%(default)s)")
    parser.add_argument(
        "--again", action="store_true", help="of parts in Python, only the survivors of the last time, with all cases"
    )
    parser.add_argument(
        "--solver-seconds",
        type=int,
        metavar="N",
        help="of the processor at most for a question to ABC; with fewer, more mutants stay unproved, and survive",
    )
    parser.add_argument("--record", action="store_true", help="add a line to the history, and list the survivors")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    of_python = {part.name for part in programs.PARTS}
    if arguments.again and not of_python.issuperset(arguments.parts or PARTS):
        parser.error(f"--again is for {', '.join(sorted(of_python))}")
    if arguments.solver_seconds is not None:
        if arguments.solver_seconds < 1:
            parser.error(f"--solver-seconds must be 1 or more, not {arguments.solver_seconds}")
        equivalent.limit(arguments.solver_seconds)
    console, now = Console(), []
    for name in arguments.parts or PARTS:
        measure, count = PARTS[name]
        found = again(name) if arguments.again else measure(arguments.mutants or count, arguments.seed)
        for survivor in found.survivors:
            console.print(
                f"{survivor.module}: {survivor.change}: {survivor.why}", highlight=False, markup=False, soft_wrap=True
            )
        if arguments.record:
            found.record()
        now.append(found.measured)
    console.print(table_of([*history(), *([] if arguments.record else now)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
