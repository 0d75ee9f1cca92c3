"""The noise: keys of a step, shared by all lanes, and draws of one neuron per cycle in each.

The function is that of docs/reference/noise.md. Every bit of every round is one LUT of four inputs.
"""

from amaranth.hdl import Cat, Module, Mux, Signal, Value, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ganglion.model.spec.noise_constants import (
    HALF_BITS,
    KEY_BITS,
    KEY_ROUNDS,
    KEY_START,
    KEYED_ROUNDS,
    NOISE_BITS,
    NUMBER_BITS,
    ROTATIONS,
    ROUNDS,
    WHITENED_ROUNDS,
)


def noise_keys() -> data.ArrayLayout:
    """The keys of one step."""
    return data.ArrayLayout(unsigned(HALF_BITS), len(KEYED_ROUNDS))


class NoiseKeys(wiring.Component):
    """Makes the keys of a step, one round per cycle.

    `seed` and `step` must hold still from `start` to `done`. A reset is a start.
    """

    CYCLES = 1 + KEY_ROUNDS
    """Cycles from `start` to `done`."""

    start: Value
    """Make the keys anew."""
    step: Value
    """The step, its low bits."""
    seed: Value
    """The seed of the network."""
    keys: "data.View[data.ArrayLayout]"
    """The keys, once they are done."""
    done: Value
    """They are, until the next start."""

    def __init__(self) -> None:
        super().__init__(
            {
                "start": In(1),
                "step": In(KEY_BITS),
                "seed": In(KEY_BITS),
                "keys": Out(noise_keys()),
                "done": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        newer, older = (Signal(KEY_BITS, init=init) for init in KEY_START)
        rounds = Signal(range(KEY_ROUNDS + 1))
        m.d.comb += [self.done.eq(rounds == KEY_ROUNDS), self.keys.eq(Cat(newer, older))]
        with m.If(self.start):
            m.d.sync += [newer.eq(newer.init), older.eq(older.init), rounds.eq(0)]
        with m.Elif(~self.done):
            m.d.sync += [
                newer.eq(older ^ unkeyed(newer)),
                older.eq(newer ^ Mux(rounds[0], self.seed, self.step)),
                rounds.eq(rounds + 1),
            ]
        return m


class NoiseLane(wiring.Component):
    """A Feistel cipher, unrolled into a pipeline: draws for one neuron per cycle.

    A register takes the number, which may come straight out of a memory; the next stands before round SPLIT.
    """

    LATENCY = 3
    """Cycles from `number` to `draw`."""

    SPLIT = ROUNDS // 2
    """The round that begins a new cycle."""

    keys: "data.View[data.ArrayLayout]"
    """The keys of the step."""
    number: Value
    """The neuron's number in the network."""
    draw: Value
    """Its draw."""

    def __init__(self) -> None:
        super().__init__({"keys": In(noise_keys()), "number": In(NUMBER_BITS), "draw": Out(NOISE_BITS)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        number = Signal(NUMBER_BITS, reset_less=True)
        m.d.sync += number.eq(self.number)
        newer, older = number[:HALF_BITS], number[HALF_BITS:]
        for round_ in range(ROUNDS):
            if round_ == self.SPLIT:
                halves = Signal(NUMBER_BITS, reset_less=True)
                m.d.sync += halves.eq(Cat(newer, older))
                newer, older = halves[:HALF_BITS], halves[HALF_BITS:]
            mixed = Signal(HALF_BITS, name=f"round_{round_}")
            if round_ in KEYED_ROUNDS:
                key = self.keys[KEYED_ROUNDS.index(round_)]
                m.d.comb += mixed.eq(older ^ (whitened if round_ in WHITENED_ROUNDS else mix)(newer, key))
            else:
                m.d.comb += mixed.eq(older ^ unkeyed(newer))
            newer, older = mixed, newer
        draw = Signal(NOISE_BITS, reset_less=True)
        m.d.sync += draw.eq(Cat(newer, older))
        m.d.comb += self.draw.eq(draw)
        return m


def mix(half: Value, other: Value) -> Value:
    """What a round with a key adds to the older half."""
    return half.rotate_right(ROTATIONS[0]) ^ (half.rotate_right(ROTATIONS[1]) | other)


def whitened(half: Value, key: Value) -> Value:
    """What it adds where its key goes to the XOR."""
    return key ^ (half.rotate_right(ROTATIONS[1]) | half.rotate_right(ROTATIONS[2]))


def unkeyed(half: Value) -> Value:
    """What it adds where it has no key."""
    return ~mix(half, half.rotate_right(ROTATIONS[2]))


def narrow(draw: Value, mask: Value) -> Value:
    """The bits of a draw that a mask 2^n - 1 lets through, as a signed number of n bits; 0 where the mask is 0."""
    sign = (draw & mask & ~(mask >> 1)).any()
    return ((draw & mask) | (sign.replicate(NOISE_BITS) & ~mask)).as_signed()
