"""The constants of the noise: the specification, the emulator's kernel and the hardware read them here."""

NUMBER_BITS = 20
"""Bits of a neuron's number in the network, as far as the noise sees it."""

NOISE_BITS = 17
"""Bits of a draw, before the type's amplitude narrows it."""

HALF_BITS = NUMBER_BITS // 2
"""Bits of half a neuron's number, and of a round key."""

KEY_BITS = 32
"""Bits of half the state that the keys are made in, and of seed and step."""

ROTATIONS = (1, 8, 7)
"""Rotations right in a round, of neuron and keys alike: one for the XOR, two for the OR. A keyed round puts a key in
place of the third, a whitened one in place of the first."""

ROUNDS = 11
"""Rounds from a neuron's number to its draw."""

KEYED_ROUNDS = (0, 2, 3, 4, 6)
"""Rounds that take a key."""

WHITENED_ROUNDS = (3, 4)
"""Keyed rounds whose key goes to the XOR. Two in a row reach both halves, and so make every draw equally likely."""

KEY_ROUNDS = 15
"""Rounds from seed and step to the keys."""

KEY_CYCLES = KEY_ROUNDS + 2
"""Cycles from the END that begins a step to the keys of the next one being there: one to start, one to begin anew, the
rounds."""

KEY_START = (0x243F6A88, 0x85A308D3)
"""Halves of the state that the keys begin with: the first 64 bits of the fraction of pi, which have no symmetry."""
