"""Random rows reach what they are for, repeat, and fit where the cheapest rows fit."""

import numpy as np
import pytest

from ganglion.model.compiler import Image, compile_program
from ganglion.model.compiler.usage import Resource
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.program import Program

ROOMY = Params(name="roomy", neurons=16, lanes=2, weight_bits=4, delay_slots=4, axons=512, fanout_entries=64)


def busy(params: Params, seed: int, inputs: int = 6) -> Program:
    """Random synapses, 20 for each input, to all neurons of the chip."""
    rng = np.random.default_rng(seed)
    count = 20 * inputs
    return Program.build(
        params=params,
        types=(NeuronType(),),
        threshold=np.zeros(params.neurons, dtype=np.int64),
        inputs=inputs,
        pre=rng.integers(inputs, size=count),
        post=inputs + rng.integers(params.neurons, size=count),
        weight=rng.integers(1, 8, size=count),
        delay=rng.integers(1, params.delay_slots, size=count),
    )


def rows(image: Image) -> list[dict[str, int]]:
    """The rows of the axon table that are in use."""
    used = image.usage[0][Resource.AXONS].used
    columns = image.columns(Memory.AXONS)
    return [{name: int(column[row]) for name, column in columns.items()} for row in range(used)]


def test_random_rows_are_of_every_kind() -> None:
    """Seeds 0 to 19: single rows, dense then sparse, sparse then dense, empty ones inside chains, long dense ones."""
    seen: set[str] = set()
    for seed in range(20):
        table = rows(compile_program(busy(ROOMY, seed), encoding="random", rng=np.random.default_rng(seed)))
        kinds = ["dense" if row["dense"] else "sparse" if row["length"] else "empty" for row in table]
        for row, kind, following in zip(table, kinds, [*kinds[1:], ""], strict=True):
            seen.add(f"{kind} then {following}" if row["more"] else f"{kind} last")
            if row["dense"]:
                seen.add("part of a word" if row["length"] % ROOMY.beats else "whole words")
                seen.add("one word" if row["length"] <= ROOMY.beats else "many words")
    kinds = ["dense", "sparse", "empty"]
    chains = {f"{kind} then {following}" for kind in kinds for following in kinds} - {"empty then empty"}
    assert seen == chains | {f"{kind} last" for kind in kinds} | {
        "part of a word",
        "whole words",
        "one word",
        "many words",
    }


def test_random_repeats_with_its_seed() -> None:
    def packets(seed: int) -> list[int]:
        image = compile_program(busy(ROOMY, 1), encoding="random", rng=np.random.default_rng(seed))
        return image.packets().tolist()

    assert packets(5) == packets(5)
    assert packets(5) != packets(6)


@pytest.mark.parametrize("spare_rows", [0, 3])
@pytest.mark.parametrize("spare_words", [0, 3])
def test_random_fits_where_auto_fits(spare_rows: int, spare_words: int) -> None:
    for seed in range(20):
        needed = compile_program(busy(ROOMY, seed)).usage[0]
        tight = ROOMY.replace(
            axons=needed[Resource.AXONS].used + spare_rows, synapse_words=needed[Resource.WORDS].used + spare_words
        )
        compile_program(busy(tight, seed), encoding="random", rng=np.random.default_rng(seed))


def test_auto_goes_back_to_single_rows_where_rows_run_out() -> None:
    """From as many rows as it likes down to one per input, words only grow, and never pass those of sparse rows."""
    program = busy(ROOMY.replace(delay_slots=2), 3)
    most = compile_program(program).usage[0]
    sparse = compile_program(program, encoding="sparse").usage[0]
    axons, words = Resource.AXONS, Resource.WORDS
    assert most[axons].used > program.inputs and most[words].used < sparse[words].used
    last = 0
    for available in range(most[axons].used, program.inputs - 1, -1):
        usage = compile_program(program, program.params.replace(axons=available)).usage[0]
        assert usage[axons].used <= available
        assert last <= usage[words].used <= sparse[words].used
        last = usage[words].used


def test_a_quarter_of_a_million_synapses() -> None:
    """The largest board core: every input to every neuron; each word is full, so no encoding takes fewer."""
    params = PRESETS["board"].replace(synapse_words=1 << 15)
    source, target = np.divmod(np.arange(1 << 18), params.neurons)
    program = Program.build(
        params=params,
        types=(NeuronType(),),
        threshold=np.zeros(params.neurons, dtype=np.int64),
        inputs=1 << 10,
        pre=source,
        post=(1 << 10) + target,
        weight=1,
    )
    used = compile_program(program).usage[0]
    assert (used[Resource.WORDS].used, used[Resource.AXONS].used) == (1 << 15, 1 << 10)
