"""The rows of a sweep: which of them are visited, and when their words may go."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.access.bus import access_bus, serve
from ganglion.hdl.learn.pre import PreTraces, pre_names, pre_view
from ganglion.hdl.learn.stages import CONSTANTS
from ganglion.hdl.lib.faults import fault_port, tell_first
from ganglion.hdl.lib.layouts import struct
from ganglion.hdl.lib.memory import Ram
from ganglion.hdl.lib.pipeline import follow
from ganglion.hdl.update.noise import NoiseKeys, NoiseLane, noise_keys
from ganglion.model.spec.memories import Memory, memories, protects
from ganglion.model.spec.noise_constants import KEY_BITS, KEYED_ROUNDS, NUMBER_BITS
from ganglion.model.spec.params import Params


def order(params: Params) -> data.StructLayout:
    """What the words of a row share: its rule, by the number of its head in RULES, and what is seen of the source."""
    head = struct(memories(params)[Memory.RULES].layout)
    rows = memories(params)[Memory.RULES].rows
    return data.StructLayout({"rule": head, "terms": unsigned(rows.bit_length()), "pre": pre_view(params), "active": 1})


class RowSieve(wiring.Component):
    """Passes on the rows of the axon table that have a rule, but for the silent ones: a row per cycle, in the cycle
    behind that of its view.

    A row is silent where its rule is quiet, its axon has not fired in this epoch, nothing is left of its traces, and no
    tag of it is known to be other than 0. A row whose rule rounds at random waits for its keys, which are made while
    the row before is walked.

    Args:
        params: sizes of the core.
    """

    KEYS_LATE = CONSTANTS + 2
    """Cycles from a row being passed on to its first word asking for its keys."""

    sweeping: Value
    """This is a sweep."""
    i: stream.Interface
    """Rows of AXONS."""
    o: stream.Interface
    """Those to be visited."""
    order: "data.View[data.StructLayout]"
    """Together with a row of `o`: what its words share; of `order`."""
    advance: Value
    """To the presynaptic traces: go on."""
    pre: "data.View[data.StructLayout]"
    """What is seen of a row, VIEW_LATENCY cycles after it was fetched."""
    kept: "data.View[data.StructLayout]"
    """The row of PRE."""
    was: "data.View[data.StructLayout]"
    """Together with a row of `o`: its row of PRE."""
    seed: Value
    """Seed of the network."""
    epoch: Value
    """Number of the epoch."""
    keys: "data.View[data.ArrayLayout]"
    """Keys of the random numbers of the words that have come so far."""
    leaves: Value
    """A row leaves, whether or not it is passed on."""
    busy: Value
    """A row is inside."""
    bus: "data.View[data.StructLayout]"
    """The access bus."""
    fault: "data.View[data.StructLayout]"
    """On a chip with parity: of `fault_report`."""
    rules_row: Value
    """The row of RULES that the bus reads, a cycle later."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self.specs = memories(params)
        axons = stream.Signature(struct(self.specs[Memory.AXONS].layout))
        super().__init__(
            {
                "sweeping": In(1),
                "i": In(axons),
                "o": Out(axons),
                "order": Out(order(params)),
                "advance": Out(1),
                "pre": In(pre_view(params)),
                "kept": In(struct(self.specs[Memory.PRE].layout)),
                "was": Out(struct(self.specs[Memory.PRE].layout)),
                "seed": In(KEY_BITS),
                "epoch": In(KEY_BITS),
                "keys": Out(noise_keys()),
                "leaves": Out(1),
                "busy": Out(1),
                "bus": In(access_bus(params)),
                **fault_port(params),
                "rules_row": Out(self.specs[Memory.RULES].layout.width),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p, spec = self.params, self.specs[Memory.RULES]
        m.submodules.rules = rules = Ram(spec.layout, spec.depth, parity=protects(p, Memory.RULES))
        last = PreTraces.VIEW_LATENCY

        # The rows come beside their traces, the first cycle being that of the fetch.
        rows, valids = [self.i.payload] * 2, [self.i.valid & self.sweeping] * 2
        for cycle in range(2, last + 1):
            rows.append(Signal.like(self.o.payload, name=f"row_{cycle}", reset_less=True))
            valids.append(Signal(name=f"valid_{cycle}"))
            with m.If(self.advance):
                m.d.sync += [rows[-1].eq(rows[-2]), valids[-1].eq(valids[-2])]
        row, valid = rows[last], valids[last]
        head_row = (rows[last - 1].rule - 1)[: len(row.rule)] * (p.terms + 1)
        first_term = Signal(self.order.terms.shape(), reset_less=True)
        # Nobody wants what is read while the host writes.
        m.d.comb += [rules.read.eq(self.advance & ~self.bus.write[Memory.RULES]), rules.read_row.eq(head_row)]
        with m.If(self.advance):
            m.d.sync += first_term.eq(head_row + 1)

        # Whether a row is visited is a register: all the rows behind it wait for that.
        rule, going = rules.read_data, Signal(order(p))
        tagged = rule.tagged & self.kept.tagged if p.tag_bits else Const(0)
        m.d.comb += [
            going.rule.eq(rule),
            going.terms.eq(first_term),
            going.pre.eq(self.pre),
            going.active.eq(self.pre.x0 | Cat(self.pre[name] for name in pre_names(p)).any()),
        ]
        stands, visits, allowed = Signal(), Signal(), Signal(init=1)
        with m.If(self.advance):
            m.d.sync += [
                stands.eq(valid),
                visits.eq(valid & (row.rule != 0) & (row.length != 0) & (going.active | ~rule.quiet | tagged)),
                self.o.payload.eq(row),
                self.order.eq(going),
                self.was.eq(self.kept),
            ]
        m.d.comb += [
            self.leaves.eq(stands & (~visits | (allowed & self.o.ready))),
            self.advance.eq(~stands | self.leaves),
            self.i.ready.eq(self.advance),
            self.o.valid.eq(visits & allowed),
            self.busy.eq(Cat(*valids[1:], stands).any()),
        ]
        if p.stochastic:
            m.d.comb += allowed.eq(self._keyed(m, self.o.payload, visits & self.order.rule.stochastic, self.leaves))

        serve(m, self.bus, spec, rules)
        m.d.comb += self.rules_row.eq(rules.read_data)
        if p.parity:
            tell_first(m, self.fault, [(Memory.RULES, rules, 0)])
        return m

    def _keyed(self, m: Module, row: "data.View[data.StructLayout]", wanted: Value, leaves: Value) -> Value:
        """Whether a row has its keys, if it wants any; makes them, and keeps them for the words on their way."""
        m.submodules.schedule = schedule = NoiseKeys()
        started = Signal()
        # The words of the row before ask for theirs when it has left.
        late = follow(m, wanted & leaves, "left", 0, self.KEYS_LATE - 1, reset_less=False)
        starts = wanted & ~started & ~Cat(late[1:-1]).any()
        number = Cat(row.source, row.copy, Const(0, KEY_BITS - NUMBER_BITS - len(row.copy) - 1), Const(1, 1))
        m.d.comb += [
            schedule.seed.eq(self.seed ^ number),
            schedule.step.eq(self.epoch),
            schedule.start.eq(starts),
        ]
        m.d.sync += started.eq(Mux(leaves, 0, started | starts))
        keys = Signal(self.keys.shape(), reset_less=True)
        with m.If(late[-1]):
            m.d.sync += keys.eq(schedule.keys)
        # The second half of the rounds comes a cycle behind the first.
        for k, round_ in enumerate(KEYED_ROUNDS):
            key = keys[k] if round_ < NoiseLane.SPLIT else follow(m, keys[k], f"key_{k}", 0, 1)[1]
            m.d.comb += self.keys[k].eq(key)
        return ~wanted | (started & schedule.done)
