"""What a chip is sent for a network and its steps, as text."""

from collections.abc import Sequence
from pathlib import Path

from ganglion.model.compiler import compile_program
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.files import written_whole
from ganglion.model.spec.packets import end, spike
from ganglion.model.spec.program import Program


def dump(program: Program, steps: Sequence[IntArray], file: str | Path) -> str:
    """Write packets to a file, one a line, in hexadecimal: those that load a network, then those of each step.

    Args:
        program: the network.
        steps: the host's events of each step.
        file: where to.

    Returns:
        What was written.

    Raises:
        CapacityError: the network does not fit its chip.
    """
    image = compile_program(program)
    start, axon, route = (array.tolist() for array in (image.inputs.start, image.inputs.axon, image.inputs.route))
    packets = image.packets().tolist()
    for axons in steps:
        for k in axons.tolist():
            packets += [spike(axon[to], route[to]) for to in range(start[k], start[k + 1])]
        packets.append(end())
    text = "".join(f"{packet:016x}\n" for packet in packets)
    with written_whole(Path(file)) as stream:
        stream.write(text.encode())
    return text
