"""Every error that Ganglion raises on purpose: one base, one class per kind of mistake."""


class GanglionError(Exception):
    """Base of all errors that a user can cause or meet. The message says what was wanted, what was got, and where."""


class ParamsError(GanglionError):
    """A chip parameter, or a combination of them, that cannot be built."""


class FormatError(GanglionError):
    """A value that does not fit its field, or a word, packet or file that is not of the stated form."""


class ProgramError(GanglionError):
    """A network that the semantics do not allow: an index, weight, delay or type out of range."""


class NetworkError(GanglionError):
    """A population, projection or node of a graph that cannot be what it says, or that the chip cannot represent."""


class AccumulatorBoundError(ProgramError):
    """The worst case of the weights does not fit the accumulator of a neuron."""


class CapacityError(GanglionError):
    """A network that does not fit the chip: says which resource is short, what is needed and what is there."""


class PlacementError(GanglionError):
    """A way to place a network on the chip that cannot be: a row twice, or an encoding there is not."""


class EventError(GanglionError):
    """An input event that does not exist on this network: an axon or a step out of range."""


class ToolError(GanglionError):
    """A program this job needs is missing or failed: says which, and how to get it."""


class ChipError(GanglionError):
    """The chip did not answer as its protocol says: a time-out, an unexpected packet, a nonzero error counter."""


class MismatchError(GanglionError):
    """Two targets disagree on one bit of one step."""


class BoardError(GanglionError):
    """A board that is not known, cannot be built for, or does not answer."""
