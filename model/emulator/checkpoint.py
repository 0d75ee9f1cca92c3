"""Checkpoints: all that a running network is, in one file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ganglion.model.emulator.kernels.plastic import LEARNED as STEPS_LEARNED
from ganglion.model.emulator.kernels.plastic import MODULATOR
from ganglion.model.emulator.network import StoredNetwork
from ganglion.model.emulator.plasticity import NUMBERS as PLASTIC_NUMBERS
from ganglion.model.spec.archive import Archive, Format
from ganglion.model.spec.arithmetic import integers, signed_range, whole_number
from ganglion.model.spec.errors import FormatError, MismatchError, ProgramError
from ganglion.model.spec.fields import STATE_FIELDS
from ganglion.model.spec.learning_fields import LEARNING_STATE
from ganglion.model.spec.limits import READABLE
from ganglion.model.spec.state import MODULATORS, State

FORMAT = Format("Ganglion checkpoint", 3, "save it again")

LARGEST = (1 << 62) - 1
"""Of the numbers of a snapshot."""

NUMBERS = {"most": 1, "loaded": 0, "bound": 0}
"""Numbers of a snapshot, and the least that they can be; with the fingerprint of the network the header of the file."""

CLOCK = "clock"

STATE = tuple(spec.name for spec in STATE_FIELDS)

LEARNED = tuple(spec.name for spec in LEARNING_STATE)

CHANGEABLE = tuple(name for name in READABLE if name not in STATE)
"""What a user may have changed that no step does."""

WEIGHTS = ("sparse", "dense")
"""Arrays of the snapshots of networks whose weights were written to."""

PLASTIC = "plastic"
"""Of a network that learns: the numbers that `Plasticity.numbers` tells."""


def save(path: str | Path, snapshot: Mapping[str, Any]) -> None:
    """Write what `Engine.snapshot` returned.

    Raises:
        OSError: the file cannot be written; an older one of the name is untouched.
    """
    header = {name: snapshot[name] for name in ("network", *NUMBERS)}
    arrays = {name: array for name, array in snapshot.items() if name not in header}
    Archive(path=Path(path), format=FORMAT, header=header, arrays=arrays).save(compressed=False)


def read(path: str | Path, network: StoredNetwork) -> dict[str, Any]:
    """What was saved of a network, checked, for `Engine.restore`.

    Raises:
        FormatError: there is no such file, or it is not a checkpoint of this version, or damaged.
        MismatchError: it is of another network.
    """
    archive = Archive.load(path, FORMAT)
    snapshot: dict[str, Any] = {"network": archive.entry("network", str)}
    snapshot |= {name: archive.entry(name, lambda value: value) for name in NUMBERS}
    learns = network.neurons.learning is not None
    snapshot |= {name: archive.integers(name) for name in (*CHANGEABLE, CLOCK, *((PLASTIC,) if learns else ()))}
    per_slot = {spec.name: spec.per_slot for spec in STATE_FIELDS}
    per_slot |= {spec.name: spec.per_slot for spec in LEARNING_STATE} if learns else {}
    snapshot |= {name: archive.integers(name, 2 if slots else 1) for name, slots in per_slot.items()}
    snapshot |= {name: archive.integers(name) for name in WEIGHTS if name in archive.arrays}
    archive.check_read()
    try:
        check(snapshot, network)
    except (FormatError, MismatchError) as error:
        raise type(error)(f"{path}: {error}") from error
    return snapshot


def check(snapshot: Mapping[str, Any], network: StoredNetwork) -> None:
    """Whether a network can go on from a snapshot.

    Raises:
        FormatError: the snapshot is not whole, or has a value that the network cannot have; names it.
        MismatchError: it is of another network.
    """
    wanted = {"network", CLOCK, *NUMBERS, *STATE, *CHANGEABLE}
    if network.neurons.learning is not None:
        wanted |= {PLASTIC, *LEARNED}
    if set(snapshot) not in (wanted, {*wanted, *WEIGHTS}):
        differing = sorted({*wanted} ^ set(snapshot) - {*WEIGHTS}) or sorted({*WEIGHTS} - set(snapshot))
        raise FormatError(f"a snapshot must have {', '.join(sorted(wanted))}; these differ: {', '.join(differing)}")
    if snapshot["network"] != network.fingerprint():
        raise MismatchError("this is a checkpoint of another network; resume it on the one it was saved from")
    if network.written and "sparse" not in snapshot:
        raise MismatchError(
            "this checkpoint has the weights that the network was stored with, but this network's were written to "
            "since; resume on the network stored anew"
        )
    try:
        _check_values(snapshot, network)
    except (ProgramError, TypeError, ValueError) as error:
        raise FormatError(f"this checkpoint is damaged: {error}: {FORMAT.again}") from error


def _check_values(snapshot: Mapping[str, Any], network: StoredNetwork) -> None:
    limits = network.limits
    numbers = {name: whole_number(name, snapshot[name], least, LARGEST) for name, least in NUMBERS.items()}
    clock = integers(CLOCK, snapshot[CLOCK], 0, LARGEST)
    if clock.size != 4:
        raise ProgramError(f"{CLOCK} must be 4 numbers, not {clock.size}")
    state = State({name: snapshot[name] for name in STATE})
    if network.neurons.learning is not None:
        plastic = integers(PLASTIC, snapshot[PLASTIC], -LARGEST, LARGEST)
        if plastic.size != PLASTIC_NUMBERS:
            raise ProgramError(f"{PLASTIC} must be {PLASTIC_NUMBERS} numbers, not {plastic.size}")
        arrays = {name: snapshot[name] for name in (*STATE, *LEARNED)}
        modulators = plastic[MODULATOR : MODULATOR + MODULATORS].tolist()
        state = State(arrays, learned=int(plastic[STEPS_LEARNED]), modulators=modulators)
    limits.check_state(state)
    for name in CHANGEABLE:
        if np.shape(snapshot[name]) != (network.count,):
            raise ProgramError(f"{name} must have shape ({network.count},), not {np.shape(snapshot[name])}")
        integers(name, snapshot[name], *limits.fields.get(name, (0, 0)))
    # The accumulators are made as wide as this bound asks for.
    bound = max(numbers["bound"], network.bound) * numbers["most"] + numbers["loaded"]
    if bound <= signed_range(limits.params.accumulator_bits)[1]:
        integers("accumulators", snapshot["accumulators"], -bound, bound)
    for name, there in zip(WEIGHTS, network.stored_weights() if "sparse" in snapshot else (), strict=False):
        if np.shape(snapshot[name]) != there.shape:
            raise ProgramError(f"{name} must have shape {there.shape}, not {np.shape(snapshot[name])}")
        integers(f"a weight of {name}", snapshot[name], *signed_range(limits.params.weight_bits))
