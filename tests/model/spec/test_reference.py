"""The reference against docs/developer/architecture.md, section 3: each rule in a case that a hand can check."""

from collections.abc import Sequence
from typing import Any

import pytest

from ganglion.model.spec import reference as reference_module
from ganglion.model.spec.decay import NEVER
from ganglion.model.spec.errors import EventError, ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from tests.model.chips import BYTES

NO_SYNAPSES: tuple[tuple[int, ...], ...] = ()


def network(
    neuron_type: NeuronType | None = None,
    synapses: Sequence[tuple[int, ...]] = NO_SYNAPSES,
    *,
    threshold: Sequence[int] = (127,),
    inputs: int = 2,
    **changes: Any,
) -> Reference:
    """Neurons of one type with synapses (source, neuron, weight, delay), where sources 0 and 1 are the inputs."""
    source, neuron, weight, delay = zip(*synapses, strict=True) if synapses else ((), (), (), ())
    return Reference(
        Program.build(
            params=BYTES,
            types=(neuron_type or NeuronType(),),
            threshold=threshold,
            inputs=inputs,
            pre=source,
            post=[inputs + number for number in neuron],
            weight=weight,
            delay=delay,
            **changes,
        )
    )


def membranes(chip: Reference, steps: int, axons: dict[int, list[int]] | None = None) -> list[int]:
    """The membrane of neuron 0 after each step, where step t brings the events axons[t]."""
    values = []
    for step in range(steps):
        chip.step((axons or {}).get(step, []))
        values.append(chip.v[0])
    return values


def spikes(chip: Reference, steps: int, axons: dict[int, list[int]] | None = None) -> list[list[int]]:
    """The neurons that fire in each step."""
    return [chip.step((axons or {}).get(step, [])) for step in range(steps)]


class TestUpdate:
    @pytest.mark.parametrize(
        ("decay", "start", "after"),
        [
            (NEVER, 100, [100, 100]),
            ((1, 0), 100, [0, 0]),
            ((1, 2), 100, [75, 57, 43]),
            ((1, 2), 3, [3, 3]),
            ((1, 2), -1, [0, 0]),
            ((1, 2), -5, [-3, -2, -1, 0]),
            ((3, 2), 5, [2, 1, 1]),
            ((3, 2), -5, [-1, 0]),
            ((4096, 12), 77, [0]),
            ((1, 12), -128, [-127, -126]),
        ],
    )
    def test_decay_rounds_towards_minus_infinity(self, decay: tuple[int, int], start: int, after: list[int]) -> None:
        """A positive membrane may stay above 0; a negative one always reaches it."""
        chip = network(NeuronType(decay=decay))
        chip.write("v", 0, start)
        assert membranes(chip, len(after)) == after

    def test_the_bias_is_added_each_step(self) -> None:
        assert membranes(network(bias=-3), 3) == [-3, -6, -9]

    def test_a_membrane_at_its_threshold_does_not_spike(self) -> None:
        chip = network(bias=5, threshold=[10], neuron_type=NeuronType(v_reset=-1))
        assert spikes(chip, 3) == [[], [], [0]]
        assert chip.v == [-1]

    def test_a_negative_threshold_spikes_at_rest(self) -> None:
        assert spikes(network(threshold=[-1]), 2) == [[0], [0]]
        assert spikes(network(threshold=[0]), 2) == [[], []]

    def test_reset_by_subtraction_keeps_the_rest(self) -> None:
        chip = network(NeuronType(reset="subtract"), bias=25, threshold=[10])
        assert spikes(chip, 1) == [[0]]
        assert chip.v == [15]

    def test_reset_by_subtraction_saturates(self) -> None:
        chip = network(NeuronType(reset="subtract"), bias=100, threshold=[-128])
        assert spikes(chip, 1) == [[0]]
        assert chip.v == [127]

    def test_membranes_saturate(self) -> None:
        assert membranes(network(bias=100), 3) == [100, 127, 127]
        assert membranes(network(bias=-100), 3) == [-100, -128, -128]

    def test_membranes_saturate_once_after_all_is_added(self) -> None:
        """-128 - (-64) + 127 + 100 is one sum, cut off once at its end."""
        chip = network(NeuronType(decay=(1, 1)), [(0, 0, 127, 1)], bias=100)
        chip.step([0])
        chip.write("v", 0, -128)
        assert membranes(chip, 1) == [127]
        chip = network(NeuronType(decay=(1, 1)), [(0, 0, -128, 1)], bias=100)
        chip.step([0])
        chip.write("v", 0, 127)
        assert membranes(chip, 1) == [127 - 63 - 128 + 100]

    def test_types_thresholds_and_biases_are_the_neurons_own(self) -> None:
        program = Program.build(
            params=BYTES,
            types=(NeuronType(v_reset=-7), NeuronType(reset="subtract")),
            threshold=[3, 5],
            bias=[4, 7],
            type=[0, 1],
            inputs=0,
            pre=[],
            post=[],
            weight=[],
        )
        chip = Reference(program)
        assert chip.step() == [0, 1]
        assert chip.v == [-7, 2]


