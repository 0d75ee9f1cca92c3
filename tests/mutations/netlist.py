"""A chip and thousands of mutants of it in one netlist, where a packet says which one is at work.

Where there are routers, all mutants are of them, of the links between them and of the port to the host: cores stay what
they are.
"""

import re
import zlib
from dataclasses import dataclass

import numpy as np

from ganglion.hdl.names import CHIP, CORE
from ganglion.model.spec.packet_arrays import Words
from ganglion.model.spec.params import Params
from ganglion.model.spec.registers import COUNTER_BITS
from ganglion.sim.build import Chip, chip
from tests.mutations.any_core import DIRECTIONS, PORTS, any_core
from tests.mutations.mutate import NUMBER_BITS, Netlist, mutate

CHOOSE = 0x6D757461 << 32
"""What the high half of a packet is that chooses a mutant: no packet of a host, which has no bits there."""

WRAPPER = """
module chip({ports});{directions}
  reg [{number_bits}-1:0] mutant = 0;
  reg was_reset = 0;
  wire ready;
  wire chooses = i__valid && i__payload[63:32] == 32'd{choose};
  always @(posedge clk) begin
    if (chooses) mutant <= i__payload[{number_bits}+15:16];
    was_reset <= rst;
  end
  assign i__ready = chooses | ready;
  mutants all(
    .mutant(mutant), .clk(clk), .rst(rst & ~was_reset), .busy(busy),
    .i__payload(i__payload), .i__valid(i__valid & ~chooses), .i__ready(ready),
    .o__payload(o__payload), .o__valid(o__valid), .o__ready(o__ready)
  );
endmodule
"""
"""The chip's ports around the netlist. The number survives a reset, as it has to. Of a reset the netlist has the first
cycle alone, so that each of its flip-flops needs its own."""

COUNTERS = re.compile(r"(cell \$mem_v2 \S*\.counters\.totals\.(?:.*\n)*?\s*parameter \\INIT )(\d+)'[01]+")
"""The memory of counters, in RTLIL, up to what it holds at first."""

FIRST_COUNT = (1 << COUNTER_BITS) - 4
"""What counters begin at, so that all of their bits move."""


@dataclass(frozen=True)
class Mutants(Netlist):
    """A chip, and what its mutants are."""

    params: Params
    """Of the chip as it is."""
    chip: Chip
    """With all mutants in it."""


def seed_of(params: Params) -> int:
    """A seed that is another one whenever the chip changes."""
    return zlib.crc32(chip(params).verilog.encode()) >> 1


def choose(number: int) -> Words:
    """The packet that puts a mutant to work, or, with 0, the chip as it is."""
    return np.array([CHOOSE | number << 16], dtype=np.uint64)


def mutants(params: Params, count: int, seed: int) -> Mutants:
    """A chip with so many mutants, or somewhat fewer; made once and kept.

    Args:
        params: the chip.
        count: how many; Yosys spreads them over modules, cells, ports and lines of the source.
        seed: of the choice.

    Raises:
        ToolError: Yosys is missing or failed.
    """
    kept = {CORE: any_core(params)} if params.levels else {}
    made = mutate(params.name, chip(params).verilog, CHIP, count, seed, _counters_almost_full, kept)
    verilog = made.verilog + WRAPPER.format(
        ports=PORTS, directions=DIRECTIONS, choose=CHOOSE >> 32, number_bits=NUMBER_BITS
    )
    with_all = Chip(params.replace(name=f"mutants-{params.name}"), verilog, ())
    return Mutants(made.name, made.mutants, made.folder, made.kept, params, with_all)


def _counters_almost_full(flat: str) -> str:
    return COUNTERS.sub(_almost_full, flat)


def _almost_full(memory: re.Match[str]) -> str:
    """The memory of counters, each of which holds FIRST_COUNT."""
    bits = int(memory[2])
    return f"{memory[1]}{bits}'" + f"{FIRST_COUNT:0{COUNTER_BITS}b}" * (bits // COUNTER_BITS)
