"""A board as a target: a `Program` or `Image` run on real hardware, or on a virtual board, with the same call."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ganglion.fpga.host.driver import BoardDriver
from ganglion.model.compiler import Image, compile_program
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.explained import explained
from ganglion.model.spec.packet_arrays import kinds
from ganglion.model.spec.packets import Kind
from ganglion.model.spec.program import Program
from ganglion.model.spec.registers import Counter, Register
from ganglion.model.spec.registers import counters as counters_of
from ganglion.model.spec.target import check_network
from ganglion.model.spec.trace import Trace
from ganglion.sim.access import replies
from ganglion.sim.driver import Answer
from ganglion.sim.target import COUNTERS, ChipTarget

IN_FLIGHT = 1 << 12
"""Steps of a batch that are sent without waiting for what comes of them."""

BUSY = (Counter.UPDATE_CYCLES, Counter.DELIVER_CYCLES, Counter.LEARN_CYCLES)
"""Counters that together are the cycles in which a core worked."""


@explained(ProgramError)
class Board(ChipTarget):
    """A `ChipTarget`: the board behind a serial device.

    Its trace has the counter `cycles`: a board counts the cycles in which its busiest core worked, and not those in
    which all waited for the line. `run_batch` sends samples while the chip works on those before.
    """

    name = "board"

    def __init__(
        self,
        network: Program | Image,
        device: str | BoardDriver,
        *,
        baud: int | None = None,
        counters: Sequence[Counter] = COUNTERS,
    ) -> None:
        """Opens the board and loads the network into it.

        Args:
            network: a program is compiled for the board's chip.
            device: such as /dev/ttyUSB1, or an open driver, which is taken over, whatever it ran before.
            baud: bits per second; that of all boards unless given.
            counters: read at the end of each step, for the trace; each costs four packets a step. Where there are none
                the trace has no `cycles` either, and the line carries events and spikes alone.

        Raises:
            BoardError: nothing answers on the device; says what to check.
            FormatError: the image is for another chip than the board's; names the difference.
            ChipError: the chip does not answer as it should.
        """
        check_network("Board", network, Image)
        driver = BoardDriver(device, baud=baud) if isinstance(device, str) else device
        image = network if isinstance(network, Image) else compile_program(network, driver.params)
        self._busy = tuple(counter for counter in BUSY if counters and counter in counters_of(image.params))
        self._hidden = {counter.name.lower() for counter in self._busy if counter not in counters}
        super().__init__(image, driver, counters=tuple(dict.fromkeys((*counters, *self._busy))))

    def _figures(self, counted: IntArray, cycles: IntArray) -> dict[str, IntArray]:
        figures = super()._figures(counted, cycles)
        if not self._busy:
            return figures
        busy = [self._counters.index(counter) for counter in self._busy]
        shown = {name: figure for name, figure in figures.items() if name not in self._hidden}
        return {"cycles": counted[:, :, busy].sum(axis=2).max(axis=1), **shown}

    def _run_batch(self, samples: Sequence[Events], probes: Mapping[str, IntArray]) -> list[Trace]:
        """Where no counters are asked for, sample behind sample, with CLEAR between; the line does not wait for the
        chip."""
        if self._counters or not self._at_rest or any(events.steps > IN_FLIGHT for events in samples):
            return super()._run_batch(samples, probes)
        traces = list[Trace]()
        for group in _groups(samples):
            traces += self._run_cleared(group, probes)
        return traces

    def _run_cleared(self, samples: Sequence[Events], probes: Mapping[str, IntArray]) -> list[Trace]:
        """Samples in one exchange, each from step 0 with all state zero."""
        probe = [self.network.probe(probes) for _ in samples]
        clear = self.access.writing_register(Register.CLEAR, 0)
        scripts = [
            self._script(events, range(events.steps), each.reads) for events, each in zip(samples, probe, strict=True)
        ]
        words = [part for script, _ in scripts for part in (script, clear)]
        asked = sum(reads.size * events.steps for (_, reads), events in zip(scripts, samples, strict=True))
        came = self.driver.exchange(np.concatenate(words), replies=asked).words
        self._check_packets()
        # Behind the END of a step come the replies to what was asked there, and nothing of the next one.
        ends = np.flatnonzero(kinds(came) == Kind.END)
        steps = np.array([events.steps for events in samples])
        stops = ends[np.cumsum(steps) - 1] + 1 + probe[0].reads.size
        traces = []
        for events, each, part in zip(samples, probe, np.split(came, stops[:-1]), strict=True):
            data = replies(part, np.tile(each.reads, events.steps))
            each.keep(data.reshape(events.steps, -1))
            traces.append(
                Trace(
                    ran_on=self.name,
                    first=0,
                    neurons=self.program.neurons,
                    spikes=self._spikes(Answer(part), 0),
                    counters={},
                    states=[],
                    probes=each.trace(),
                )
            )
        return traces


def _groups(samples: Sequence[Events]) -> Iterator[list[Events]]:
    """Samples in order, of IN_FLIGHT steps together at most."""
    group, steps = list[Events](), 0
    for events in samples:
        if steps + events.steps > IN_FLIGHT:
            yield group
            group, steps = [], 0
        group.append(events)
        steps += events.steps
    if group:
        yield group
