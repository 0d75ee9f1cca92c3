"""What mutants of a link are given: conversations of a host with a board, over lines of every kind, with resets."""

import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ganglion.fpga.host.compact import tokens
from ganglion.fpga.host.session import MODULO
from ganglion.model.spec.frames import LinkVersion
from ganglion.model.spec.packet_arrays import Words
from ganglion.model.spec.packets import KIND_BITS
from tests.fpga.host.line import Line
from tests.fpga.streams import random_packets, replies, rows, steps, unknown_packets
from tests.fpga.uart_link.waves import wave_of
from tests.mutations.link_bench import LinkBench, LinkDriver, Recording, Tell
from tests.mutations.link_frames import (
    acknowledgements,
    every_piece,
    full_frames,
    strange_frames,
    too_much,
    without_session,
)
from tests.mutations.link_record import FULL, TICK, Host, Pace, Recorder
from tests.mutations.link_tokens import any_tokens, every_count, long_lists, no_codes, plain_block, told_exactly
from tests.mutations.link_top import DIVIDER, SIZES

PACES = (
    FULL,
    Pace(byte=0.2, line=0.2),
    Pace(chip=0.0),
    Pace(line=0.0),
    Pace(byte=0.5, line=0.5, chip=0.02, packet=0.5),
    Pace(byte=0.05, line=0.3, chip=0.5, packet=0.02),
)

SILENT = int(2.5 * SIZES.patience)
"""Cycles for which a host says nothing."""


def recordings(bench: LinkBench, version: LinkVersion, rounds: int) -> list[Recording]:
    """What the link as it is does, the shortest first.

    Args:
        bench: with the link among its mutants.
        version: of the link.
        rounds: how often everything is drawn anew; 0 is once, without what takes long.
    """
    with bench.link(0) as link:
        return list(played(link, version, rounds) if rounds else _short(Recorder(link, version), 0))


def played(link: LinkDriver, version: LinkVersion, rounds: int) -> Iterator[Recording]:
    """Everything, drawn anew so often, as the link plays it."""
    return _all(Recorder(link, version), rounds)


def _all(recorder: Recorder, rounds: int) -> Iterator[Recording]:
    for seed in range(rounds):
        yield from _short(recorder, seed)
    for seed in range(rounds):
        yield too_much(recorder, seed)
        yield without_session(recorder, seed)
        yield acknowledgements(recorder, seed)
        yield _resets(recorder, seed)
    if recorder.version == LinkVersion.COMPACT:
        yield long_lists(recorder, rounds)
    yield full_frames(recorder, rounds)
    yield every_piece(recorder, rounds)
    for seed in range(rounds):
        yield _silence(recorder, seed)
        yield _sessions(recorder, seed)
    yield _long_session(recorder, rounds)


def _short(recorder: Recorder, seed: int) -> Iterator[Recording]:
    yield _uart(recorder, seed)
    yield _conversation(recorder, seed)
    if recorder.version == LinkVersion.COMPACT:
        yield told_exactly(recorder, seed)
        yield every_count(recorder, seed)
        yield no_codes(recorder, seed)
        yield any_tokens(recorder, seed)
    yield _numbers_of_sessions(recorder, seed)
    yield strange_frames(recorder, seed)


