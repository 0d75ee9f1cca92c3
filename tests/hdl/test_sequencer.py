"""The phases of a step: what waits for what, and what each packet does."""

import random
from typing import Any

import pytest
from amaranth.hdl import Cat, Value

from ganglion.hdl.lib.packets import kind_of
from ganglion.hdl.sequencer import Sequencer
from ganglion.model.spec.memories import VERSION, Memory
from ganglion.model.spec.noise_constants import KEY_CYCLES
from ganglion.model.spec.packets import ACCESS, PACKET_BITS, SPIKE, Kind, end, spike
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.registers import REGISTER_BITS, Register, registers
from tests.hdl.simulate import Simulation, Stalls, stalls_of

TINY = PRESETS["tiny"]
CHIPS = [TINY, TINY.replace(noise=False, axons=16)]

Happening = tuple[str, int]


def packets_of(params: Params, seed: int) -> list[int]:
    """Spikes, ENDs and accesses in any order, and words that are none of these."""
    rng, packets = random.Random(seed), list[int]()
    for _ in range(150):
        strange = rng.getrandbits(PACKET_BITS - 4) << 4 | rng.choice([0, *range(5, 16)])
        access = rng.getrandbits(ACCESS.width - 4) << 4 | rng.choice((Kind.READ, Kind.WRITE))
        axon = rng.choice((rng.randrange(params.axons), rng.randrange(params.axons), rng.getrandbits(16)))
        packets.append(rng.choice((spike(axon), spike(axon), spike(axon), end(), access, strange)))
    return packets


def rtl_sequencer(params: Params, packets: list[int], stalls: Stalls) -> list[Happening]:
    """What it did, in order."""
    dut = Sequencer(params)
    simulation = Simulation(dut)
    simulation.source(dut.i, packets, stalls.sequence(stalls.source, "i"))
    simulation.sink(dut.events, stalls.sequence(stalls.sink, "events"))
    simulation.sink(dut.accesses, stalls.sequence(stalls.sink, "accesses"))
    happened = list[Happening]()
    simulation.watch(rest_of_the_core(dut, random.Random(stalls.seed), happened))
    simulation.run()
    return happened


def rest_of_the_core(dut: Sequencer, rng: random.Random, happened: list[Happening]) -> Any:
    """Is at work for a while after everything that it is given, and notes what that was."""
    params = dut.params
    event, access = dut.events.valid & dut.events.ready, dut.accesses.valid & dut.accesses.ready
    ended = dut.i.valid & dut.i.ready & (kind_of(dut.i.payload) == Kind.END)
    pulses = {"event": event, "access": access, "end": ended, "bad": dut.bad, "step": dut.step_ends}
    seen = [Cat(*pulses.values()), dut.begins, dut.update.valid, dut.update.group, dut.events.payload]
    seen += [Value.cast(dut.accesses.payload), dut.update.slot, dut.updating, dut.busy]

    async def process(ctx: Any) -> None:
        working = accessing = updating = ends = keying = 0
        groups = list[int]()
        while True:
            ctx.set(dut.quiet, not (working or accessing))
            ctx.set(dut.accessing, accessing > 0)
            ctx.set(dut.updated, updating == 1)
            _, _, hits, begins, group_valid, group, axon, word, slot, phase, busy = await ctx.tick().sample(*seen)
            now = {name for k, name in enumerate(pulses) if hits >> k & 1}
            keying = keying + 1 if busy and not ends % 2 else 0
            assert busy or not ends % 2, f"busy is {busy} after {ends} ENDs"
            assert keying <= KEY_CYCLES * params.noise, f"busy for {keying} cycles between steps"
            assert not (working or accessing) or not now & {"access", "end"}, f"{now} while not quiet"
            assert not accessing or not now, f"{now} while an access has the memories"
            assert not phase or not now & {"event", "access", "end", "bad"}, f"{now} during an update"
            working, accessing, updating = (max(0, left - 1) for left in (working, accessing, updating))
            values = {"event": axon, "access": word, "end": ends % 2, "bad": 0, "step": slot}
            happened.extend((name, values[name]) for name in pulses if name in now)
            ends += "end" in now
            if group_valid and not group:
                happened.append(("update", slot))
            if group_valid:
                groups.append(group)
            if group_valid and group == params.groups - 1:
                assert groups == list(range(params.groups)), f"the update went over groups {groups}"
                groups.clear()
                updating = rng.randrange(1, 12)
            if now & {"event"} or begins:
                working = rng.randrange(12)
            if "access" in now:
                accessing = rng.randrange(8)

    return process


def ref_sequencer(params: Params, packets: list[int]) -> list[Happening]:
    happened, step, stepping = list[Happening](), 0, 0
    for word in packets:
        fields = SPIKE.unpack(word & ((1 << SPIKE.width) - 1))
        kind, axon = fields["kind"], fields["axon"]
        slot = step % params.delay_slots
        if kind == Kind.SPIKE:
            happened.append(("event", axon) if axon < params.axons else ("bad", 0))
        elif kind in (Kind.READ, Kind.WRITE):
            happened.append(("access", word))
        elif kind == Kind.END:
            happened += [("end", stepping), ("step", slot) if stepping else ("update", slot)]
            step, stepping = step + stepping, 1 - stepping
        else:
            happened.append(("bad", 0))
    return happened


@pytest.mark.parametrize("params", CHIPS, ids=["noise", "no noise"])
@pytest.mark.parametrize("seed", range(6))
def test_each_packet_has_its_turn(params: Params, seed: int) -> None:
    packets = packets_of(params, seed)
    assert rtl_sequencer(params, packets, stalls_of(seed)) == ref_sequencer(params, packets), f"seed {seed}"


def rtl_registers(writes: list[tuple[Register, int]]) -> tuple[dict[Register, int], list[int]]:
    """All registers after these writes, and whether each write cleared."""
    dut, shown, cleared = Sequencer(TINY), dict[Register, int](), list[int]()
    simulation = Simulation(dut)

    async def process(ctx: Any) -> None:
        for register, value in writes:
            ctx.set(dut.bus.row, register)
            ctx.set(dut.bus.data, value)
            ctx.set(dut.bus.write[Memory.REGISTERS], 1)
            cleared.append(ctx.get(dut.clear))
            await ctx.tick()
        ctx.set(dut.bus.write[Memory.REGISTERS], 0)
        for register in registers(TINY):
            ctx.set(dut.bus.row, register)
            shown[register] = ctx.get(dut.register)
            await ctx.tick()
        assert ctx.get(dut.update.slot) == shown[Register.STEP] % TINY.delay_slots

    simulation.drive(process)
    simulation.run()
    return shown, cleared


def test_registers_hold_what_is_written() -> None:
    step, seed = 0xFFFF_FFFE, random.Random(0).getrandbits(REGISTER_BITS)
    writes = [(Register.STEP, step), (Register.SEED, seed), (Register.VERSION, 77)]
    shown, cleared = rtl_registers(writes)
    assert shown == {Register.VERSION: VERSION, Register.STEP: step, Register.SEED: seed, Register.CLEAR: 0}
    assert not any(cleared)


def test_clear_takes_the_step_back() -> None:
    shown, cleared = rtl_registers([(Register.STEP, 5), (Register.SEED, 6), (Register.CLEAR, 0)])
    assert (shown[Register.STEP], shown[Register.SEED]) == (0, 6)
    assert cleared == [0, 0, 1]
