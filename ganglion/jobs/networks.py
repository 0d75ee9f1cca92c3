"""The network that a user names: one that ships with Ganglion, or a file of their own."""

from pathlib import Path
from typing import Protocol

from ganglion.jobs.own_network import OwnNetwork, Reading
from ganglion.jobs.sizes import Sizes
from ganglion.jobs.workload import Workload, shipped_workload
from ganglion.model.networks import shipped
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.params import Params


class FoundNetwork(Protocol):
    """A network that is not loaded yet."""

    @property
    def shipped(self) -> bool:
        """Whether it ships with Ganglion."""

    @property
    def command(self) -> str:
        """How it is named at the command line."""

    def workload(self, sizes: Sizes, board: Params | None, progress: Progress = SILENT) -> Workload:
        """The network and its samples, for the chip of these sizes or of a board."""


class ShippedNetwork:
    """One that ships with Ganglion."""

    shipped = True

    def __init__(self, name: str, data: Path | None = None) -> None:
        self.command, self._data = name, data

    def workload(self, sizes: Sizes, board: Params | None, progress: Progress = SILENT) -> Workload:
        """See `FoundNetwork.workload`."""
        return shipped_workload(
            shipped.load(self.command), self._data, sizes=sizes, board=board, progress=progress
        )


def find_network(
    network: str,
    samples: int | Path | None,
    labels: Path | None,
    reading: Reading,
    data: Path | None = None,
    step_us: int | None = None,
) -> FoundNetwork:
    """The network that a user names, and what is said with it.

    Args:
        network: the name of one that ships, or a file.
        samples: of one that ships, how many; of a file, the file of its samples.
        labels: of a file: that of the classes of its samples.
        reading: of a NIR file.
        data: folder of real data; None looks in the usual places.
        step_us: of a file, whose samples are a recording of events: microseconds of a step.

    Raises:
        GanglionError: there is no such network, or what is said is of no use to it; says what is.
    """
    if network not in shipped.SHIPPED:
        return OwnNetwork.find(network, _file(network, samples), labels, reading, step_us)
    if isinstance(samples, Path):
        raise GanglionError(
            f"{network} ships with Ganglion and has a test set of its own: --samples takes how many of it, a whole "
            f"number from 1, not {str(samples)!r}"
        )
    if labels is not None or reading.given or step_us is not None:
        others = "--step-us" if step_us is not None else "options for reading a NIR file"
        what = "--labels" if labels is not None else others
        raise GanglionError(f"{network} ships with Ganglion: {what} may be given for a network of your own alone")
    return ShippedNetwork(network, data)


def _file(network: str, samples: int | Path | None) -> Path | None:
    """The file of the samples of a network of the user's own."""
    if isinstance(samples, int):
        raise GanglionError(
            f"{network} is a network of your own, and comes without samples: --samples takes the file that has them; "
            f"the first {samples} of it are --only 0-{max(0, samples - 1)}"
        )
    return samples