def _uart(recorder: Recorder, seed: int) -> Recording:
    """The UART: bytes both ways, from a sender that drifts, with glitches between."""
    rng = random.Random(seed)
    recorder.begin("uart", seed)
    recorder.offer_bytes(bytes([0, 0xFF, 0x55, 0x80]) + rng.randbytes(8))
    wave = [1] * 20
    for drift in (-0.02, 0.0, 0.02):
        data = bytes([0, 0xFF, 0x55, 0x80]) + rng.randbytes(4)
        wave += wave_of(data, DIVIDER, drift=drift, phase=rng.random(), jitter=0.05)
        wave += [0] * rng.randint(1, DIVIDER // 2) + [1] * rng.randint(DIVIDER, 3 * DIVIDER)
    told = np.where(wave, Tell.RX, 0).astype(np.uint32)
    told[recorder.rng.random(told.size) < 0.05] |= Tell.OFFER_BYTE
    recorder.run(told)
    return recorder.end()


def _conversation(recorder: Recorder, seed: int) -> Recording:
    """A quiet line, and packets of all kinds both ways, of those too that there are not."""
    rng = recorder.begin("conversation", seed)
    host = Host(recorder)
    for _ in range(3):
        host.send(random_packets(int(rng.integers(1, 40)), rng))
        recorder.offer(random_packets(int(rng.integers(1, 40)), rng))
        host.settle()
    host.send(unknown_packets(40, rng))
    recorder.offer(unknown_packets(40, rng))
    host.settle()
    return recorder.end()


def _sessions(recorder: Recorder, seed: int) -> Recording:
    """Hosts one behind the other, over lines that lose, damage, repeat and hold up frames, with stalls on all sides;
    some go away in the middle."""
    rng = recorder.begin("sessions", seed)
    lines = Line(""), Line("", lost=0.1), Line("", damaged=0.1), Line("", repeated=0.5), Line("", late=0.4)
    for k, line in enumerate([*lines, Line("", lost=0.05, damaged=0.05, repeated=0.3, late=0.3)]):
        # Each host has lines of its own: no frame is held up for longer than its host lives.
        first, second = (
            (replace(line, seed=f"{seed} {k} {n} down"), replace(line, seed=f"{seed} {k} {n} up")) for n in range(2)
        )
        host = Host(recorder, ways=first)
        host.send(_down(recorder))
        recorder.offer(_up(recorder))
        if k % 2:
            for _ in range(int(rng.integers(1, 40))):
                host.tick(PACES[int(rng.integers(len(PACES)))])
            host = Host(recorder, ways=second)
            host.send(_down(recorder))
        host.settle(PACES)
    return recorder.end()


def _down(recorder: Recorder) -> Words:
    rng = recorder.rng
    parts = [random_packets(int(rng.integers(1, 60)), rng), steps(rng, 6), rows(rng, 3, 40)]
    return np.concatenate([parts[k] for k in rng.permutation(3)])


def _up(recorder: Recorder) -> Words:
    rng = recorder.rng
    return np.concatenate([replies(rng, 8), random_packets(int(rng.integers(1, 60)), rng)])


def _numbers_of_sessions(recorder: Recorder, seed: int) -> Recording:
    """Sessions whose numbers differ by a bit."""
    recorder.begin("numbers of sessions", seed)
    number = int(recorder.rng.integers(1, 1 << 16))
    for bit in range(16):
        number ^= 1 << bit
        if number:
            host = Host(recorder, number)
            host.send(random_packets(1, recorder.rng))
            host.settle()
    return recorder.end()


def _silence(recorder: Recorder, seed: int) -> Recording:
    """A host that says nothing for longer than the board waits, and a line that takes nothing meanwhile, or does."""
    rng = recorder.begin("silence", seed)
    host = Host(recorder)
    for k in range(6):
        host.settle()
        host.send(random_packets(5, rng))
        recorder.offer(random_packets(int(rng.choice([1, 8, 80])), rng))
        for _ in range(int(rng.integers(1, 12))):
            host.tick(FULL)
        recorder.tick(Pace(line=(1.0, 0.0, 0.3)[k % 3]), SILENT)
    host.settle()
    return recorder.end()


def _resets(recorder: Recorder, seed: int) -> Recording:
    """Resets of one cycle, and hosts one behind the other, at any time, over a line that damages frames."""
    rng = recorder.begin("resets", seed)
    for k in range(24):
        host = Host(recorder, ways=(Line(f"{seed} {k}", damaged=0.3), Line("")))
        host.send(_down(recorder))
        recorder.offer(_up(recorder))
        for _ in range(int(rng.integers(5, 40))):
            host.tick(PACES[int(rng.integers(len(PACES)))])
        recorder.tick(PACES[int(rng.integers(len(PACES)))], int(rng.integers(1, TICK)))
        if k % 3:
            recorder.run(np.full(1, Tell.RESET | Tell.RX, dtype=np.uint32))
        recorder.to_board.clear()
        recorder.from_board.clear()
    return recorder.end()


def _long_session(recorder: Recorder, seed: int) -> Recording:
    """More bytes each way than their numbers have, and a silence where they begin again."""
    recorder.begin("long session", seed)
    host = Host(recorder)
    parts = 5
    words = (MODULO // 9 if recorder.version == LinkVersion.COMPACT else MODULO // 8) - 10
    for _ in range(parts):
        # Of kind 0, which is none, so that they travel whole; one way at a time, which is faster.
        down, up = _whole(recorder, words // parts), _whole(recorder, words // parts)
        if recorder.version == LinkVersion.COMPACT:
            host.send_bytes(plain_block(tokens(down)), down)
        else:
            host.send(down)
        host.settle()
        recorder.offer(up)
        host.settle()
    recorder.offer(_whole(recorder, 20))
    for _ in range(3):
        host.send(_whole(recorder, 20))
        host.tick(Pace(chip=0.0))
    recorder.tick(Pace(line=0.3, chip=0.01), SILENT)
    recorder.offer(_up(recorder))
    host.send(_down(recorder))
    host.settle(PACES)
    return recorder.end()


def _whole(recorder: Recorder, count: int) -> Words:
    """Packets that travel whole."""
    return recorder.rng.integers(1 << 60, size=count, dtype=np.uint64) << np.uint64(KIND_BITS)
