"""Every error that Ganglion raises on purpose: one base, one class per kind of mistake."""

from collections import abc

LONGEST = 60
"""Letters of a wrong value that a message repeats."""


class GanglionError(Exception):
    """Base of all errors that a user can cause or meet. The message says what was wanted, what was got, and where.

    Args:
        message: what is wrong.
        python: what to do about it, in the words of the Python interface; part of `str(error)`.
        command: the same for who is at the command line; None is no other words.
    """

    def __init__(self, message: object = "", *, python: str = "", command: str | None = None) -> None:
        super().__init__(message)
        self._python, self._command = python, command

    def __str__(self) -> str:
        return self._with(self._python)

    @property
    def at_the_command_line(self) -> str:
        """The message, with advice in the words of the command line."""
        return self._with(self._python if self._command is None else self._command)

    def _with(self, advice: str) -> str:
        words = str(self.args[0])
        if not advice:
            return words
        return f"{words}\n{advice}" if "\n" in words else f"{words}; {advice}"


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
    """A network that does not fit the chip: says which resource is short, what is needed and what is there.

    Args:
        message: as `GanglionError`.
        needed: by resource that is short, how much of it a core needs, as far as that is known.
        python: as `GanglionError`.
        command: as `GanglionError`.
    """

    def __init__(
        self,
        message: object = "",
        *,
        needed: abc.Mapping[str, int] | None = None,
        python: str = "",
        command: str | None = None,
    ) -> None:
        super().__init__(message, python=python, command=command)
        self.needed: abc.Mapping[str, int] = dict(needed or {})


class PlacementError(GanglionError):
    """A way to place a network on the chip that cannot be: a row twice, or an encoding there is not."""


class EventError(GanglionError):
    """An input event that does not exist on this network: an axon or a step out of range."""


class ToolError(GanglionError):
    """A program this job needs is missing or failed: says which, and how to get it."""


class ChipError(GanglionError):
    """The chip did not answer as its protocol says: a time-out, an unexpected packet, a nonzero error counter."""


class FaultError(ChipError):
    """A chip read a row of a memory whose parity bit says that a bit of it has flipped."""


class MismatchError(GanglionError):
    """Two targets disagree on one bit of one step."""


class BoardError(GanglionError):
    """A board that is not known, cannot be built for, or does not answer."""


class PortalError(GanglionError):
    """The portal refuses a request, or does not answer.

    Args:
        message: as `GanglionError`.
        status: of HTTP, as 404; 0 where nothing answered.
        python: as `GanglionError`.
        command: as `GanglionError`.
    """

    def __init__(self, message: object = "", *, status: int = 0, python: str = "", command: str | None = None) -> None:
        super().__init__(message, python=python, command=command)
        self.status = status


def described(value: object) -> str:
    """What a message calls an argument that is not of its kind: a class by its name, an array by its shape, anything
    else by its own words, shortened."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return f"a {type(value).__name__} of shape {shape}"
    words = repr(value).replace("\n", " ")
    return f"{words[:LONGEST]} …" if len(words) > LONGEST else words