class TestRefractory:
    def test_the_period_counts_the_steps_without_update(self) -> None:
        chip = network(NeuronType(refractory=2), bias=1, threshold=[0])
        assert spikes(chip, 7) == [[0], [], [], [0], [], [], [0]]

    def test_input_of_refractory_steps_is_discarded_and_nothing_decays(self) -> None:
        neuron_type = NeuronType(
            refractory=2,
            v_reset=-40,
            decay=(1, 1),
            current_decay=(1, 2),
            adaptation_decay=(1, 1),
            adaptation_raise=8,
        )
        chip = network(neuron_type, [(0, 0, 100, 1)], threshold=[90])
        assert spikes(chip, 2, {0: [0]}) == [[], [0]]
        assert (chip.v, chip.u, chip.a, chip.refractory) == ([-40], [100], [8], [2])
        chip.step([0])
        assert (chip.v, chip.u, chip.a, chip.refractory) == ([-40], [100], [8], [1])
        assert chip.accumulators[3] == [100]
        chip.step()
        assert (chip.v, chip.u, chip.a, chip.refractory) == ([-40], [100], [8], [0])
        assert chip.accumulators[3] == [0], "read and cleared all the same"
        chip.step()
        assert (chip.v, chip.u, chip.a) == ([-40 + 20 + 75], [75], [4])


class TestDelivery:
    @pytest.mark.parametrize("delay", [1, 2, 3])
    def test_a_weight_arrives_after_its_delay(self, delay: int) -> None:
        chip = network(synapses=[(0, 0, 9, delay)])
        assert membranes(chip, 5, {0: [0]}) == [0] * delay + [9] * (5 - delay)

    def test_slots_are_a_ring(self) -> None:
        chip = network(synapses=[(0, 0, 1, 3), (1, 0, 10, 1)])
        chip.step([0])
        assert chip.accumulators == [[0], [0], [0], [1]]
        chip.step([0, 1])
        assert chip.accumulators == [[1], [0], [10], [1]]
        assert membranes(chip, 4) == [10, 11, 12, 12]
        assert chip.accumulators == [[0], [0], [0], [0]]

    def test_a_spike_is_not_seen_in_its_own_step(self) -> None:
        """A chain of three neurons fires one after the other, whatever the order in which they are updated."""
        for chain in ((0, 1, 2), (2, 1, 0)):
            synapses = [(0, chain[0], 5, 1), (2 + chain[0], chain[1], 5, 1), (2 + chain[1], chain[2], 5, 1)]
            fired = spikes(network(synapses=synapses, threshold=[4] * 3), 5, {0: [0]})
            assert fired == [[], [chain[0]], [chain[1]], [chain[2]], []]

    def test_a_neuron_may_excite_itself(self) -> None:
        chip = network(synapses=[(0, 0, 5, 1), (2, 0, 5, 2)], threshold=[4])
        assert spikes(chip, 7, {0: [0]}) == [[], [0], [], [0], [], [0], []]

    def test_synapses_between_the_same_pair_both_count(self) -> None:
        chip = network(synapses=[(0, 0, 5, 1), (0, 0, 5, 1), (0, 0, -2, 1)])
        assert membranes(chip, 2, {0: [0]}) == [0, 8]
        assert chip.synops == 3

    def test_an_axon_may_fire_twice_in_a_step(self) -> None:
        assert membranes(network(synapses=[(0, 0, 5, 1)]), 2, {0: [0, 0]}) == [0, 10]

    def test_weights_of_zero_are_no_synops(self) -> None:
        chip = network(synapses=[(0, 0, 0, 1), (0, 0, 1, 2)])
        chip.step([0])
        assert chip.synops == 1


class TestAccumulators:
    def test_sums_are_taken_modulo_and_counted(self) -> None:
        """100 + 100 wraps to -56 in 8 bits; the guard bits still hold 200."""
        chip = network(synapses=[(0, 0, 100, 1), (1, 0, 100, 1)])
        chip.step([0, 1])
        assert chip.accumulators[1] == [200]
        assert membranes(chip, 1) == [-56]
        assert chip.overflows == 1

    def test_a_sum_that_comes_back_is_no_overflow(self) -> None:
        synapses = [(0, 0, 100, 1), (0, 0, 100, 1), (1, 0, -100, 1)]
        for order in ([0, 1], [1, 0]):
            chip = network(synapses=synapses)
            chip.step(order)
            assert membranes(chip, 1) == [100]
            assert chip.overflows == 0

    def test_guard_bits_wrap_too(self) -> None:
        """Sums are kept modulo 2^10: 6 * 127 = 762 is held as -262, and read as -6."""
        chip = network(synapses=[(0, 0, 127, 1)] * 6)
        chip.step([0])
        assert chip.accumulators[1] == [762 - 1024]
        assert membranes(chip, 1) == [-6]


