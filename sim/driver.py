"""What every way of running the chip's RTL has in common: packets in, packets out, cycles counted."""

from dataclasses import dataclass, field
from typing import Protocol

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import FormatError, GanglionError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.packet_arrays import Chunks, Words, kinds
from ganglion.model.spec.packets import Kind, describe
from ganglion.model.spec.params import Params
from ganglion.sim.build import Chip


@explained(GanglionError)
@dataclass(frozen=True)
class Stalls:
    """How often a stream pauses: the chance, cycle by cycle, that no packet is offered, or none accepted.

    Raises:
        GanglionError: a chance that is none, or 1.
    """

    source: float = 0.0
    """Of the packets to the chip."""
    sink: float = 0.0
    """Of the packets from the chip."""
    seed: int = 0
    """Each driver has its own generator: the same seed repeats on the same kind of driver."""

    def __post_init__(self) -> None:
        for name in ("source", "sink"):
            if not 0 <= getattr(self, name) < 1:
                raise GanglionError(f"stalls.{name} is a probability below 1, not {getattr(self, name)}")

    def __str__(self) -> str:
        return f"stalls {self.source:.2f} in, {self.sink:.2f} out (seed {self.seed})"


NO_STALLS = Stalls()


@dataclass(frozen=True, eq=False)
class Answer:
    """What came of one exchange."""

    words: Words
    """The packets that came out, shape (packets,)."""
    cycles: IntArray | None = None
    """When each did, in cycles since the exchange began, shape (packets,); this and what follows only where the driver
    can tell."""
    step_cycles: IntArray | None = None
    """Length of each step, shape (steps,): from the cycle in which its first packet is offered to the chip at rest.
    Where the host streams ahead: from END to END, and the first from its first packet."""
    total: int | None = None
    """Cycles of the whole exchange."""
    states: dict[Memory, Chunks] = field(default_factory=dict)
    """STATE and ACCUMULATORS at the end of each step, shape (steps, cores, rows, chunks), where they were asked for."""


class Driver(Protocol):
    """A chip that runs, in simulation or not.

    Raises (every method):
        ChipError: the chip broke its protocol: an assertion or the law of streams, or it got stuck.
    """

    name: str
    params: Params

    @property
    def chip(self) -> Chip:
        """What is simulated, or how what runs would be."""
        ...

    def exchange(self, words: Words, *, replies: int = 0, states: bool = False, ahead: bool = False) -> Answer:
        """Offers packets, in order, and collects what comes out until the chip is at rest.

        Args:
            words: packets of 64 bits, shape (packets,). Behind each END the driver waits until the chip is at rest.
            replies: REPLY packets to wait for.
            states: read all state at the end of each step.
            ahead: do not wait at the end of steps: offer the next packet as soon as one is taken.
        """
        ...

    def reset(self, stalls: Stalls = NO_STALLS) -> None:
        """Pulses the reset, which clears flip-flops but no memories, and restarts the generator of stalls."""
        ...

    def close(self) -> None:
        """Ends the simulation. Safe to call twice."""
        ...


def most_spikes(params: Params) -> int:
    """SPIKE packets that a chip sends the host in a step at most: each core sends each entry that it has once."""
    return params.cores * params.fanout_entries


def most_packets(params: Params, words: Words) -> int:
    """Packets that a chip answers these with at most."""
    sent = kinds(words)
    ends, reads = (int((sent == kind).sum()) for kind in (Kind.END, Kind.READ))
    return ends * (most_spikes(params) + 1) + reads * params.cores


def patience(params: Params, stalls: Stalls) -> int:
    """Cycles without any packet in or out after which a chip must be stuck: several times the longest step, which
    updates every neuron, walks every row of every core once, and sends every spike through one router; where the chip
    learns, it also visits every weight, with as many terms as a rule may have."""
    rows = params.groups * (params.delay_slots + 1) + params.synapse_words + params.axons + params.fanout_entries
    if params.products:
        rows += params.synapse_words * params.beats * -(-params.terms // params.products) + params.axons
    rows += rows * (params.cores - 1) + params.neurons * params.cores
    return int(16 * (rows + 1000) / (1 - max(stalls.source, stalls.sink)))


def stuck(taken: int, words: Words, outputs: Words) -> str:
    """What to say of a chip that does not go on.

    Args:
        taken: packets it took.
        words: packets it was or is to be offered.
        outputs: packets it gave.
    """
    came = kinds(outputs)
    given = ", ".join(f"{(came == kind).sum()} {kind.name}" for kind in (Kind.SPIKE, Kind.END, Kind.REPLY))
    waits = f"does not take {_describe(int(words[taken]))}" if taken < words.size else "is still busy or owes an answer"
    return f"is stuck: it took {taken} of {words.size} packets, gave {given}, and {waits}"


def _describe(word: int) -> str:
    try:
        return f"packet {word:#018x} ({describe(word)})"
    except FormatError:
        return f"packet {word:#018x}, which is no packet of this version"
