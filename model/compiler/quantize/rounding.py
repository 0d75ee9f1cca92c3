"""From floats and scales to a `Program`: rounded weights, thresholds, biases and neuron types."""

from typing import Any

import numpy as np

from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.quantize.flat import Flat, name_of
from ganglion.model.compiler.quantize.plan import Plan
from ganglion.model.compiler.quantize.scale import TOLERANCE
from ganglion.model.compiler.quantize.simulate import Run
from ganglion.model.compiler.quantize.types import neuron_types
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.errors import NetworkError, ProgramError
from ganglion.model.spec.params import Params
from ganglion.model.spec.params.core import MOST_SLOTS
from ganglion.model.spec.program import Program


def round_to_program(
    network: Network,
    flat: Flat,
    plan: Plan,
    scale: FloatArray,
    params: Params,
    seed: int,
    run: Run | None = None,
    told: list[str] | None = None,
) -> Program:
    """A network in integers.

    Args:
        network: the network.
        flat: the same, laid out.
        plan: what of it learns.
        scale: units of the chip per unit of the user, shape (neurons,).
        params: the chip.
        seed: of the program's noise.
        run: of the floats on samples, where biases are to be corrected by the mean error of the input on them.
        told: gets a line for each decay that is approximated; None is to refuse those.

    Raises:
        NetworkError: something that the chip cannot represent; the message names the population or projection.
    """
    _check_delays(network, params)
    of = np.where(plan.receptor == 0, scale[flat.post_neuron], 1.0)
    rounded = np.rint(flat.weight * of)
    _check_plastic(network, flat, plan, rounded)
    weight = np.clip(rounded, *signed_range(params.weight_bits)).astype(np.int64)
    bias = flat.bias * scale
    if run is not None:
        lost = np.where(plan.receptor == 0, flat.weight * of - weight, 0) * run.mean[flat.pre]
        drive = np.bincount(flat.post_neuron, weights=lost, minlength=flat.neurons)
        # A current that decays by d passes 1 / d of a constant input on; one that never decays cannot be corrected.
        bias = bias + np.divide(drive, flat.current_decay, out=np.zeros_like(drive), where=flat.current_decay > 0)
        # A leak rounds down, which leaves half a unit more than it should in the membrane, on average.
        bias = bias - np.where((flat.decay > 0) & (flat.decay < 1), 0.5, 0)
    threshold = _thresholds(flat, scale, params)
    extra, later = _still_to_subtract(flat, threshold, params, told)
    v_reset = np.rint(flat.v_reset * scale).astype(np.int64)
    raised = np.rint(flat.adaptation_raise * scale).astype(np.int64)
    types = neuron_types(flat, v_reset, raised, plan, params, told)
    kept = np.flatnonzero((weight != 0) | (plan.rule > 0))
    columns: dict[str, Any] = {
        "pre": np.concatenate((flat.pre[kept], flat.inputs + extra)),
        "post": flat.inputs + np.concatenate((flat.post_neuron[kept], extra)),
        "weight": np.concatenate((weight[kept], np.full(extra.size, -1))),
        "delay": np.concatenate((flat.delay[kept], later)),
    }
    if plan.learning is not None:
        none = np.zeros(extra.size, dtype=np.int64)
        columns["learning"] = plan.learning
        columns |= {name: np.concatenate((getattr(plan, name)[kept], none)) for name in ("rule", "receptor")}
    outputs = network.outputs or list(network.populations)
    try:
        return Program.build(
            params=params,
            types=types.table,
            threshold=threshold,
            bias=np.rint(bias).astype(np.int64),
            type=types.of,
            inputs=flat.inputs,
            outputs=np.concatenate([np.arange(*flat.part(name).indices(flat.neurons)[:2]) for name in outputs]),
            seed=seed,
            names=flat.names,
            **columns,
        )
    except ProgramError as error:
        raise NetworkError(f"network '{network.name}' with these scales is no program: {error}") from error


def _check_plastic(network: Network, flat: Flat, plan: Plan, rounded: FloatArray) -> None:
    """Whether weights that learn, and those of receptor 1, which are in units of the chip, are in their ranges."""
    wrong = np.flatnonzero(((plan.rule > 0) | (plan.receptor > 0)) & ((rounded < plan.low) | (rounded > plan.high)))
    if wrong.size:
        k = wrong[0]
        raise NetworkError(
            f"projection {network.projections[flat.projection[k]].name}: weight {flat.weight[k]:g} becomes "
            f"{rounded[k]:g}, which is not in the range {plan.low[k]} to {plan.high[k]}; give other weights, or a scale"
        )


def _check_delays(network: Network, params: Params) -> None:
    for projection in network.projections:
        longest = int(projection.delay.max(initial=1))
        if longest >= params.delay_slots:
            slots = 1 << longest.bit_length()
            raise NetworkError(
                f"projection {projection.name} has a delay of {longest} steps; the chip ({params.name}) takes 1 to "
                f"{params.delay_slots - 1}: use longer steps",
                python=f"or params.replace(delay_slots={slots})" if slots <= MOST_SLOTS else "",
                command=f"or a chip of more, --set delay_slots={slots}" if slots <= MOST_SLOTS else "",
            )


def _thresholds(flat: Flat, scale: FloatArray, params: Params) -> IntArray:
    """Integer thresholds.

    A whole v is greater than x where it is greater than floor(x), and at least x where it is greater than
    ceil(x) - 1. Where the threshold is subtracted too, it is rounded to the nearest, so that what is subtracted is
    right; an inclusive one is then 1 less than what must be subtracted.
    """
    exact = np.where(flat.spiking, flat.threshold, 0) * scale
    near = np.rint(exact)
    level = np.where(np.abs(exact - near) < TOLERANCE * np.maximum(1, np.abs(near)), near, exact)
    whole = np.where(flat.subtract, near, np.where(flat.inclusive, np.ceil(level), np.floor(level)))
    lowest, highest = signed_range(params.membrane_bits)
    return np.where(flat.spiking, np.clip(whole - flat.inclusive, lowest, highest), highest).astype(np.int64)


def _still_to_subtract(
    flat: Flat, threshold: IntArray, params: Params, told: list[str] | None
) -> tuple[IntArray, IntArray]:
    """Neurons that need a synapse of -1 onto themselves, as an inclusive threshold subtracts 1 too little, and its
    delays: it arrives in the first step that is not refractory. Into a synaptic current it would last, so it is left
    away there, and told.
    """
    wanted = flat.inclusive & flat.subtract
    for name in flat.names if (wanted & flat.current).any() else ():
        part = flat.part(name)
        of = threshold[part][(wanted & flat.current)[part]]
        if not of.size:
            continue
        line = (
            f"'{name}': with a synaptic current, an inclusive threshold of {of.min() + 1} units takes one unit too "
            f"little from the membrane at a spike ({1 / max(1, of.min() + 1):.2%} of it)"
        )
        if told is None:
            raise NetworkError(f"{line}; make the threshold strict, or reset to a value")
        told.append(line)
    extra = np.flatnonzero(wanted & ~flat.current)
    later = 1 + flat.refractory
    if (wrong := extra[later[extra] >= params.delay_slots]).size:
        raise NetworkError(
            f"population '{name_of(flat, wrong[0])}': an inclusive threshold with reset by subtraction and a "
            f"refractory period of {flat.refractory[wrong[0]]} steps takes a delay of {later[wrong[0]]}, and the "
            f"chip ({params.name}) has {params.delay_slots - 1}; make the threshold strict, or reset to a value"
        )
    return extra, later[extra].astype(np.int64)
