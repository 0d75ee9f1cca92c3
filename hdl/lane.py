"""One lane of a core: a share of the synapses, accumulators and neurons, each with its own memory."""

from amaranth.hdl import Cat, Module, Mux, Signal, Value, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.access.access import access_bus, picked
from ganglion.hdl.deliver.accumulator import Accumulator
from ganglion.hdl.deliver.walker import walk
from ganglion.hdl.lib.memory import Ram
from ganglion.hdl.update.neuron import NeuronUpdate
from ganglion.hdl.update.noise import NoiseLane, noise_keys
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import Params, bits_for


class Lane(wiring.Component):
    """Synapse memory, accumulators, and neurons of one lane.

    Deliver: each `word` of the walker adds this lane's weight to an accumulator. Update: the neuron of each `group`
    reads and clears its accumulator of `slot`; `done` and `spike` follow UPDATE_LATENCY cycles later, together with
    the write of its state to `done_group`. Access: the memories of the lane, on `bus`. The three do not overlap; the
    sequencer sees to it.

        word -> synapses -> decode --+-> accumulators --+
                                     |                  v
        group -----------------------+-> state -------> update -> state, spike
                  |                                     ^
                  +---> neurons --> types, noise -------+
    """

    UPDATE_LATENCY = Accumulator.VALUE_LATENCY + NeuronUpdate.LATENCY

    word: "data.View[data.StructLayout]"
    word_valid: Value
    group: Value
    group_valid: Value
    slot: Value
    keys: Value
    bus: "data.View[data.StructLayout]"
    selected: Value
    read_data: Value
    type_row: Value
    done: Value
    done_group: Value
    spike: Value
    synop: Value
    overflow: Value
    busy: Value

    def __init__(self, params: Params) -> None:
        self.params = params
        group = unsigned(bits_for(params.groups))
        super().__init__(
            {
                "word": In(walk(params)),
                "word_valid": In(1),
                "group": In(group),
                "group_valid": In(1),
                "slot": In(bits_for(params.delay_slots)),
                "keys": In(noise_keys()),
                "bus": In(access_bus(params)),
                "selected": In(1),
                "read_data": Out(CHUNK_BITS),
                "type_row": Out(memories(params)[Memory.TYPES].layout.width),  # every lane has the same types
                "done": Out(1),
                "done_group": In(group),
                "spike": Out(1),
                "synop": Out(1),
                "overflow": Out(1),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p, specs, bus = self.params, memories(self.params), self.bus
        m.submodules.synapses = synapses = Ram(specs[Memory.SYNAPSES].layout, p.synapse_words, single_port=True)
        m.submodules.neurons = neurons = Ram(specs[Memory.NEURONS].layout, p.groups)
        m.submodules.types = types = Ram(specs[Memory.TYPES].layout, p.types)
        # It has few rows, but in look-up tables it takes a seventh of the wires of a core.
        m.submodules.state = state = Ram(specs[Memory.STATE].layout, p.groups, block=True)
        m.submodules.accumulators = accumulators = Accumulator(p)
        m.submodules.update = update = NeuronUpdate(p)

        # The bus of the core is long: what is read for it is read a cycle later.
        reading = Signal()
        m.d.sync += reading.eq(bus.reading)

        # Deliver: a cycle for the memory, a cycle to gather what comes out of its blocks, then the word is added.
        asked, word = (Signal(walk(p), name=name, reset_less=True) for name in ("asked", "word"))
        slot = Signal(len(self.slot))
        asked_valid, word_valid = Signal(), Signal()
        entry = Signal.like(synapses.read_data, name="entry", reset_less=True)
        weight = entry.as_value().word_select(word.beat, p.weight_bits).as_signed()
        m.d.sync += [
            asked.eq(self.word),
            asked_valid.eq(self.word_valid),
            entry.eq(synapses.read_data),
            word.eq(asked),
            word_valid.eq(asked_valid),
        ]
        m.d.comb += [
            synapses.read.eq(self.word_valid | reading),
            synapses.read_row.eq(self.word.row),
            slot.eq(self.slot + Mux(word.dense, word.delay, entry.delay)),
            accumulators.valid.eq(word_valid),
            accumulators.operation.row.eq(Cat(Mux(word.dense, word.group, entry.group), slot)),
            accumulators.operation.addend.eq(weight),
            self.busy.eq(asked_valid | word_valid | accumulators.busy),
        ]
        m.d.sync += self.synop.eq(word_valid & weight.any())

        # Update: accumulators take an operation a cycle before the other memories take a row.
        row = Signal(len(self.group), reset_less=True)
        looking_up, looked_up = Signal(), Signal()
        neuron_state, constants = (
            Signal.like(ram.read_data, name=name, reset_less=True)
            for ram, name in ((state, "neuron_state"), (neurons, "constants"))
        )
        m.d.sync += [
            row.eq(Mux(bus.reading & self.selected, bus.row, self.group)),
            looking_up.eq(self.group_valid),
        ]
        with m.If(self.group_valid):
            m.d.comb += [
                accumulators.valid.eq(1),
                accumulators.operation.row.eq(Cat(self.group, self.slot)),
                accumulators.operation.addend.eq(0),
                accumulators.operation.replace.eq(1),
            ]
        m.d.comb += [
            state.read.eq(looking_up | reading),
            state.read_row.eq(row),
            neurons.read.eq(looking_up | reading),
            neurons.read_row.eq(row),
            types.read.eq(looked_up | bus.reading),
            types.read_row.eq(Mux(bus.reading, bus.row, neurons.read_data.type)),
            self.type_row.eq(types.read_data),
        ]
        m.d.sync += [
            looked_up.eq(looking_up),
            update.valid.eq(looked_up),
            neuron_state.eq(state.read_data),
            constants.eq(neurons.read_data),
        ]
        m.d.comb += [
            update.state.eq(neuron_state),
            update.constants.eq(constants),
            update.kind.eq(types.read_data),
            update.input.eq(accumulators.value),
            self.done.eq(update.done),
            self.spike.eq(update.spike),
            self.overflow.eq(update.overflow),
            state.write.eq(update.done),
            state.write_row.eq(self.done_group),
            state.write_data.eq(update.next_state),
        ]
        if p.noise:
            m.submodules.noise = noise = NoiseLane()
            m.d.comb += [
                noise.keys.eq(self.keys),
                noise.number.eq(neurons.read_data.number),
                update.draw.eq(noise.draw),
            ]

        # Access.
        def written(memory: Memory) -> Value:
            return bus.write[memory] & self.selected

        for memory, ram in ((Memory.SYNAPSES, synapses), (Memory.NEURONS, neurons), (Memory.TYPES, types)):
            m.d.comb += [ram.write.eq(written(memory)), ram.write_row.eq(bus.row), ram.write_data.eq(bus.data)]
        with m.If(written(Memory.STATE)):
            m.d.comb += [state.write.eq(1), state.write_row.eq(bus.row), state.write_data.eq(bus.data)]
        with m.If(written(Memory.ACCUMULATORS)):
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
        sources = {
            Memory.SYNAPSES: entry.as_value(),
            Memory.NEURONS: neurons.read_data.as_value(),
            Memory.STATE: state.read_data.as_value(),
            Memory.ACCUMULATORS: accumulators.value,
        }
        m.d.sync += self.read_data.eq(Mux(self.selected, picked(bus, sources), 0))
        return m
