"""A virtual board as a process."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from ganglion.model.spec.errors import BoardError


@dataclass(frozen=True)
class Traffic:
    """What passes over the line of a virtual board in a while."""

    cycles: int
    """Of the board's clock, from the start of the first byte to the end of the last."""
    down: int
    """Bytes to the board."""
    up: int
    """Bytes to the host."""


class VirtualBoard:
    """Runs the program that `build_virtual` made, until it is closed. Use it in a `with`."""

    def __init__(self, program: Path, *, noise: float = 0.0, seed: int = 0) -> None:
        """
        Args:
            program: from `build_virtual`.
            noise: chance that a byte on the line, either way, is damaged: a bit turned, or the byte lost, sent twice,
                or held up.
            seed: of the noise.

        Raises:
            BoardError: it does not start.
        """
        command = [str(program), "--noise", str(noise), "--seed", str(seed)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdin and self._process.stdout
        self._ask, self._told = self._process.stdin, self._process.stdout
        self.device = self._told.readline().strip()
        """The serial device that it is behind."""
        if not self.device:
            raise BoardError(f"the virtual board did not start: {' '.join(command)}")

    def traffic(self, *, free: bool = False) -> Traffic:
        """What has passed over its line since it was asked last, or started.

        Args:
            free: bytes pass at once from here on, where the line has no wires, until it is asked again.
        """
        self._ask.write("free\n" if free else "\n")
        self._ask.flush()
        return Traffic(*map(int, self._told.readline().split()))

    def wait(self) -> None:
        """Until it ends, or is interrupted."""
        self._process.wait()

    def close(self) -> None:
        """Ends it. Safe to call twice."""
        self._process.terminate()
        self._process.wait()
        self._ask.close()
        self._told.close()

    def __enter__(self) -> "VirtualBoard":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
