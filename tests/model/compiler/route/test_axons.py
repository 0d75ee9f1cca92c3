"""Numbers of axons: shared wherever they can be, and right where they cannot."""

import numpy as np
import pytest

from ganglion.model.compiler import compile_program, unpack
from ganglion.model.compiler.layout import Destinations, Places
from ganglion.model.compiler.route.axons import Chains, assign_axons
from ganglion.model.compiler.usage import Resource
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.packets import Scope
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.tree import cores_of, route_of
from tests.model.compiler.place.test_many_cores import entries_of

CHIP = Params(name="sixteen", neurons=8, axons=16, synapse_words=64, fanout_entries=64, levels=(4, 4))


def one_sender(cores: list[int], home: int) -> list[tuple[Scope, int, int]]:
    """The fan-out entries of a neuron in one core that drives one neuron in each of these cores."""
    targets = [core for core in cores if core != home]
    program = Program.build(
        params=CHIP,
        types=(NeuronType(),),
        threshold=np.ones(1 + len(targets), dtype=np.int64),
        inputs=0,
        pre=np.zeros(len(cores), dtype=np.int64),
        post=[1 + targets.index(core) if core != home else 0 for core in cores],
        weight=1,
        outputs=[],
    )
    places = np.array([[home, 0], *([core, 0] for core in targets)])
    return entries_of(compile_program(program, placement=places), 0)


def test_a_subtree_takes_one_entry() -> None:
    """Whatever cores below one router, wherever the sender sits, and whether it hears itself or not."""
    for home in (0, 2, 5, 15):
        for mask in range(1, 16):
            cores = [4 + k for k in range(4) if mask >> k & 1]
            entries = one_sender(cores, home)
            if cores == [home]:
                assert entries == [(Scope.CORE, 0, 0)]
            elif home // 4 == 1:
                assert entries == [(Scope.LEVEL_1, mask, 0)]
            else:
                assert entries == [(Scope.LEVEL_2, route_of([mask, 2]), 0)]


def test_equal_parts_of_many_subtrees_take_one_entry() -> None:
    assert one_sender([1, 3, 9, 11, 13, 15], home=1) == [(Scope.LEVEL_2, route_of([0b1010, 0b1101]), 0)]
    assert one_sender(list(range(16)), home=7) == [(Scope.LEVEL_2, route_of([15, 15]), 0)]
    assert len(one_sender([0, 5], home=0)) == 2
    assert [scope for scope, _, _ in one_sender([0, 5], home=0)] == [Scope.CORE, Scope.LEVEL_2]


def served(levels: tuple[int, ...], destinations: Destinations, source: int) -> dict[int, int]:
    """The core and axon of each delivery of a source."""
    span = slice(int(destinations.start[source]), int(destinations.start[source + 1]))
    found: dict[int, int] = {}
    for route, axon in zip(destinations.route[span].tolist(), destinations.axon[span].tolist(), strict=True):
        for core in cores_of(levels, route):
            assert core not in found
            found[core] = axon
    return found


def random_chains(rng: np.random.Generator, cores: int, sources: int, longest: int) -> list[Chains]:
    chains = []
    for _ in range(cores):
        heard = np.flatnonzero(rng.random(sources) < rng.choice([0.1, 0.4, 0.9]))
        chains.append(Chains(heard, rng.integers(1, longest + 1, heard.size)))
    return chains


@pytest.mark.parametrize("levels", [(2,), (4,), (4, 2), (2, 2, 2)], ids=str)
@pytest.mark.parametrize("spare", [0, 1, 5])
def test_tables_filled_to_the_last_row(levels: tuple[int, ...], spare: int) -> None:
    """However few rows are left over, every chain of every core gets rows of its own, inside the table."""
    shared = cut = 0
    for seed in range(40):
        rng = np.random.default_rng((seed, spare))
        chains = random_chains(rng, int(np.prod(levels)), sources=30, longest=int(rng.integers(1, 5)))
        rows = max(1, max(int(chain.length.sum()) for chain in chains)) + spare
        destinations, first = assign_axons(chains, 30, CHIP.replace(axons=rows, levels=levels))
        for core, chain in enumerate(chains):
            taken = [row for begin, n in zip(first[core], chain.length, strict=True) for row in range(begin, begin + n)]
            assert len(taken) == len(set(taken)) and all(0 <= row < rows for row in taken), f"seed {seed}"
            for source, row in zip(chain.source.tolist(), first[core].tolist(), strict=True):
                assert served(levels, destinations, source)[core] == row
        for source in range(30):
            asked = {core for core, chain in enumerate(chains) if source in chain.source}
            axons = served(levels, destinations, source)
            assert axons.keys() == asked, f"seed {seed}"
            shared += len(axons) - len(set(axons.values()))
            cut += len(set(axons.values())) > 1
    assert shared and cut, "some numbers were shared, and some could not be"


def test_a_core_without_a_long_enough_run_fills_its_table_on_its_own() -> None:
    """Source 0 has rows 0 in both cores, so core 1 has rows 1 to 3 left: one for source 1, and no run of three."""
    chains = [
        Chains(np.array([0, 1]), np.array([1, 1])),
        Chains(np.array([1, 2]), np.array([1, 3])),
        Chains(np.array([0, 2]), np.array([2, 2])),
    ]
    destinations, first = assign_axons(chains, 3, CHIP.replace(axons=4, levels=(3,)))
    for core, chain in enumerate(chains):
        rows = sorted(r for f, n in zip(first[core], chain.length, strict=True) for r in range(f, f + n))
        assert rows == sorted(set(rows)) and rows[-1] < 4
        assert [served((3,), destinations, s)[core] for s in chain.source.tolist()] == first[core].tolist()


def crowd(axons: int, words: int = 1024, entries: int = 64) -> Program:
    """64 neurons on four cores, all heard by most cores, over many rows each where there are rows enough."""
    params = Params(
        name="crowd",
        neurons=16,
        axons=axons,
        weight_bits=4,
        synapse_words=words,
        fanout_entries=entries,
        delay_slots=4,
        accumulator_bits=16,
        levels=(4,),
    )
    rng = np.random.default_rng(1)
    source = rng.integers(64, size=2560)
    half = np.where(rng.random(2560) < rng.random(2560), 0, 8) + rng.integers(8, size=2560)
    return Program.build(
        params=params,
        types=(NeuronType(),),
        threshold=np.ones(64, dtype=np.int64),
        inputs=0,
        pre=source,
        post=half + 16 * np.where(rng.random(2560) < 0.5, source // 16, rng.integers(4, size=2560)),
        weight=1,
        delay=rng.integers(1, 4, size=2560),
        outputs=[],
    )


def test_rows_are_taken_by_what_is_scarce() -> None:
    """Rows up to half of the table; more of them where words are short, fewer where fan-out entries are."""
    number = np.arange(64)
    places = Places(number // 16, number % 16)

    def used(program: Program) -> list[int]:
        image = compile_program(program, placement=places)
        np.testing.assert_array_equal(unpack(image), expected)
        return [max(u[k].used for u in image.usage) for k in (Resource.AXONS, Resource.WORDS, Resource.ENTRIES)]

    expected = unpack(compile_program(crowd(512), placement=places))
    rows, words, entries = used(crowd(240))
    assert 64 < rows <= 120 and entries > 16
    more = used(crowd(240, words=words - 1))
    assert more[0] > 120 and more[1] < words and more[2] > entries
    fewer = used(crowd(240, entries=entries - 1))
    assert fewer[0] <= 64 and fewer[1] > words and fewer[2] < entries
