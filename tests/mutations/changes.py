"""One-line changes to the chip that break it, and the checks that see each of them. A list of data: add a row."""

from dataclasses import dataclass

from ganglion.model.spec.params import PRESETS

LOCKSTEP = "lockstep"
"""The check that runs random networks on the changed chip and on the reference; others are files of tests."""

TREE = "lockstep of a tree"
"""The same on a chip of four cores, with routers on two levels and links of 16 wires."""

LOCKSTEPS = {LOCKSTEP: PRESETS["tiny"], TREE: PRESETS["tiny"].replace(name="tree", levels=(2, 2), link_bits=16)}
"""The chips of these checks."""


@dataclass(frozen=True)
class Change:
    """One line of `hdl`, `fpga` or `model`, what it becomes, and what comes of that."""

    name: str
    file: str
    """In `folder`."""
    old: str
    """Part of a line; it is there exactly once."""
    new: str
    breaks: str
    """What the chip does wrong then."""
    caught_by: tuple[str, ...]
    """Checks that fail, every one of them."""
    folder: str = "hdl"
    """Of the file, and below tests/ of the checks."""

    @property
    def path(self) -> str:
        """The file, from the root of the repository."""
        return f"{self.folder}/{self.file}"

    @property
    def checks(self) -> tuple[str, ...]:
        """Those of `caught_by`: names in LOCKSTEPS, and files from the root of the repository."""
        return tuple(c if c in LOCKSTEPS else f"tests/{self.folder}/{c}.py" for c in self.caught_by)

    def apply(self, source: str) -> str:
        """The source with the change.

        Raises:
            ValueError: the old line is not there, or more than once.
        """
        count = source.count(self.old)
        if count != 1 or "\n" in self.old:
            raise ValueError(f"{self.name}: {self.path} must have one line with {self.old!r}, it has {count}")
        return source.replace(self.old, self.new)


