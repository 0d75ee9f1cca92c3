"""The serial line: bytes at every divider, from senders that drift, with edges anywhere between two cycles."""

import random
from typing import Any

import pytest

from ganglion.fpga.uart_link.uart import BITS, UartReceiver, UartSender
from tests.fpga.uart_link.waves import Wave, bits_of, wave_of
from tests.hdl.simulate import Simulation, Stalls, stalls_of

DRIFT = 0.02


def rtl_receive(wave: Wave, divider: int) -> bytes:
    dut = UartReceiver(divider)
    simulation = Simulation(dut)
    bytes_ = simulation.record(dut.valid, dut.data)

    async def process(ctx: Any) -> None:
        for level in wave:
            ctx.set(dut.rx, level)
            await ctx.tick()

    simulation.drive(process)
    simulation.run()
    return bytes(byte for _, byte in bytes_)


@pytest.mark.parametrize("divider", [2, 3, 4, 7, 25])
@pytest.mark.parametrize("drift", [-DRIFT, 0.0, DRIFT])
def test_every_byte_is_received(divider: int, drift: float) -> None:
    """Wherever the edges are between two cycles. Of two cycles per bit, the one that may be lost leaves no room for
    drift."""
    data = bytes([0, 0xFF, 0x55, 0x80]) + random.Random(divider).randbytes(2)
    for phase in (0.01, 0.5, 0.99):
        wave = wave_of(data, divider, drift=drift * (divider > 2), phase=phase, jitter=0.05 * (divider > 4))
        assert rtl_receive(wave, divider) == data, f"phase {phase}"


@pytest.mark.parametrize("divider", [3, 4, 7, 25])
def test_a_wire_low_for_less_than_half_a_bit_is_no_start(divider: int) -> None:
    """Nor does it disturb the byte behind it."""
    for low in {1, divider // 2}:
        glitch = [1] * divider + [0] * low + [1] * divider
        wave = wave_of(b"\xc3", divider)
        assert rtl_receive(glitch + wave + glitch + wave + glitch, divider) == b"\xc3\xc3", f"{low} cycles"


def test_a_glitch_between_two_samples_is_not_seen() -> None:
    divider, byte = 8, 0x35
    clean = wave_of(bytes([byte]), divider)
    start = clean.index(0)
    for bit in range(1, BITS):
        wave = list(clean)
        for cycle in (start + bit * divider + 1, start + bit * divider + divider - 2):
            wave[cycle] ^= 1
        assert rtl_receive(wave, divider) == bytes([byte]), f"bit {bit}"


def test_a_byte_without_its_stop_bit_is_passed_on() -> None:
    divider = 4
    wave = [1] * 9 + [level for bit in [*bits_of(0x5A)[:-1], 0, 1, 1] for level in [bit] * divider]
    assert rtl_receive(wave + [1] * 12 * divider, divider)[:1] == b"\x5a"


def rtl_send(data: bytes, divider: int, stalls: Stalls) -> Wave:
    dut, wave = UartSender(divider), Wave()
    simulation = Simulation(dut)
    simulation.source(dut.i, data, stalls.sequence(stalls.source, "i"))

    async def process(ctx: Any) -> None:
        while True:
            _, _, level = await ctx.tick().sample(dut.tx)
            wave.append(level)

    async def wait(ctx: Any) -> None:
        await ctx.tick().repeat((len(data) + 1) * (BITS + 2) * divider)

    simulation.watch(process)
    simulation.drive(wait)
    simulation.run()
    return wave


@pytest.mark.parametrize("divider", [2, 3, 7, 16])
def test_each_bit_lasts_as_long_as_stated(divider: int) -> None:
    """Bytes that wait are sent one behind the other; a stop bit, in which the next byte is taken, has a cycle more."""
    data = bytes([0, 0xFF, 0x55, 0x80, 0x01])
    wave = rtl_send(data, divider, Stalls(0))
    wanted = [level for byte in data for level in [*(bit for bit in bits_of(byte) for _ in range(divider)), 1]]
    start = wave.index(0)
    assert wave[:start] == [1] * start
    assert wave[start:] == wanted + [1] * (len(wave) - start - len(wanted))


@pytest.mark.parametrize("seed", range(4))
def test_what_is_sent_is_received(seed: int) -> None:
    divider, data = random.Random(seed).choice((2, 3, 5, 9)), random.Random(seed).randbytes(12)
    assert rtl_receive(rtl_send(data, divider, stalls_of(seed)), divider) == data
