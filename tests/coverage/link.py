"""The board's end of the link in the campaign: conversations of a host with a board, and what no host sends."""

from contextlib import closing
from dataclasses import dataclass

from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.frames import LinkVersion
from tests.coverage.link_points import link_points, of_recording
from tests.coverage.result import Result, points_of
from tests.mutations.link_bench import LinkDriver, load
from tests.mutations.link_stimuli import played
from tests.mutations.link_top import TOP, link_verilog


@dataclass(frozen=True)
class LinkPart:
    """A link and a UART, and how much of what they are given."""

    name: str
    version: LinkVersion
    rounds: int
    """Times that all conversations are drawn anew."""

    def run(self, progress: Progress = SILENT) -> Result:
        """Gives it all.

        Raises:
            ToolError: the link cannot be built.
        """
        text = link_verilog(self.version, sources=True)
        library = load(f"covered-{self.name}", text, TOP, covered=True)
        counts = dict.fromkeys(link_points(self.version), 0)
        with closing(LinkDriver(library)) as link, progress.task(f"conversations, {self.name}") as task:
            for recording in played(link, self.version, self.rounds):
                for point in set(of_recording(recording, self.version)):
                    counts[point] += 1
                task.advance()
            given = f"{self.rounds:,} times all conversations, with frames and tokens that no host sends"
            return Result(self.name, given, TOP, text, points_of(link, text), counts)
