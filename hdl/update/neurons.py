"""The neurons of one lane: their state and constants, and the pipeline that updates them."""

from amaranth.hdl import Module, Mux, Signal, Value, signed, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.access.bus import access_bus, rows_of, serve, serve_writes
from ganglion.hdl.lib.faults import fault_port, tell_first
from ganglion.hdl.lib.layouts import struct
from ganglion.hdl.lib.memory import Ram
from ganglion.hdl.lib.pipeline import follow
from ganglion.hdl.update.neuron import NeuronUpdate
from ganglion.hdl.update.noise import NoiseLane, noise_keys
from ganglion.model.spec.memories import Memory, memories, protects
from ganglion.model.spec.noise_constants import NOISE_BITS
from ganglion.model.spec.params import Params, bits_for


def update_port(params: Params) -> wiring.Signature:
    """What starts the update of a group of neurons, one in each lane, and is the same for all of a step.

    Members:
        valid: a group enters the update.
        group: which.
        slot: of this step in the ring of accumulators; it holds until the step ends.
        keys: of the noise of this step.
    """
    return wiring.Signature(
        {
            "valid": Out(1),
            "group": Out(unsigned(bits_for(params.groups))),
            "slot": Out(bits_for(params.delay_slots)),
            "keys": Out(noise_keys()),
        }
    )


TRACES = ("y0", "y1", "y2", "y3", "yg")
"""Fields of STATE that learning keeps."""


