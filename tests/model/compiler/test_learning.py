"""What learning makes of an image, in numbers: rows apart, rules, traces, kernels, registers; and what is refused."""

import numpy as np
import pytest

from ganglion.model.compiler import compile_program
from ganglion.model.compiler.bounds import accumulator_bounds, check_accumulators
from ganglion.model.compiler.layout import Places
from ganglion.model.compiler.place.load import RESOURCES, load_of
from ganglion.model.compiler.usage import Resource
from ganglion.model.spec.errors import AccumulatorBoundError, PlacementError
from ganglion.model.spec.learning import Learning
from ganglion.model.spec.learning_memories import pre_trace_layout, terms_layout
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program
from ganglion.model.spec.registers import Register
from ganglion.model.spec.rule_text import parse_rule
from ganglion.model.spec.synaptic_traces import Kernel, PostTrace, PreTrace

PARAMS = PRESETS["tiny-learning"]

RULES = (
    parse_rule("dw = y0 * x1 / 8 - x0 * y1 / 16", name="pairs", low=-3, high=5),
    parse_rule("de = x1 * y0 * y2; dw = r1 * e", name="drawn", rounding="stochastic"),
)


def program(**changes: object) -> Program:
    """Two inputs to the four neurons of two lanes: input 0 by the first rule, input 1 by the second, twice."""
    values: dict[str, object] = {
        "types": (
            NeuronType(),
            NeuronType(traces=(PostTrace(jump=9, mode="set"), PostTrace(feed="membrane", bounds=(3,), values=(-1, 4)))),
        ),
        "threshold": [5, 5, 5, 5],
        "type": [0, 1, 1, 1],
        "inputs": 2,
        "pre": np.repeat([0, 1, 1], 4),
        "post": np.tile([2, 3, 4, 5], 3),
        "weight": 1,
        "rule": np.repeat([1, 2, 2], 4),
        "learning": Learning(
            epoch=7, pre=(PreTrace(jump=21, kernel=1),), kernels=(Kernel((256, 0)), Kernel((256, 7, 0))), rules=RULES
        ),
    }
    return Program.build(params=PARAMS, **{**values, **changes})  # type: ignore[arg-type]


def test_rows_are_of_one_rule_receptor_and_copy() -> None:
    image = compile_program(program(receptor=np.repeat([0, 0, 1], 4)))
    rows = image.columns(Memory.AXONS)
    told = [tuple(int(rows[name][k]) for name in ("rule", "receptor", "copy", "source")) for k in range(3)]
    assert sorted(told) == [(1, 0, 0, 0), (2, 0, 0, 1), (2, 1, 1, 1)]
    assert rows["more"][:3].sum() == 1


def test_rules_are_a_head_and_their_terms() -> None:
    image = compile_program(program())
    heads = image.columns(Memory.RULES)
    chunks = image.cores[0].memories[Memory.RULES].chunks
    terms = terms_layout(PARAMS).unpack_rows(chunks)
    first, second = 0, PARAMS.terms + 1
    names = ("low", "high", "stochastic", "quiet", "tagged", "count")
    assert [int(heads[name][first]) for name in names] == [-3, 5, 0, 1, 0, 2]
    assert [int(heads[name][second]) for name in names] == [-8, 7, 1, 1, 1, 2]
    fields = ("destination", "dependency", "factor1", "factor2", "factor3", "scale", "shift")
    assert [int(terms[name][first + 1]) for name in fields] == [0, 2, 2, 0, 0, 1, 13]
    assert [int(terms[name][first + 2]) for name in fields] == [0, 1, 5, 0, 0, -1, 12]
    assert [int(terms[name][second + 1]) for name in fields] == [1, 2, 2, 6, 0, 1, 16]
    assert [int(terms[name][second + 2]) for name in fields] == [0, 0, 9, 11, 0, 1, 16]
    assert not chunks[first + 3 : second].any() and not chunks[second + 3 :].any()


def test_traces_kernels_and_registers_are_what_the_network_shares() -> None:
    image = compile_program(program())
    traces = image.columns(Memory.TRACES)
    slot = PARAMS.types
    assert [int(traces[name][1]) for name in ("feed", "kernel", "jump", "set")] == [1, 0, 9, 1]
    assert [int(traces[f"bound{k}"][slot + 1]) for k in range(4)] == [3, 127, 127, 127]
    assert [int(traces[f"value{k}"][slot + 1]) for k in range(5)] == [-1, 4, 4, 4, 4]
    assert traces["feed"][slot + 1] == 3
    assert not traces["feed"][0] and not traces["feed"][2 * slot :].any()
    assert image.columns(Memory.KERNELS)["value"][:16].tolist() == [256] + [0] * 7 + [256, 7] + [0] * 6
    registers = image.cores[0].memories[Memory.REGISTERS]
    values = memories(PARAMS)[Memory.REGISTERS].layout.unpack_rows(registers.chunks)["value"].tolist()
    loaded = dict(zip(range(registers.first, registers.first + len(values)), values, strict=True))
    assert loaded[Register.EPOCH_STEPS] == 7 and loaded[Register.LEARNING] == 1
    x1 = pre_trace_layout(PARAMS).unpack(loaded[Register.PRE_TRACE_1])
    assert x1 == {"jump": 21, "kernel": 1, "set": 0} and loaded[Register.PRE_TRACE_2] == 0


def test_a_chip_that_learns_runs_networks_that_do_not() -> None:
    plain = program(learning=None, rule=0, types=(NeuronType(), NeuronType()))
    image = compile_program(plain)
    assert not image.columns(Memory.AXONS)["rule"].any() and not image.columns(Memory.RULES)["count"].any()


def test_a_dense_row_that_learns_is_full() -> None:
    compile_program(program(), encoding="dense")
    message = "cannot hold rule 'pairs' of synapse 0, from 0 to neuron 0: .* each of the 2 lanes"
    with pytest.raises(PlacementError, match=message):
        compile_program(program(), encoding="dense", placement=[0, 2, 4, 7])
    image = compile_program(program(), placement=[0, 2, 4, 7])
    assert not image.columns(Memory.AXONS)["dense"][image.synapses.axon].any()


def test_bounds_are_over_the_clip_range_at_each_receptor() -> None:
    low, high = accumulator_bounds(program())
    assert low.tolist() == [-3 - 8 - 8] * 4 and high.tolist() == [5 + 7 + 7] * 4
    errors = program(receptor=np.repeat([1, 0, 1], 4))
    assert [each.tolist() for each in accumulator_bounds(errors, 1)] == [[-11] * 4, [12] * 4]
    many = program(pre=np.tile(np.repeat([0, 1], 4), 12), post=np.tile([2, 3, 4, 5], 24), rule=1, weight=0)
    with pytest.raises(AccumulatorBoundError, match="can receive 120"):
        check_accumulators(many, 7)


def test_the_load_of_a_placement_counts_rows_by_kind() -> None:
    apart = program(receptor=np.repeat([0, 0, 1], 4))
    places = Places(np.zeros(4, dtype=np.int64), np.arange(4))
    load = load_of(apart, places)
    assert load.used[0, RESOURCES.index(Resource.AXONS)] == 3 == compile_program(apart).usage[0][Resource.AXONS].used
    assert load.reach.tolist() == [[0, 0], [1, 0]]
