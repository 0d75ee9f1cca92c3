"""One lane of a core: a share of the synapses, accumulators and neurons."""

from amaranth.hdl import Cat, Module, Mux, Value, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from ganglion.hdl.access.bus import access_bus, pick
from ganglion.hdl.deliver.accumulator import Accumulator
from ganglion.hdl.deliver.synapses import SynapseLane
from ganglion.hdl.deliver.walker import synapse_word
from ganglion.hdl.update.neurons import NeuronLane, update_port
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import Params, bits_for


class Lane(wiring.Component):
    """Synapses, accumulators and neurons, and who of them has the accumulators.

    Deliver: each word of `words` adds this lane's weight to an accumulator. Update: the neuron of each group of
    `update` reads and clears its accumulator; `done` and `spike` follow LATENCY cycles later. Access: the memories of
    the lane, on `bus`. The three do not overlap; the sequencer sees to it.

        words ---> synapses --add--+
                                   +--> accumulators --+
        update --+------clear------+                   v
                 +-----------------------------------> neurons --> spike

    Args:
        params: sizes of the core.
    """

    LATENCY = NeuronLane.LATENCY
    """Cycles from a group entering the update to its spike."""

    READ_LATENCY = max(SynapseLane.READ_LATENCY, NeuronLane.READ_LATENCY, Accumulator.VALUE_LATENCY) + 1
    """Cycles from a read on `bus` to `read_data`, which is a register."""

    words: stream.Interface
    """Synapse words, the same for all lanes."""
    update: wiring.PureInterface
    """Of `update_port`."""
    done: Value
    """The group of `done_group` is done, and its state written."""
    done_group: Value
    """The group whose turn it is to be done."""
    spike: Value
    """Its neuron fired."""
    synop: Value
    """A weight that is not zero was added."""
    overflow: Value
    """The sum of a neuron had left its W bits."""
    busy: Value
    """A word has not reached its accumulator."""
    bus: "data.View[data.StructLayout]"
    """The access bus."""
    selected: Value
    """The bus means this lane."""
    read_data: Value
    """The chunk that the bus picks in this lane; 0 in others."""
    type_row: Value
    """The row of TYPES that the bus reads: the same in all lanes, so one of them answers."""

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(
            {
                "words": In(stream.Signature(synapse_word(params))),
                "update": In(update_port(params)),
                "done": Out(1),
                "done_group": In(unsigned(bits_for(params.groups))),
                "spike": Out(1),
                "synop": Out(1),
                "overflow": Out(1),
                "busy": Out(1),
                "bus": In(access_bus(params)),
                "selected": In(1),
                "read_data": Out(CHUNK_BITS),
                "type_row": Out(memories(params)[Memory.TYPES].layout.width),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p, bus = self.params, self.bus
        m.submodules.synapses = synapses = SynapseLane(p)
        m.submodules.accumulators = accumulators = Accumulator(p)
        m.submodules.neurons = neurons = NeuronLane(p)

        # Deliver, and update.
        connect(m, flipped(self.words), synapses.words)
        connect(m, flipped(self.update), neurons.update)
        m.d.comb += [
            synapses.slot.eq(self.update.slot),
            neurons.done_group.eq(self.done_group),
            neurons.input.eq(accumulators.value),
            self.done.eq(neurons.done),
            self.spike.eq(neurons.spike),
            self.synop.eq(synapses.synop),
            self.overflow.eq(neurons.overflow),
            self.busy.eq(synapses.busy | accumulators.busy),
            self.type_row.eq(neurons.type_row),
        ]

        # The accumulators do what is asked of them: to add, to be read and cleared, to be written, to be read.
        m.d.comb += [accumulators.valid.eq(synapses.addition_valid), accumulators.operation.eq(synapses.addition)]
        with m.If(self.update.valid):
            m.d.comb += [
                accumulators.valid.eq(1),
                accumulators.operation.row.eq(Cat(self.update.group, self.update.slot)),
                accumulators.operation.addend.eq(0),
                accumulators.operation.replace.eq(1),
            ]
        with m.If(bus.write[Memory.ACCUMULATORS] & self.selected):
            m.d.comb += [
                accumulators.valid.eq(1),
                accumulators.operation.row.eq(bus.row),
                accumulators.operation.addend.eq(bus.data),
                accumulators.operation.replace.eq(1),
            ]
        with m.If(bus.reading):
            m.d.comb += [
                accumulators.valid.eq(1),
                accumulators.operation.row.eq(bus.row),
                accumulators.operation.addend.eq(0),
            ]

        # Access.
        for part in (synapses, neurons):
            m.d.comb += [part.bus.eq(bus), part.selected.eq(self.selected)]
        rows = {Memory[name]: part.rows[name] for part in (synapses, neurons) for name in part.rows.shape().members}
        rows[Memory.ACCUMULATORS] = accumulators.value
        m.d.sync += self.read_data.eq(Mux(self.selected, pick(bus, rows), 0))
        return m
