"""Packets as tokens: the same packets come out, both ways, and how few bytes they take."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganglion.fpga.host.compact import compact, tokens
from ganglion.fpga.host.expand import Expander
from ganglion.fpga.host.huffman import BYTES, Code
from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.packet_arrays import Words, reads, spikes, writes
from ganglion.model.spec.packets import ACCESS, SPIKE, Kind, Scope, end
from ganglion.model.spec.tokens import LIST_EVENTS, LONGEST_CODE
from tests.fpga.host.board_tokens import opened, read_tokens, write_tokens
from tests.fpga.streams import END, random_packets, replies, rows, steps


def there(words: Words) -> list[int]:
    return read_tokens(opened(compact(words)))


@given(st.integers(0, 1 << 32), st.sampled_from(["steps", "rows", "packets", "all"]))
@settings(max_examples=12, deadline=None)
def test_a_board_reads_the_packets_that_were_sent(seed: int, what: str) -> None:
    rng = np.random.default_rng(seed)
    parts = {"steps": steps(rng, 40), "rows": rows(rng, 6), "packets": random_packets(60, rng)}
    words = np.concatenate([parts[name] for name in rng.permutation(list(parts))]) if what == "all" else parts[what]
    assert there(words) == words.tolist()
    plain = np.append(random_packets(int(rng.integers(1, 90)), rng), np.repeat(END, rng.integers(0, 40)))
    assert there(plain) == plain.tolist()


def test_nothing_is_sent_for_nothing() -> None:
    assert compact(np.zeros(0, dtype=np.uint64)) == b""


def test_an_event_takes_at_most_two_bytes_and_an_end_one() -> None:
    """Whatever the order of the events of a core; the route is said once, and some bytes of blocks are the line's."""
    rng = np.random.default_rng(1)
    axons = rng.integers(0, 1 << 14, size=4000)
    ended = np.insert(spikes(axons, 7), np.arange(0, 4000, 10), end())
    assert len(tokens(ended)) <= 2 * axons.size + 400 + 3


def test_steps_without_events_are_counted() -> None:
    assert len(compact(np.repeat(END, 1600))) <= 100 + 2


@pytest.mark.parametrize("events", [1, 100, LIST_EVENTS])
def test_input_that_stays_is_said_once(events: int) -> None:
    step = np.append(spikes(np.arange(0, 2 * events, 2), 3), END)
    assert len(tokens(np.tile(step, 64))) <= len(tokens(step)) + 4
    assert len(tokens(np.tile(step, 1000))) <= 16 * (len(tokens(step)) + 4)


def test_input_that_changes_in_part_takes_a_bit_an_event() -> None:
    rng = np.random.default_rng(2)
    axons = np.arange(100) * 3
    words = np.concatenate([np.append(spikes(axons[rng.random(100) < 0.5]), END) for _ in range(64)])
    assert len(tokens(words)) <= 64 * (1 + 13) + 110


def test_consecutive_rows_take_their_data_and_equal_words_nothing() -> None:
    rng = np.random.default_rng(3)
    data = rng.integers(0, 1 << 16, size=(1000, 3)).astype(np.uint16)
    assert len(compact(writes(Memory.SYNAPSES, np.arange(1000), data))) < 6000 * 1.01 + 12
    assert len(tokens(writes(Memory.SYNAPSES, np.arange(1000), np.zeros_like(data)))) < 40
    assert len(tokens(reads(Memory.STATE, np.arange(1000), 3))) < 40


def test_what_is_not_even_is_coded_by_how_often_it_comes() -> None:
    """To within a tenth of the entropy."""
    rng = np.random.default_rng(4)
    data = np.clip(rng.normal(scale=9, size=(5000, 2)), -99, 99).astype(np.int8).view(np.uint8).astype(np.uint16)
    words = writes(Memory.SYNAPSES, np.arange(2500), data[::2] | data[1::2] << 8)
    shares = np.bincount(data.ravel()) / data.size
    entropy = -(shares[shares > 0] * np.log2(shares[shares > 0])).sum() / 8
    assert len(compact(words)) < 1.1 * entropy * data.size


@given(st.integers(0, 1 << 32))
@settings(max_examples=6, deadline=None)
def test_no_code_is_too_long_and_all_codes_are_used(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = np.zeros(BYTES, dtype=np.int64)
    used = rng.choice(BYTES, size=rng.integers(2, BYTES + 1), replace=False)
    counts[used] = np.minimum(rng.uniform(1.05, 2) ** np.arange(used.size), 1e12).astype(np.int64)
    length = Code.of(counts).length
    assert np.array_equal(length > 0, counts > 0) and length.max() <= LONGEST_CODE
    assert (2.0 ** -length[used]).sum() == 1


@given(st.integers(0, 1 << 32))
@settings(max_examples=10, deadline=None)
def test_a_host_reads_the_packets_that_a_board_sent(seed: int) -> None:
    """However its bytes are cut."""
    rng = np.random.default_rng(seed)
    words = np.concatenate([replies(rng, 5), random_packets(20, rng)])
    raw, waiting, got = write_tokens(words.tolist()), bytearray(), list[int]()
    expander = Expander()
    for byte in raw:
        waiting.append(byte)
        got += expander.read(waiting).tolist()
    assert got == words.tolist() and not waiting


def test_outputs_replies_and_ends_are_short() -> None:
    outputs = np.array([SPIKE.pack(kind=Kind.SPIKE, axon=k, scope=Scope.HOST) for k in range(1000)], dtype=np.uint64)
    assert len(write_tokens(outputs.tolist())) <= 2 * outputs.size
    answered = reads(Memory.STATE, np.arange(100), 2) + np.uint64(Kind.REPLY - Kind.READ)
    answered |= np.uint64(0x1234) << ACCESS.places["data"][0]
    assert len(write_tokens(answered.tolist())) <= 3 * answered.size + 6


@pytest.mark.parametrize("byte", [0xF0, 0xF2, 0xFF])
def test_a_token_that_is_none_is_refused(byte: int) -> None:
    with pytest.raises(FormatError, match="token 0xf"):
        Expander().read(bytearray([byte]))
