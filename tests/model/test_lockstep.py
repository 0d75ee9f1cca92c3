"""What lockstep says where two targets differ: who has what, where, and how to see it again."""

from pathlib import Path

import pytest

from ganglion.model.lockstep import lockstep
from ganglion.model.random_network import random_network
from ganglion.model.spec.errors import MismatchError
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.trace import Trace

NETWORK = random_network(PRESETS["tiny"], 5)


class Placed(Reference):
    """A reference that says it is on a chip, and goes wrong in the last neuron's membrane in step 7."""

    name = "placed"

    def take_step(self, axons: object = ()) -> list[int]:
        spikes = super().take_step(axons)  # type: ignore[arg-type]
        if self.t == 8:
            self.v[-1] ^= 1
        return spikes

    def place_of(self, neuron: int) -> str:
        return f"core {neuron % 3}"

    def record(self, events: Events, steps: int, path: Path) -> Trace:
        path.write_text(f"the last {steps} steps of {events.steps}")
        again = Placed(self.program)
        again.run(events.part(0, events.steps - steps))
        return again.run(events.part(events.steps - steps, events.steps), keep_states=True)


def complaint(target: Reference, right: Reference, **named: object) -> str:
    with pytest.raises(MismatchError) as caught:
        lockstep(NETWORK.program, NETWORK.events, target, right, **named)  # type: ignore[arg-type]
    return str(caught.value)


def test_a_difference_names_the_core_and_both_targets() -> None:
    program = NETWORK.program
    last = program.neurons - 1
    neuron = f"core {last % 3}, neuron {program.name_of(last)} (number {last}), v"
    wrong, right = Placed(program), Reference(program)
    assert f"step 7, {neuron}: placed has " in complaint(wrong, right)
    assert ", reference has " in complaint(wrong, right)
    # Whichever of the two is on the chip; and under another name where one is given.
    assert f"step 7, {neuron}: here has " in complaint(right, wrong, name="here")
    assert ", placed has " in complaint(right, wrong, name="here")


def test_no_core_is_named_where_there_is_no_chip() -> None:
    wrong = Reference(NETWORK.program)
    wrong.threshold = [value - 20 for value in wrong.threshold]
    assert "core" not in complaint(wrong, Reference(NETWORK.program))


def test_the_waveform_is_that_of_the_last_steps(tmp_path: Path) -> None:
    message = complaint(
        Placed(NETWORK.program), Reference(NETWORK.program), waveform=tmp_path / "wave.vcd", replay="ganglion verify"
    )
    assert "see it again: ganglion verify\n" in message
    assert message.endswith(f"waveform: {tmp_path / 'wave.vcd'}")
    assert (tmp_path / "wave.vcd").read_text() == "the last 4 steps of 8"
    # A target that is no simulation has none.
    other = complaint(Reference(NETWORK.program), Placed(NETWORK.program), waveform=tmp_path / "none.vcd")
    assert "waveform" not in other and not (tmp_path / "none.vcd").exists()


def test_equal_runs_are_returned() -> None:
    run = lockstep(NETWORK.program, NETWORK.events, Reference(NETWORK.program), Reference(NETWORK.program))
    assert run.got == run.wanted and run.got.steps == NETWORK.events.steps and not run.got.states
    assert min(run.seconds) > 0
