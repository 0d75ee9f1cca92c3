"""The sizes of a core, and the widths of its arithmetic."""

from dataclasses import dataclass

from ganglion.model.spec.errors import ParamsError
from ganglion.model.spec.packets import AXON_BITS, ROW_BITS
from ganglion.model.spec.params.part import Part, bits_for

GUARD_BITS = 2
"""Bits an accumulator has above its W, so that a sum beyond W bits is seen in whatever order it was added."""


MOST_SLOTS = 64
"""Slots of delay, at most."""


@dataclass(frozen=True, kw_only=True)
class CoreParams(Part):
    """What every core has: its memories, and the neuron without options."""

    neurons: int = 256
    """Neurons of a core; neuron n sits in lane n mod lanes."""

    axons: int = 256
    """Rows of the axon table of a core: input lines, and continuation rows of long ones."""

    lanes: int = 1
    """Neurons updated, and synapses added, per cycle: 1, 2, 4 or 8."""

    delay_slots: int = 2
    """Slots D of the accumulator ring, a power of two; synaptic delays are 1 … D-1 steps."""

    synapse_words: int = 4096
    """Words of synapse memory; a word holds one sparse entry, or a few dense weights, per lane."""

    entry_bits: int = 0
    """Least bits of an entry of synapse memory; 0 makes it as narrow as a sparse entry is."""

    fanout_entries: int = 512
    """Rows of the fan-out table; row n is the first entry of neuron n."""

    types: int = 4
    """Rows of the table of neuron types."""

    weight_bits: int = 8
    """Signed weight: 4, 8 or 16 bits."""

    membrane_bits: int = 16
    """Signed membrane v and threshold."""

    accumulator_bits: int = 16
    """Signed accumulators, which add modulo 2^W."""

    bias_bits: int = 12
    """Signed bias."""

    refractory_bits: int = 4
    """Refractory counter: periods of 0 … 2^bits - 1 steps."""

    decay_bits: int = 15
    """Largest shift s of a decay (m, s)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._one_of(lanes=(1, 2, 4, 8), weight_bits=(4, 8, 16))
        self._whole(
            neurons=(2, 1 << 16),
            axons=(1, 1 << AXON_BITS),
            delay_slots=(2, MOST_SLOTS),
            synapse_words=(2, 1 << 20),
            entry_bits=(0, 64),
            types=(2, 256),
            membrane_bits=(4, 36),
            accumulator_bits=(4, 36),
            bias_bits=(2, 36),
            refractory_bits=(1, 16),
            decay_bits=(1, 35),
        )
        self._whole(fanout_entries=(self.neurons, 1 << 16))
        self._power_of_two("neurons", "delay_slots")
        if self.groups < 2:
            raise ParamsError(f"neurons must be at least 2 * lanes = {2 * self.lanes}, not {self.neurons}")
        if self.weight_bits > self.accumulator_bits:
            raise ParamsError(
                f"accumulator_bits must be at least weight_bits = {self.weight_bits}, not {self.accumulator_bits}"
            )
        for product, rows in (
            ("neurons * delay_slots", self.accumulator_rows),
            ("synapse_words * lanes", self.synapse_rows),
        ):
            if rows > 1 << ROW_BITS:
                raise ParamsError(
                    f"{product} must be at most {1 << ROW_BITS:,}, the rows that a packet can address, not {rows:,}; a "
                    "larger network takes several cores, and the emulator runs it whatever the sizes of a core are"
                )

    @property
    def groups(self) -> int:
        """Neurons per lane: the cycles of one update."""
        return self.neurons // self.lanes

    @property
    def accumulator_rows(self) -> int:
        """Rows of the accumulators, over all lanes."""
        return self.neurons * self.delay_slots

    @property
    def synapse_rows(self) -> int:
        """Rows of synapse memory, over all lanes."""
        return self.synapse_words * self.lanes

    @property
    def beats(self) -> int:
        """Dense weights per lane in one synapse word."""
        sparse = self.weight_bits + bits_for(self.groups) + bits_for(self.delay_slots)
        return max(sparse, self.entry_bits) // self.weight_bits
