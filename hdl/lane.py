"""One lane of a core: a share of the synapses, accumulators and neurons."""

from collections.abc import Mapping

from amaranth.hdl import Cat, Module, Mux, Value, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from ganglion.hdl.access.bus import access_bus, pick, rows_of
from ganglion.hdl.deliver.accumulator import Accumulator
from ganglion.hdl.deliver.synapses import SynapseLane
from ganglion.hdl.deliver.walker import synapse_word
from ganglion.hdl.learn.post import PostTraces, post_memories
from ganglion.hdl.learn.tags import TagStore
from ganglion.hdl.learn.visit import SynapseVisit, visit_port
from ganglion.hdl.lib.faults import fault_port, tell_first
from ganglion.hdl.update.neurons import NeuronLane, update_port
from ganglion.hdl.update.noise import noise_keys
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import RECEPTOR, Params, bits_for


def most_overflows(params: Params) -> int:
    """Sums of a neuron that may overflow: one, or one of each receptor."""
    return 2 if params.feeds & RECEPTOR else 1


class Lane(wiring.Component):
    """Synapses, accumulators and neurons, and who of them has the accumulators.

    Deliver: each word of `words` adds this lane's weight to an accumulator. Update: the neuron of each group of
    `update` reads and clears its accumulator; `done` and `spike` follow LATENCY cycles later. Access: the memories of
    the lane, on `bus`. On a chip that learns there is the sweep besides: each word of `words` is read, its neuron
    looked at, and the word written again. The four do not overlap; the sequencer sees to it.

        words ---> synapses --add--+
          ^           |            +--> accumulators --+
          |  update --|-+--clear---+                   v
          |           | +----------------------------> neurons --> spike
          +--write-- visit <-- view -- traces <---------+

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
    """So many weights that are not zero were added."""
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
    fault: "data.View[data.StructLayout]"
    """On a chip with parity: of `fault_report`."""
    traces_rows: "data.View[data.StructLayout]"
    """On a chip that learns: likewise the rows of `post_memories`, if there are any."""
    learning: Value
    """On a chip that learns: traces move."""
    sweeping: Value
    """On a chip that learns: words are visited."""
    visit: wiring.PureInterface
    """On a chip that learns: of `visit_port`."""
    keys: "data.View[data.ArrayLayout]"
    """On a chip that learns: keys of the random numbers that visits round by."""
    forget: Value
    """On a chip that learns: the neuron of `forget_group` forgets that it fired."""
    forget_group: Value
    """On a chip that learns: which."""
    visited: Value
    """On a chip that learns: a synapse was visited."""
    changed: Value
    """On a chip that learns: its weight was changed."""
    saturated: Value
    """On a chip that learns: so many of its sums left their range."""
    tagged: Value
    """On a chip that learns, with a visit's write: its tag is not 0."""

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(
            {
                "words": In(stream.Signature(synapse_word(params))),
                "update": In(update_port(params)),
                "done": Out(1),
                "done_group": In(unsigned(bits_for(params.groups))),
                "spike": Out(1),
                "synop": Out(range(params.stride + 1)),
                "overflow": Out(range(most_overflows(params) + 1)),
                "busy": Out(1),
                "bus": In(access_bus(params)),
                "selected": In(1),
                "read_data": Out(CHUNK_BITS),
                "type_row": Out(memories(params)[Memory.TYPES].layout.width),
                **fault_port(params),
                **(self._learning() if params.products else {}),
            }
        )

    def _learning(self) -> dict[str, wiring.Member]:
        """The ports of a chip that learns."""
        p = self.params
        return {
            **({"traces_rows": Out(rows_of(p, *of))} if (of := post_memories(p)) else {}),
            "learning": In(1),
            "sweeping": In(1),
            "visit": In(visit_port(p)),
            "keys": In(noise_keys()),
            "forget": In(1),
            "forget_group": In(unsigned(bits_for(p.groups))),
            "visited": Out(1),
            "changed": Out(1),
            "saturated": Out(range(3)),
            "tagged": Out(1),
        }

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

        m.d.comb += accumulators.valid.eq(synapses.addition_valid)
        sums = {Memory.ACCUMULATORS: accumulators}
        parts: list[SynapseLane | NeuronLane | TagStore] = [synapses, neurons]
        if p.feeds & RECEPTOR:
            m.submodules.receptor = sums[Memory.RECEPTOR] = receptor = Accumulator(p, Memory.RECEPTOR)
            to_receptor = synapses.word.receptor
            m.d.comb += [
                accumulators.valid.eq(synapses.addition_valid & ~to_receptor),
                receptor.valid.eq(synapses.addition_valid & to_receptor),
                self.busy.eq(synapses.busy | accumulators.busy | receptor.busy),
            ]
        for memory, unit in sums.items():
            self._operate(m, memory, unit, synapses)
        traces = []
        if p.products:
            with_tags, post = self._learn(m, synapses, neurons, sums)
            parts, traces = [*parts, *with_tags], [post]
        if p.parity:
            tell_first(m, self.fault, parts=[*parts, *sums.values(), *traces])

        # Access.
        for part in parts:
            m.d.comb += [part.bus.eq(bus), part.selected.eq(self.selected)]
        rows = {Memory[name]: part.rows[name] for part in parts for name in part.rows.shape().members}
        rows |= {memory: unit.value for memory, unit in sums.items()}
        m.d.sync += self.read_data.eq(Mux(self.selected, pick(bus, rows), 0))
        return m

    def _operate(self, m: Module, memory: Memory, unit: Accumulator, synapses: SynapseLane) -> None:
        """Accumulators do what is asked of them: to add, to be read and cleared, to be written, to be read."""
        bus = self.bus
        m.d.comb += unit.operation.eq(synapses.addition)
        beside = unit.spec.beside
        part_bits = beside.bit_length() - 1
        with m.If(self.update.valid):
            # Sums that lie side by side are cleared together, with the last one that is read.
            m.d.comb += [
                unit.valid.eq(1),
                unit.operation.row.eq(Cat(self.update.group, self.update.slot)),
                unit.operation.replace.eq(-1),
                unit.operation.keep.eq(~self.update.group[:part_bits].all() if part_bits else 0),
            ]
        writing, width = bus.write[memory] & self.selected, unit.spec.layout.width
        with m.If(writing):
            m.d.comb += [unit.valid.eq(1), unit.operation.row.eq(bus.row)]
        for k in range(beside):
            meant = writing & (bus.row[:part_bits] == k) if part_bits else writing
            # No addition is under way then, so its addend is 0.
            m.d.comb += unit.operation.addends[k].eq(
                synapses.addition.addends[k] | (bus.data[:width] & meant.replicate(width))
            )
            with m.If(meant):
                m.d.comb += unit.operation.replace[k].eq(1)
        with m.If(bus.reading):
            m.d.comb += [unit.valid.eq(1), unit.operation.row.eq(bus.row), unit.operation.keep.eq(1)]

    def _learn(
        self, m: Module, synapses: SynapseLane, neurons: NeuronLane, sums: Mapping[Memory, Accumulator]
    ) -> tuple[list[TagStore], PostTraces]:
        """Traces and visits; the parts that have memories of the lane, and the traces."""
        p, with_tags = self.params, list[TagStore]()
        m.submodules.traces = traces = PostTraces(p)
        m.submodules.visit = visit = SynapseVisit(p)
        connect(m, flipped(self.visit), visit.visit)
        m.d.comb += [
            neurons.visit.eq(self.forget | synapses.visits),
            neurons.visit_group.eq(Mux(self.forget, self.forget_group, synapses.group)),
            neurons.forget.eq(self.forget),
            neurons.rounding.eq(self.sweeping),
            neurons.rounding_keys.eq(self.keys),
            neurons.traces.eq(traces.next_state),
            traces.type.eq(neurons.type),
            traces.type_valid.eq(neurons.type_valid),
            traces.state.eq(neurons.state),
            traces.steps.eq(neurons.updated & self.learning),
            traces.spike.eq(neurons.spike),
            traces.bus.eq(self.bus),
            visit.word.eq(synapses.word),
            visit.entry.eq(synapses.entry),
            visit.post.eq(traces.view),
            visit.draw.eq(neurons.draw),
            synapses.visiting.eq(self.sweeping),
            synapses.write.eq(self.visit.write),
            synapses.write_row.eq(self.visit.row),
            synapses.write_data.eq(visit.new_entry),
            *(getattr(self, name).eq(getattr(visit, name)) for name in ("visited", "changed", "saturated", "tagged")),
        ]
        if p.feeds:
            m.d.comb += self.traces_rows.eq(traces.rows)
        if p.feeds & RECEPTOR:
            m.d.comb += [
                traces.input.eq(sums[Memory.RECEPTOR].value),
                self.overflow.eq(neurons.overflow + (neurons.updated & traces.overflow)),
            ]
        if p.tag_bits:
            m.submodules.tags = tags = TagStore(p)
            with_tags.append(tags)
            m.d.comb += [
                tags.fetch.eq(self.words.valid),
                tags.fetch_row.eq(self.words.payload.row),
                tags.write.eq(self.visit.write),
                tags.write_row.eq(self.visit.row),
                tags.write_data.eq(visit.new_tags),
                visit.tags.eq(tags.tags),
            ]
        return with_tags, traces