class NeuronLane(wiring.Component):
    """Updates the neuron of each group that enters: one per cycle, `spike` after LATENCY cycles.

    The next state is written to `done_group` in that cycle. `input` is wanted INPUT_DELAY cycles after its group.

        group --+-> state ------------------+-> update -> state, spike
                +-> constants --+-> types --+
                                +-> noise --+

    Args:
        params: sizes of the core.
    """

    INPUT_DELAY = 1 + Ram.LATENCY + Ram.LATENCY
    """Cycles from a group to its neuron's rows: its address, the constants, the type."""

    LATENCY = INPUT_DELAY + NeuronUpdate.LATENCY
    """Cycles from a group to its spike."""

    READ_LATENCY = 1 + Ram.LATENCY
    """Cycles from a read on `bus` to the rows."""

    TYPE_DELAY = 1 + Ram.LATENCY
    """Cycles from a group to the type of its neuron."""

    DRAW_LATENCY = TYPE_DELAY + NoiseLane.LATENCY
    """Cycles from a group to what its neuron draws."""

    FORGET_LATENCY = INPUT_DELAY + 1
    """Cycles from a group to its neuron having forgotten."""

    update: wiring.PureInterface
    """Of `update_port`."""
    input: Value
    """What the accumulator of the neuron held."""
    done_group: Value
    """The group whose turn it is to be done."""
    done: Value
    """It is."""
    spike: Value
    """Its neuron fired."""
    overflow: Value
    """The sum of a neuron had left its W bits."""
    bus: "data.View[data.StructLayout]"
    """The access bus."""
    selected: Value
    """The bus means this lane."""
    rows: "data.View[data.StructLayout]"
    """The rows that the bus reads, of the memories of this lane."""
    type_row: Value
    """The row of TYPES that was read."""
    fault: "data.View[data.StructLayout]"
    """On a chip with parity: of `fault_report`."""
    visit: Value
    """On a chip that learns: look at the neuron of a group; there is no update then."""
    visit_group: Value
    """On a chip that learns: which."""
    forget: Value
    """On a chip that learns, with `visit`: from FORGET_LATENCY cycles later on, it did not fire in this epoch."""
    type: Value
    """On a chip that learns: the type of the neuron that is updated or visited, TYPE_DELAY cycles after its group."""
    type_valid: Value
    """On a chip that learns: there is one."""
    state: "data.View[data.StructLayout]"
    """On a chip that learns: its row of STATE, INPUT_DELAY cycles after its group."""
    updated: Value
    """On a chip that learns: it is one of an update."""
    traces: "data.View[data.StructLayout]"
    """On a chip that learns: its next traces, with `done`; the other fields are not meant."""
    rounding: Value
    """On a chip that learns: draws are for rounding."""
    rounding_keys: "data.View[data.ArrayLayout]"
    """On a chip that learns: the keys of these."""
    draw: Value
    """On a chip that learns: what a neuron draws, DRAW_LATENCY cycles after its group."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self.specs = memories(params)
        super().__init__(
            {
                "update": In(update_port(params)),
                "input": In(signed(self.specs[Memory.ACCUMULATORS].layout.width)),
                "done_group": In(unsigned(bits_for(params.groups))),
                "done": Out(1),
                "spike": Out(1),
                "overflow": Out(1),
                "bus": In(access_bus(params)),
                "selected": In(1),
                "rows": Out(rows_of(params, Memory.NEURONS, Memory.STATE)),
                "type_row": Out(self.specs[Memory.TYPES].layout.width),
                **fault_port(params),
                **(self._learning() if params.products else {}),
            }
        )

    def _learning(self) -> dict[str, wiring.Member]:
        """The ports of a chip that learns."""
        p, state = self.params, struct(self.specs[Memory.STATE].layout)
        return {
            "visit": In(1),
            "visit_group": In(unsigned(bits_for(p.groups))),
            "forget": In(1),
            "type": Out(unsigned(bits_for(p.types))),
            "type_valid": Out(1),
            "state": Out(state),
            "updated": Out(1),
            "traces": In(state),
            "rounding": In(1),
            "rounding_keys": In(noise_keys()),
            "draw": Out(NOISE_BITS),
        }

    def elaborate(self, platform: object) -> Module:
        m = Module()
        of_types, of_neurons, of_state = self.specs[Memory.TYPES], self.specs[Memory.NEURONS], self.specs[Memory.STATE]
        in_types, in_neurons, in_state = (
            protects(self.params, spec.memory) for spec in (of_types, of_neurons, of_state)
        )
        m.submodules.types = types = Ram(of_types.layout, of_types.depth, parity=in_types)
        m.submodules.constants = constants = Ram(of_neurons.layout, of_neurons.depth, parity=in_neurons)
        # It has few rows, but in look-up tables it takes a seventh of the wires of a core.
        m.submodules.state = state = Ram(of_state.layout, of_state.depth, block=True, parity=in_state)
        m.submodules.update = update = NeuronUpdate(self.params)

        # The bus of the core is long: what is read for it takes the same register as a group.
        row = Signal(len(self.update.group), reset_less=True)
        row_valid, constants_valid = Signal(), Signal()
        bus_reading, group_valid = Signal(), Signal()
        wanted = Mux(self.bus.reading & self.selected, self.bus.row, self.update.group)
        if self.params.products:
            wanted = Mux(self.visit, self.visit_group, wanted)
        m.d.sync += [
            row.eq(wanted),
            bus_reading.eq(self.bus.reading),
            group_valid.eq(self.update.valid),
            constants_valid.eq(group_valid),
        ]
        m.d.comb += [
            row_valid.eq(group_valid | bus_reading),
            state.read.eq(row_valid),
            state.read_row.eq(row),
            constants.read.eq(row_valid),
            constants.read_row.eq(row),
            types.read.eq(constants_valid),
            types.read_row.eq(constants.read_data.type),
        ]
        # What comes out of the blocks of these two waits in registers for the type.
        state_row, constants_row = (
            Signal.like(ram.read_data, name=name, reset_less=True)
            for ram, name in ((state, "state_row"), (constants, "constants_row"))
        )
        m.d.sync += [
            update.valid.eq(constants_valid),
            state_row.eq(state.read_data),
            constants_row.eq(constants.read_data),
        ]
        m.d.comb += [
            update.state.eq(state_row),
            update.constants.eq(constants_row),
            update.type.eq(types.read_data),
            update.input.eq(self.input),
            self.done.eq(update.done),
            self.spike.eq(update.spike),
            self.overflow.eq(update.overflow),
            state.write.eq(update.done),
            state.write_row.eq(self.done_group),
            state.write_data.eq(update.next_state),
        ]
        if self.params.noise or self.params.stochastic:
            m.submodules.noise = noise = NoiseLane()
            m.d.comb += [
                noise.keys.eq(self.update.keys),
                noise.number.eq(constants.read_data.number),
                update.draw.eq(noise.draw),
            ]
        if self.params.products:
            visits = follow(m, self.visit, "visits", 0, self.TYPE_DELAY, reset_less=False)
            m.d.comb += [
                row_valid.eq(group_valid | bus_reading | visits[1]),
                self.type.eq(constants.read_data.type),
                self.type_valid.eq(constants_valid | visits[self.TYPE_DELAY]),
                self.state.eq(state_row),
                self.updated.eq(update.valid),
            ]
            self._keep_traces(m, state, state_row, update)
        if self.params.stochastic:
            m.d.comb += self.draw.eq(noise.draw)
            with m.If(self.rounding):
                m.d.comb += noise.keys.eq(self.rounding_keys)

        serve(m, self.bus, of_types, types)
        serve_writes(m, self.bus, of_neurons, constants, selected=self.selected)
        serve_writes(m, self.bus, of_state, state, selected=self.selected)
        m.d.comb += [
            self.rows.NEURONS.eq(constants.read_data),
            self.rows.STATE.eq(state.read_data),
            self.type_row.eq(types.read_data),
        ]
        if self.params.parity:
            rams = ((Memory.TYPES, types, 0), (Memory.NEURONS, constants, 0), (Memory.STATE, state, 0))
            tell_first(m, self.fault, rams)
        return m

    def _keep_traces(self, m: Module, state: Ram, row: "data.View[data.StructLayout]", update: NeuronUpdate) -> None:
        """Writes the traces with the rest of STATE, and rows that are the same but for y0 where neurons forget."""
        forgets = follow(m, self.visit & self.forget, "forgets", 0, self.INPUT_DELAY, reset_less=False)
        groups = follow(m, self.visit_group, "visit_group", 0, self.INPUT_DELAY)
        forgetful, next_state = (Signal.like(row, name=name) for name in ("forgetful", "next_state"))
        m.d.comb += [
            next_state.eq(update.next_state),
            *(next_state[name].eq(self.traces[name]) for name in TRACES if name in next_state.shape().members),
            state.write_data.eq(next_state),
            forgetful.eq(row),
            forgetful.y0.eq(0),
        ]
        with m.If(forgets[self.INPUT_DELAY]):
            m.d.comb += [
                state.write.eq(1),
                state.write_row.eq(groups[self.INPUT_DELAY]),
                state.write_data.eq(forgetful),
            ]
