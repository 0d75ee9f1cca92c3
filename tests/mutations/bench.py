"""A chip with its mutants on Verilator, and what each of them is seen by."""

from collections.abc import Iterable, Iterator, Sequence

from ganglion.sim.build import Chip
from ganglion.sim.native import NativeDriver
from tests.mutations.equivalent import Proof, proof_of
from tests.mutations.mutate import Mutant, Netlist
from tests.mutations.netlist import choose
from tests.mutations.outcome import Outcome, Survivor
from tests.mutations.stimuli import Stimulus

CHOOSING = 4
"""Cycles in which a mutant is put to work, and more."""


class Bench:
    """A chip with its mutants, and what the chip itself answers."""

    def __init__(self, chip: Chip, stimuli: Sequence[Stimulus]) -> None:
        self.chip = chip
        self.stimuli = stimuli
        self.right = list(self.answers(0))

    def answers(self, number: int) -> Iterator[str | tuple[bytes, ...]]:
        """What a mutant does, stimulus by stimulus, from the power on."""
        driver = NativeDriver(self.chip, quick=True)
        try:
            # Not an exchange, which waits for a mutant that is never at rest; a stimulus begins with a reset.
            driver.interrupt(choose(number), CHOOSING)
            for stimulus in self.stimuli:
                yield stimulus.answer(driver)
        finally:
            driver.close()

    def seen_by(self, mutant: Mutant) -> str | None:
        """The first stimulus with which a mutant does not what the chip does."""
        answers = zip(self.stimuli, self.answers(mutant.number), self.right, strict=True)
        return next((stimulus.name for stimulus, answer, right in answers if answer != right), None)

    def unseen(self, mutants: Iterable[Mutant]) -> list[Mutant]:
        """Those of the mutants that do what the chip does."""
        return [mutant for mutant in mutants if self.seen_by(mutant) is None]


WHY = {
    Proof.DIFFERS: "packets tell it apart where memories answer anything; whether they do with what is in them is open",
    Proof.UNKNOWN: "the solver gave up",
}
"""What is known of survivors."""


def outcome(part: str, made: Netlist, unseen: Sequence[Mutant]) -> Outcome:
    """Sorts those that were not seen into the equivalent, by proof, and the survivors."""
    right = made.copy(0)
    proofs = {mutant: proof_of(right, made.copy(mutant.number)) for mutant in unseen}
    left = tuple(Survivor(part, m.module, m.what, WHY[proof]) for m, proof in proofs.items() if proof in WHY)
    return Outcome(part, len(made.mutants), len(made.mutants) - len(unseen), len(unseen) - len(left), left)
