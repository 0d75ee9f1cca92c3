"""The chip's RTL as a target: a `Program` or `Image` run on the Verilated chip."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

from ganglion.model.compiler import Image, compile_program
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import GanglionError, ProgramError, described
from ganglion.model.spec.events import Events
from ganglion.model.spec.explained import explained
from ganglion.model.spec.files import written_path
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.registers import Counter
from ganglion.model.spec.target import check_network
from ganglion.model.spec.trace import Trace
from ganglion.sim.driver import NO_STALLS, Driver, Stalls
from ganglion.sim.target import COUNTERS, ChipTarget
from ganglion.sim.waveform import check_waveform, recorded

DriverName = Literal["native", "cocotb"]


def make_driver(name: DriverName, params: Params, progress: Progress = SILENT) -> Driver:
    """A driver that simulates the chip, by its name. `progress` is told of the build.

    Raises:
        GanglionError: there is no such driver.
        ToolError: it cannot be built; the message says which tool is missing or what failed.
    """
    if name == "native":
        from ganglion.sim.native import NativeDriver

        return NativeDriver(params, progress=progress)
    if name == "cocotb":
        from ganglion.sim.cocotb_driver import CocotbDriver

        return CocotbDriver(params, progress=progress)
    raise GanglionError(f'driver must be "native" or "cocotb", not {name!r}')


@explained(ProgramError)
class Rtl(ChipTarget):
    """A `ChipTarget` in simulation. Its trace has the counter `cycles`: the length of each step."""

    name = "rtl"

    def __init__(
        self,
        network: Program | Image,
        driver: DriverName | Driver = "native",
        *,
        stalls: Stalls = NO_STALLS,
        counters: Sequence[Counter] = COUNTERS,
        waveform: str | Path | None = None,
        progress: Progress = SILENT,
    ) -> None:
        """Loads the network into a chip.

        Args:
            network: a program is compiled for its own parameters, with the compiler's defaults.
            driver: how to simulate; one that exists is taken over, whatever it ran before.
            stalls: random pauses of both streams.
            counters: read at the end of each step, for the trace; each costs two packets a step.
            waveform: a file for all signals, from step 0 until the target is closed, when it is whole: .vcd, or .fst,
                which needs vcd2fst of GTKWave. The native driver writes it, from a slower build of the chip.
            progress: told of placing, packing, and the build of the chip.

        Raises:
            GanglionError: there is no such driver, or one that writes no waveforms.
            ToolError: the chip cannot be built, or the waveform not be written.
            ProgramError: the network is neither a program nor an image.
            FormatError: the image is for other parameters than the chip's.
            ChipError: the chip does not answer as it should.
        """
        check_network("Rtl", network, Image)
        image = network if isinstance(network, Image) else compile_program(network, progress=progress)
        self._recording = ExitStack()
        if waveform is None:
            driven = make_driver(driver, image.params, progress) if isinstance(driver, str) else driver
            super().__init__(image, driven, stalls=stalls, counters=counters)
            return
        if driver != "native":
            raise GanglionError(f'the driver "native" alone writes waveforms, not {described(driver)}')
        from ganglion.sim.native import NativeDriver

        check_waveform(Path(waveform))
        traced = NativeDriver(image.params, traced=True, progress=progress)
        super().__init__(image, traced, stalls=stalls, counters=counters)
        traced.record(self._recording.enter_context(recorded(Path(waveform))))

    def close(self) -> None:
        """As `Target.close`; a waveform is whole then."""
        super().close()
        self._recording.close()

    def record(self, events: Events, steps: int, path: Path) -> Trace:
        """As `Target.record`, in the native simulation, with the same stalls."""
        from ganglion.sim.native import NativeDriver

        cut = max(0, events.steps - steps)
        path.parent.mkdir(parents=True, exist_ok=True)
        driver = NativeDriver(self.driver.chip, traced=True)
        with written_path(path) as scratch, Rtl(self.image, driver, stalls=self.stalls) as again:
            again.run(events.part(0, cut))
            driver.record(scratch)
            return again.run(events.part(cut, events.steps), keep_states=True)
