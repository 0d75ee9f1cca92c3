"""What a target can be asked about learning, between two steps."""

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ProgramError, described
from ganglion.model.spec.explained import explained
from ganglion.model.spec.limits import Limits
from ganglion.model.spec.program import Program
from ganglion.model.spec.rewiring import rewired
from ganglion.model.spec.state import MODULATORS


@explained(ProgramError)
class LearningTarget:
    """The part of `ganglion.model.spec.target.Target` that is about learning: all of it is checked here.

    A network that learns does so from its first step on, until learning is switched off.
    """

    name: str
    learns = False
    """Whether targets of this kind run networks that learn."""
    learns_not = "it knows no rules"
    """Why not, where they do not."""

    def __init__(self, program: Program, limits: Limits) -> None:
        if program.learning is not None and not self.learns:
            raise self._cannot("run a network that learns")
        self._program, self._limits = program, limits
        self._at_rest = True
        self._learning = program.learning is not None
        self._modulators = (0,) * MODULATORS

    @property
    def program(self) -> Program:
        """What it runs."""
        return self._program

    @property
    def learning(self) -> bool:
        """Whether the network learns in the steps to come. Where that is set to False, nothing of learning moves:
        weights, tags, traces, and the clock of epochs stay as they are.

        Raises:
            ProgramError: set to True, of a network without learning, or to what is neither True nor False.
        """
        return self._learning

    @learning.setter
    def learning(self, on: bool) -> None:
        if not isinstance(on, bool | np.bool_):
            raise ProgramError(f"learning must be True or False, not {described(on)}")
        if on and self._program.learning is None:
            raise ProgramError("the network has nothing that learns: give its program learning=, its projections rules")
        self._learning = bool(on)
        if self._program.learning is not None:
            self._switch_learning()

    @property
    def modulators(self) -> tuple[int, ...]:
        """Modulators r0 to r3 now; those that the chip lacks are 0."""
        return self._modulators

    def modulate(self, **modulators: int) -> None:
        """Set modulators, as in `modulate(r0=3)`; the others stay. A reset sets all to 0.

        Raises:
            ProgramError: the chip has no such modulator, or not the value; nothing was changed.
        """
        self._modulators = self._limits.check_modulators(self._modulators, modulators)
        self._at_rest = False
        self._write_modulators()

    def tags(self, synapses: npt.ArrayLike | None = None) -> IntArray:
        """Tags now, between two steps; 0 of a synapse that has no rule.

        Args:
            synapses: which, numbered as in the program; None is all.

        Returns:
            int64 of shape (synapses,).

        Raises:
            ProgramError: there is no such synapse.
        """
        which = None if synapses is None else self._limits.check_synapses(synapses)
        if self._program.learning is None:
            return np.zeros(self._limits.synapses if which is None else which.size, dtype=np.int64)
        return self._tags(which)

    def write_tags(self, synapses: npt.ArrayLike, values: npt.ArrayLike) -> None:
        """Set tags, between two steps.

        Args:
            synapses: one or several that have rules; of one that is there twice, the last value counts.
            values: one for all, or one for each.

        Raises:
            ProgramError: a synapse that is not there or has no rule, or a tag that does not fit; nothing was written.
        """
        numbers, wanted = self._limits.check_tags(synapses, values)
        self._at_rest = False
        self._write_tags(numbers, wanted)

    def rewire(
        self, synapses: npt.ArrayLike, *, pre: npt.ArrayLike | None = None, post: npt.ArrayLike | None = None
    ) -> IntArray:
        """Give synapses other ends, between two steps: structural plasticity. Weights, tags, and all other state stay.

        The program of the target is another one then. Its synapses are stored by their presynaptic ends, so where `pre`
        changes they have other numbers.

        Args:
            synapses: one or several, each once.
            pre: where they come from, one for all or one for each; None leaves it.
            post: where they end, numbered the same way: inputs first, then neurons.

        Returns:
            The number of each synapse in the program as it is now, shape (synapses,): that of synapse k is at k.

        Raises:
            ProgramError: an end that there is not; nothing was changed.
            CapacityError: of a chip: the network does not fit it any more; nothing was changed.
        """
        program, number = rewired(self.program, self._limits.check_synapses(synapses), pre, post)
        self._rewire(program, number)
        self._program, self._limits = program, Limits.of(program)
        return number

    def _switch_learning(self) -> None:
        """`self._learning` has been set, of a network that learns."""
        raise self._cannot("learn")

    def _write_modulators(self) -> None:
        """`self._modulators` have been set, of a network that learns."""
        raise self._cannot("learn")

    def _tags(self, synapses: IntArray | None) -> IntArray:
        raise self._cannot("learn")

    def _write_tags(self, synapses: IntArray, values: IntArray) -> None:
        raise self._cannot("learn")

    def _rewire(self, program: Program, number: IntArray) -> None:
        """Go on with this program, in which the synapses have these numbers."""
        raise ProgramError(f"the {self.name} cannot rewire a network; Reference, Emulator and Rtl can")

    def _cannot(self, what: str) -> ProgramError:
        return ProgramError(f"the {self.name} cannot {what}: {self.learns_not}; Reference, Emulator and Rtl can")