class TestOptions:
    def test_a_current_charges_the_membrane_while_it_decays(self) -> None:
        chip = network(NeuronType.current_based(decay=NEVER, current_decay=(1, 1)), [(0, 0, 8, 1)])
        currents = []
        for step in range(5):
            chip.step([0] if step == 0 else [])
            currents.append((chip.u[0], chip.v[0]))
        assert currents == [(0, 0), (8, 8), (4, 12), (2, 14), (1, 15)]

    @pytest.mark.parametrize(("weight", "after"), [(100, [0, 100, 127, 127]), (-100, [0, -100, -128, -128])])
    def test_a_current_saturates(self, weight: int, after: list[int]) -> None:
        chip = network(NeuronType.current_based(decay=(1, 0), current_decay=NEVER), [(0, 0, weight, 1)])
        currents = []
        for step in range(4):
            chip.step([0] if step < 2 else [])
            currents.append(chip.u[0])
        assert currents == after

    def test_a_type_without_a_current_leaves_u_alone(self) -> None:
        chip = network(synapses=[(0, 0, 9, 1)])
        assert membranes(chip, 2, {0: [0]}) == [0, 9]
        assert chip.u == [0]

    def test_a_spike_raises_the_threshold_which_comes_back(self) -> None:
        """a rises by 8 at a spike and halves each step; a membrane of 12 passes 10 + a only where a < 2."""
        neuron_type = NeuronType.adaptive(decay=(1, 0), adaptation_decay=(1, 1), adaptation_raise=8)
        chip = network(neuron_type, bias=12, threshold=[10])
        history = [(chip.step(), chip.a[0]) for _ in range(5)]
        assert history == [([0], 8), ([], 4), ([], 2), ([0], 9), ([], 5)]

    def test_the_adaptation_saturates_and_is_not_subtracted(self) -> None:
        neuron_type = NeuronType(reset="subtract", adaptation_raise=30)
        chip = network(neuron_type, bias=100, threshold=[20])
        assert [(chip.step(), chip.v[0], chip.a[0]) for _ in range(2)] == [([0], 80, 30), ([0], 107, 31)]

    def test_the_adaptation_may_lower_the_threshold(self) -> None:
        neuron_type = NeuronType(decay=(1, 0), adaptation_raise=-5)
        chip = network(neuron_type, bias=12, threshold=[11])
        assert spikes(chip, 1) == [[0]]
        chip.write("bias", 0, 7)
        assert spikes(chip, 1) == [[0]], "7 > 11 - 5"

    def test_a_binary_neuron_has_no_memory(self) -> None:
        chip = network(NeuronType.binary(), [(0, 0, 5, 1)], threshold=[6])
        assert spikes(chip, 4, {0: [0], 1: [0, 0], 2: []}) == [[], [], [0], []]

    def test_noise_is_asked_for_by_seed_step_number_and_amplitude(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = []

        def noise(*arguments: int) -> int:
            asked.append(arguments)
            return 10 * arguments[1] + arguments[2]

        monkeypatch.setattr(reference_module, "noise", noise)
        chip = network(NeuronType(decay=(1, 0), noise=3), threshold=[127, 127], seed=42)
        chip.step()
        assert chip.v == [0, 1]
        chip.step()
        assert chip.v == [10, 11]
        assert asked == [(42, 0, 0, 3), (42, 0, 1, 3), (42, 1, 0, 3), (42, 1, 1, 3)]


class TestRun:
    def test_a_trace_holds_spikes_counters_and_states(self) -> None:
        chip = network(synapses=[(0, 1, 50, 1), (0, 0, 9, 2), (3, 0, 1, 1)], threshold=[127, 40])
        chip.step()
        trace = chip.run(Events.from_steps([[0], [1, 0], [], []]), keep_states=True)
        assert (trace.ran_on, trace.first, trace.steps) == ("reference", 1, 4)
        assert trace.spikes.tolist() == [[2, 1], [3, 1]]
        assert {name: values.tolist() for name, values in trace.counters.items()} == {
            "spikes": [0, 1, 1, 0],
            "synops": [2, 3, 1, 0],
            "overflows": [0, 0, 0, 0],
        }
        assert [state.v.tolist() for state in trace.states] == [[0, 0], [0, 0], [10, 0], [20, 0]]
        assert trace.states[0].accumulators.tolist() == [[0, 0], [0, 0], [0, 50], [9, 0]]

    def test_events_for_axons_that_are_not_there_are_refused(self) -> None:
        with pytest.raises(EventError, match=r"event 2, in step 1, is for axon 2; the network has axons 0 to 1"):
            network().run(Events.from_steps([[0, 1], [2]]))

    def test_fields_and_weights_are_written_and_kept_by_reset(self) -> None:
        chip = network(synapses=[(0, 0, 9, 1)])
        chip.write_weights(0, -4)
        chip.write("threshold", 0, 50)
        chip.step([0])
        chip.step()
        assert chip.v == [-4]
        chip.reset()
        assert (chip.v, chip.t, chip.threshold) == ([0], 0, [50])
        assert chip.weights().tolist() == [-4]
        with pytest.raises(ProgramError, match="'spikes' cannot be written; v, u, a, refractory"):
            chip.write("spikes", 0, 1)
