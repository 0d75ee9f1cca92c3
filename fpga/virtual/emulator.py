"""A virtual board as a process."""

import subprocess
from pathlib import Path
from types import TracebackType

from ganglion.model.spec.errors import BoardError


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
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self.device = self._process.stdout.readline().strip()
        """The serial device that it is behind."""
        if not self.device:
            raise BoardError(f"the virtual board did not start: {' '.join(command)}")

    def wait(self) -> None:
        """Until it ends, or is interrupted."""
        self._process.wait()

    def close(self) -> None:
        """Ends it. Safe to call twice."""
        self._process.terminate()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def __enter__(self) -> "VirtualBoard":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