CHANGES = (
    # Arithmetic.
    Change(
        "wrap-unsigned",
        "lib/arith.py",
        "return value[:bits].as_signed()",
        "return value[:bits]",
        "a wrapped number loses its sign",
        (LOCKSTEP, "lib/test_arith", "update/test_neuron"),
    ),
    Change(
        "saturate-wrong-end",
        "lib/arith.py",
        "Cat((~sign).replicate(bits - 1), sign)",
        "Cat(sign.replicate(bits - 1), ~sign)",
        "a number that does not fit goes to the bound of the other sign",
        (LOCKSTEP, "lib/test_arith", "update/test_neuron"),
    ),
    # The neuron.
    Change(
        "threshold-or-equal",
        "update/neuron.py",
        "(next_v[4] > limit)",
        "(next_v[4] >= limit)",
        "a neuron at its threshold fires",
        (LOCKSTEP, "update/test_neuron"),
    ),
    Change(
        "leak-unsigned",
        "update/neuron.py",
        "return (value * factor) >> p.decay_bits",
        "return (value.as_unsigned() * factor) >> p.decay_bits",
        "a membrane below zero leaks as if it were far above",
        (LOCKSTEP, "update/test_neuron"),
    ),
    Change(
        "input-while-refractory",
        "update/neuron.py",
        'register(Mux(active[0], i, 0), "i_1")',
        'register(i, "i_1")',
        "a refractory neuron integrates its input",
        (LOCKSTEP, "update/test_neuron"),
    ),
    Change(
        "bias-while-refractory",
        "update/neuron.py",
        'register(Mux(active[0], self.constants.bias, 0), "bias_1")',
        'register(self.constants.bias, "bias_1")',
        "a refractory neuron integrates its bias",
        (LOCKSTEP, "update/test_neuron"),
    ),
    Change(
        "reset-wraps",
        "update/neuron.py",
        "saturate(next_v[4] - threshold[4], p.membrane_bits)",
        "wrap(next_v[4] - threshold[4], p.membrane_bits)",
        "reset by subtraction of a negative threshold runs over",
        (LOCKSTEP, "update/test_neuron"),
    ),
    Change(
        "overflow-unseen",
        "update/neuron.py",
        "self.overflow.eq(self.valid & (i != self.input))",
        "self.overflow.eq(0)",
        "the guard bits are not compared: a sum beyond W bits goes uncounted",
        (LOCKSTEP, "update/test_neuron"),
    ),
    Change(
        "current-not-asked",
        "update/neuron.py",
        "next_u = saturate(u[2] - leak_u + Mux(charged, i[2], 0), p.current_bits)",
        "next_u = saturate(u[2] - leak_u + i[2], p.current_bits)",
        "a neuron whose type has no current charges one",
        (LOCKSTEP, "update/test_neuron"),
    ),
    Change(
        "type-a-cycle-early",
        "update/neuron.py",
        "reset = Mux(type_[5].subtract, below, type_[5].v_reset)",
        "reset = Mux(type_[4].subtract, below, type_[5].v_reset)",
        "a register fewer: a neuron resets in the way of the one behind it",
        (LOCKSTEP, "update/test_neuron"),
    ),
    # The noise.
    Change(
        "noise-not-inverted",
        "update/noise.py",
        "return ~mix(half, half.rotate_right(ROTATIONS[2]))",
        "return mix(half, half.rotate_right(ROTATIONS[2]))",
        "the rounds without a key draw other numbers",
        (LOCKSTEP, "update/test_noise"),
    ),
    Change(
        "noise-without-sign",
        "update/noise.py",
        "return ((draw & mask) | (sign.replicate(NOISE_BITS) & ~mask)).as_signed()",
        "return (draw & mask).as_signed()",
        "noise of few bits is never below zero",
        (LOCKSTEP, "update/test_noise"),
    ),
    # The accumulators.
    Change(
        "no-forwarding-1",
        "deliver/accumulator.py",
        "old_is_total.eq(same_1)",
        "old_is_total.eq(0)",
        "an addition to the row of the operation before loses that one",
        (LOCKSTEP, "deliver/test_accumulator"),
    ),
    Change(
        "no-forwarding-2",
        "deliver/accumulator.py",
        "old.eq(Mux(same_2, total, Mux(same_3, last_total, ram.read_data.value)))",
        "old.eq(Mux(same_3, last_total, ram.read_data.value))",
        "an addition to the row of two operations before loses that one",
        (LOCKSTEP, "deliver/test_accumulator"),
    ),
    Change(
        "no-forwarding-3",
        "deliver/accumulator.py",
        "old.eq(Mux(same_2, total, Mux(same_3, last_total, ram.read_data.value)))",
        "old.eq(Mux(same_2, total, ram.read_data.value))",
        "an addition to the row of three operations before loses that one",
        (LOCKSTEP, "deliver/test_accumulator"),
    ),
    Change(
        "accumulator-not-cleared",
        "deliver/accumulator.py",
        "total.eq(Mux(add.replace, 0, self.value) + add.addend)",
        "total.eq(self.value + add.addend)",
        "an accumulator that was read keeps its sum",
        (LOCKSTEP, "deliver/test_accumulator"),
    ),
    # The way of an event.
    Change(
        "merge-drops",
        "lib/streams.py",
        "self.second.ready.eq(buffer.i.ready & ~self.first.valid)",
        "self.second.ready.eq(buffer.i.ready)",
        "of two items that come together, the second is lost",
        ("lib/test_streams",),
    ),
    Change(
        "chain-ignored",
        "deliver/lookup.py",
        "chained = row_valid & more & ~last",
        "chained = row_valid & more & 0",
        "only the first row of an axon is walked",
        (LOCKSTEP, "deliver/test_lookup"),
    ),
    Change(
        "walker-one-more",
        "deliver/walker.py",
        "last.eq(left == 2)",
        "last.eq(left == 1)",
        "a row of two words or more is walked one word too far",
        (LOCKSTEP, "deliver/test_walker"),
    ),
    Change(
        "walker-does-not-wait",
        "deliver/walker.py",
        "with m.Elif(self.words.ready):",
        "with m.Else():",
        "a word that is not taken is lost",
        ("deliver/test_walker",),
    ),
    Change(
        "beat-not-reset",
        "deliver/walker.py",
        "word.beat.eq(0)",
        "word.beat.eq(word.beat)",
        "a row begins at the weight at which the last dense row ended",
        (LOCKSTEP, "deliver/test_walker"),
    ),
    Change(
        "delay-of-dense-ignored",
        "deliver/synapses.py",
        "slot.eq(self.slot + Mux(word.dense, word.delay, entry.delay))",
        "slot.eq(self.slot + entry.delay)",
        "dense rows take a weight for their delay",
        (LOCKSTEP, "deliver/test_synapses"),
    ),
    Change(
        "word-a-cycle-early",
        "deliver/synapses.py",
        "word_valid.eq(fetched_valid),",
        "word_valid.eq(self.words.valid),",
        "a register fewer: what is added is the word before",
        (LOCKSTEP, "deliver/test_synapses"),
    ),
    Change(
        "fanout-next-ignored",
        "update/fanout.py",
        "with m.If(entry.next != 0):",
        "with m.If(entry.next != entry.next):",
        "a spike leaves by the first entry of its neuron alone",
        (LOCKSTEP, "update/test_fanout"),
    ),
    Change(
        "fanout-lists-endless",
        "update/fanout.py",
        "with m.If(~below(taken, p.fanout_entries)):",
        "with m.If(~below(taken, 2 * p.fanout_entries)):",
        "lists that go round hold the step for ever",
        ("update/test_fanout",),
    ),
    Change(
        "fanout-axon-cut",
        "update/fanout.py",
        "axon_exists = below(entry.axon, p.axons)",
        "axon_exists = below(entry.axon, 1 << len(entry.axon))",
        "an entry for an axon that does not exist fires another one",
        ("update/test_fanout",),
    ),
    Change(
        "axon-behind-the-table",
        "deliver/lookup.py",
        "last = axon == self.params.axons - 1",
        "last = axon == self.params.axons",
        "an axon goes on behind the end of the table",
        ("deliver/test_lookup",),
    ),
    # The order of a step.
    Change(
        "step-not-counted",
        "sequencer.py",
        "m.d.sync += [step.eq(step + 1), stepping.eq(0)]",
        "m.d.sync += [stepping.eq(0)]",
        "every step is step 0",
        (LOCKSTEP, "test_sequencer"),
    ),
    Change(
        "end-taken-early",
        "sequencer.py",
        "m.d.comb += self.i.ready.eq(self.quiet)",
        "m.d.comb += self.i.ready.eq(1)",
        "an END that comes while events are delivered is lost",
        (LOCKSTEP, "test_sequencer"),
    ),
    Change(
        "end-before-the-last-sum",
        "core.py",
        "sequencer.quiet.eq(~(delivering | adding | fanout.busy | access.busy))",
        "sequencer.quiet.eq(~(delivering | fanout.busy | access.busy))",
        "END does not wait for sums on their way",
        (LOCKSTEP,),
    ),
    Change(
        "host-during-a-step",
        "chip.py",
        "m.d.comb += self.busy.eq(1)",
        "m.d.comb += [self.busy.eq(1), merge.second.valid.eq(self.host_i.valid), self.host_i.ready.eq(1)]",
        "what the host sends passes while a step runs",
        ("test_chip",),
    ),
    # The tree.
    Change(
        "end-of-any-child",
        "router/ascent.py",
        "reduce(and_, at_end) & ~self.turn.valid",
        "Cat(at_end).any() & ~self.turn.valid",
        "END goes up as soon as one child has ended",
        ("router/test_router",),
    ),
    Change(
        "end-before-turned",
        "router/ascent.py",
        "reduce(and_, at_end) & ~self.turn.valid",
        "reduce(and_, at_end)",
        "END goes up while spikes have yet to turn, and its answer overtakes them",
        ("router/test_router",),
    ),
    Change(
        "end-to-one-child",
        "router/fork.py",
        "destinations.eq(Mux(is_end, everybody, mask))",
        "destinations.eq(Mux(is_end, 1, mask))",
        "only the first child hears of the end of a step",
        (TREE, "router/test_router"),
    ),
    Change(
        "mask-of-another-level",
        "router/fork.py",
        "packet.route.word_select(self.level - 1, RADIX)",
        "packet.route.word_select(2 - self.level, RADIX)",
        "routers go by the mask of the other level",
        (TREE, "router/test_router"),
    ),
    Change(
        "scope-off-by-one",
        "router/router.py",
        'Scope[f"LEVEL_{self.level}"]',
        'Scope[f"LEVEL_{self.level + 1}"]',
        "a spike turns a level too low, or not at all",
        (TREE, "router/test_router"),
    ),
    Change(
        "fork-forgets",
        "router/fork.py",
        "served.eq(Mux(done, 0, served | accepting))",
        "served.eq(0)",
        "a child that has taken a packet gets it again while another one does not take it",
        (TREE, "router/test_router"),
    ),
    Change(
        "fork-does-not-wait",
        "router/fork.py",
        "(destinations & ~served & ~accepting) == 0",
        "(destinations & accepting) != 0",
        "a packet is gone when one child has taken it",
        (TREE, "router/test_router"),
    ),
    Change(
        "read-not-held",
        "router/router.py",
        "fork.hold.eq(monitor.busy)",
        "fork.hold.eq(0)",
        "packets overtake a READ of the router's counters",
        ("router/test_router",),
    ),
    Change(
        "absent-child-uncounted",
        "router/fork.py",
        "((mask == 0) | (mask & ~everybody != 0))",
        "(mask == 0)",
        "a packet for a child that is not there goes uncounted where another one gets it",
        ("router/test_router",),
    ),
    Change(
        "router-busy-too-short",
        "router/router.py",
        "ascent.busy | descent.o.valid | monitor.busy",
        "ascent.busy | monitor.busy",
        "a packet that no child takes does not make its router busy",
        ("router/test_router",),
    ),
    Change(
        "arbiter-never-turns",
        "lib/streams.py",
        "m.d.sync += later.eq(Cat(",
        "m.d.sync += later.eq(later | Cat(",
        "an input goes before the others for ever",
        ("lib/test_streams",),
    ),
    Change(
        "buffer-drops",
        "lib/streams.py",
        "m.d.sync += [skid.eq(self.i.payload), skid_valid.eq(1)]",
        "m.d.sync += [skid.eq(self.i.payload), skid_valid.eq(0)]",
        "the second item that waits is lost",
        (TREE, "lib/test_streams", "router/test_router"),
    ),
    Change(
        "pieces-in-wrong-order",
        "lib/serdes.py",
        "self.o.payload >> self.wires | self.i.payload << (PACKET_BITS - self.wires)",
        "self.o.payload << self.wires | self.i.payload",
        "a packet is put together from its other end",
        (TREE, "lib/test_serdes"),
    ),
    Change(
        "serializer-takes-too-early",
        "lib/serdes.py",
        "self.i.ready.eq(left == 0)",
        "self.i.ready.eq(left <= 1)",
        "the next packet comes while the last piece of one waits",
        (TREE, "lib/test_serdes"),
    ),
    Change(
        "step-ends-at-a-spike",
        "chip.py",
        "with m.If(transfers(self.up) & cores_end):",
        "with m.If(transfers(self.up)):",
        "the first spike that comes to the host ends the step",
        (TREE, "test_chip"),
    ),
    # Access and counters.
    Change(
        "state-not-cleared",
        "access/access.py",
        "[request.write[spec.memory].eq(1) for spec in cleared]",
        "[request.write[spec.memory].eq(1) for spec in cleared[1:]]",
        "a cleared chip keeps its membranes",
        ("access/test_access",),
    ),
    Change(
        "write-to-every-lane",
        "access/bus.py",
        "(Const(1) if selected is None else selected)",
        "Const(1)",
        "what is written to one lane is written to all",
        (LOCKSTEP, "access/test_bus"),
    ),
    Change(
        "answer-too-early",
        "access/access.py",
        "return 1 + self.latency + 1",
        "return 1 + self.latency",
        "a READ is answered before the slowest memory has",
        ("access/test_access",),
    ),
    Change(
        "counts-lost",
        "lib/counters.py",
        "gathered[counter].eq(kept + self.add[counter])",
        "gathered[counter].eq(Mux(visited == counter, 0, gathered[counter] + self.add[counter]))",
        "what comes in the cycle of a visit is not counted",
        (LOCKSTEP, "lib/test_counters"),
    ),
    Change(
        "counters-of-16-bits",
        "lib/counters.py",
        "totals.write_data.eq(totals.read_data.value + amount)",
        "totals.write_data.eq((totals.read_data.value + amount)[:16])",
        "a counter begins again at 65,536",
        ("lib/test_counters",),
    ),
    Change(
        "overflows-of-any-lane",
        "core.py",
        "Counter.OVERFLOWS: sum(lane.overflow for lane in lanes),",
        "Counter.OVERFLOWS: Cat(lane.overflow for lane in lanes).any(),",
        "lanes that overflow in one cycle count as one",
        ("test_chip",),
    ),
    Change(
        "queue-not-counted",
        "core.py",
        "Counter.DELIVER_CYCLES: delivering,",
        "Counter.DELIVER_CYCLES: lookup.busy | walker.words.valid,",
        "the cycle in which an event waits is no cycle of delivery",
        ("test_chip",),
    ),
    Change(
        "update-counted-short",
        "core.py",
        "Counter.UPDATE_CYCLES: sequencer.updating,",
        "Counter.UPDATE_CYCLES: sequencer.update.valid,",
        "the cycles in which the last groups are updated are not counted",
        ("test_chip",),
    ),
    Change(
        "busy-in-steps-alone",
        "core.py",
        "self.busy.eq(sequencer.busy | ~sequencer.quiet)",
        "self.busy.eq(sequencer.busy)",
        "a chip that delivers or answers outside of a step says that it is at rest",
        ("test_chip",),
    ),
    Change(
        "busy-without-the-port",
        "chip.py",
        "m.d.comb += self.busy.eq(port.busy | tree.busy)",
        "m.d.comb += self.busy.eq(tree.busy)",
        "a packet that has been taken and is in no core yet makes nothing busy",
        ("test_chip",),
    ),
    Change(
        "spike-during-access",
        "sequencer.py",
        "with m.If(self.i.valid & ~self.accessing), m.Switch(event.kind):",
        "with m.If(self.i.valid), m.Switch(event.kind):",
        "an event right behind a READ or WRITE meets it in the memories",
        ("test_sequencer", "test_chip"),
    ),
    # The link, at the board.
    Change(
        "uart-samples-at-the-edge",
        "uart_link/uart.py",
        "wait.eq(self.divider // 2 - 1)",
        "wait.eq(0)",
        "bits are sampled where they begin",
        ("uart_link/test_uart",),
        "fpga",
    ),
    Change(
        "uart-starts-at-a-glitch",
        "uart_link/uart.py",
        "left.eq(Mux((left == BITS) & wire, 0, left - 1))",
        "left.eq(left - 1)",
        "a wire that is low for a cycle becomes a byte",
        ("uart_link/test_uart",),
        "fpga",
    ),
    Change(
        "uart-stop-bit-short",
        "uart_link/uart.py",
        "left.eq(BITS)]",
        "left.eq(BITS - 1)]",
        "a byte that waits follows after a cycle of stop bit",
        ("uart_link/test_uart",),
        "fpga",
    ),
    Change(
        "board-hears-any-session",
        "uart_link/link.py",
        "(frame.kind == FrameKind.DATA) & (frame.session == session)",
        "(frame.kind == FrameKind.DATA)",
        "bytes of an earlier session go to the chip",
        ("uart_link/test_link",),
        "fpga",
    ),
    Change(
        "board-believes-the-host",
        "uart_link/link.py",
        "with m.If(ahead(frame.ack, acked) <= ahead(given, acked)):",
        "with m.If(ahead(frame.ack, acked) != 1 << 15):",
        "the host acknowledges what the board never gave, and those bytes are lost",
        ("uart_link/test_link",),
        "fpga",
    ),
    Change(
        "board-opens-twice",
        "uart_link/link.py",
        "(frame.kind == FrameKind.OPEN) & (frame.session != session)",
        "(frame.kind == FrameKind.OPEN)",
        "an opening that comes again resets a session under way",
        ("uart_link/test_link",),
        "fpga",
    ),
    Change(
        "board-takes-twice",
        "uart_link/link.py",
        "with m.If((frame.offset == got) & fits):",
        "with m.If(fits):",
        "a frame that comes again goes to the chip again",
        ("uart_link/test_link",),
        "fpga",
    ),
    # The link, at the host.
    Change(
        "host-believes-the-board",
        "host/session.py",
        "if advance > self._most - self._acked:",
        "if advance > len(self._queue):",
        "the board acknowledges what was not sent, and the host forgets it",
        ("host/test_session",),
        "fpga",
    ),
    Change(
        "host-takes-old-for-new",
        "host/session.py",
        "advance = _signed(frame.ack - self._acked)",
        "advance = (frame.ack - self._acked) % MODULO",
        "an acknowledgement that comes late counts as one of bytes to come",
        ("host/test_session",),
        "fpga",
    ),
    Change(
        "host-believes-old-room",
        "host/session.py",
        "self._limit = max(self._limit, self._acked + min(frame.room, HALF - 1))",
        "self._limit = self._acked + frame.room",
        "a frame that comes late takes back the room that a later one told",
        ("host/test_session",),
        "fpga",
    ),
    Change(
        "host-hears-any-session",
        "host/session.py",
        "if frame.session != self.session or frame.kind != FrameKind.DATA:",
        "if frame.kind != FrameKind.DATA:",
        "what an earlier session left on the line is taken",
        ("host/test_session",),
        "fpga",
    ),
    Change(
        "host-begins-in-the-middle",
        "host/session.py",
        "if not self.open and (frame.offset or frame.ack):",
        "if not self.open and frame.offset:",
        "a session of an earlier host, of the same number, is taken for a new one",
        ("host/test_session",),
        "fpga",
    ),
    # The numbers of outputs.
    Change(
        "outputs-of-16-bits",
        "compiler/route/fanout.py",
        "routes = np.concatenate((route, output >> AXON_BITS))",
        "routes = np.concatenate((route, 0 * output))",
        "output 65,536 has the number of the first one",
        ("compiler/route/test_fanout",),
        "model",
    ),
    Change(
        "outputs-read-short",
        "spec/packet_arrays.py",
        'return unpack(SPIKE, "axon", words) | unpack(SPIKE, "route", words) << AXON_BITS',
        'return unpack(SPIKE, "axon", words)',
        "a spike of output 65,536 is taken for one of the first",
        ("spec/test_packet_arrays",),
        "model",
    ),
)
