"""A chip and thousands of mutants of it in one netlist: Yosys makes them, and a packet says which one is at work."""

import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ganglion.fpga.tools import run_program
from ganglion.model.spec.packet_arrays import Words
from ganglion.model.spec.params import Params
from ganglion.sim.build import Chip, chip
from ganglion.sim.cache import cached_build

NUMBER_BITS = 16
"""Of the number of a mutant; 0 is the chip as it is."""

CHOOSE = 0x6D757461 << 32
"""What the high half of a packet is that chooses a mutant: no packet of a host, which has no bits there."""

LEFT_OUT = re.compile(r" -port (RD_|WR_|CLK |TRG |EN |ARGS )")
"""Of memories, which Yosys cannot write any more when their ports have changed; clocks, and what watches the chip."""

REDUCE = "opt -full; wreduce; splitcells; opt -full; wreduce; opt_clean -purge"
"""Takes out the bits that nothing reads: to change these changes nothing."""

WAIVED = ("CASEINCOMPLETE", "CASEOVERLAP", "DECLFILENAME", "UNOPTFLAT", "UNUSEDSIGNAL", "WIDTHEXPAND", "WIDTHTRUNC")
"""Warnings of Verilator that a netlist of Yosys is full of."""

WRAPPER = """
module chip(clk, rst, i__payload, i__valid, i__ready, o__payload, o__valid, o__ready, busy);
  input clk, rst, i__valid, o__ready;
  input [63:0] i__payload;
  output i__ready, o__valid, busy;
  output [63:0] o__payload;
  reg [{number_bits}-1:0] mutant = 0;
  wire ready;
  wire chooses = i__valid && i__payload[63:32] == 32'd{choose};
  always @(posedge clk) if (chooses) mutant <= i__payload[{number_bits}+15:16];
  assign i__ready = chooses | ready;
  mutants all(
    .mutant(mutant), .clk(clk), .rst(rst), .busy(busy),
    .i__payload(i__payload), .i__valid(i__valid & ~chooses), .i__ready(ready),
    .o__payload(o__payload), .o__valid(o__valid), .o__ready(o__ready)
  );
endmodule
"""
"""The chip's ports around the netlist. The number survives a reset, as it has to."""


@dataclass(frozen=True)
class Mutant:
    """One change of one bit of one cell."""

    number: int
    module: str
    """Where it is: the way from the chip through its submodules."""
    what: str
    """How, as Yosys has it: the mode, cell, port and bit, and the wire."""


@dataclass(frozen=True)
class Mutants:
    """A chip, and what its mutants are."""

    chip: Chip
    mutants: tuple[Mutant, ...]


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
    verilog = chip(params).verilog

    def build(folder: Path) -> None:
        (folder / "chip.v").write_text(verilog)
        read = "read_verilog -sv -noassert chip.v; hierarchy -top chip; proc; flatten; delete t:$check t:$print"
        write = "memory_collect; rename chip mutants; write_rtlil flat.il"
        listed = f"mutate -list {count} -seed {seed} -o list.txt"
        run_program("yosys", folder, ["-q", "-p", f"{read}; {REDUCE}; {write}; {listed}"])
        lines = [line for line in (folder / "list.txt").read_text().splitlines() if not LEFT_OUT.search(line)]
        found = [_mutant(number, line) for number, line in enumerate(lines, start=1)]
        control = f"mutate -ctrl mutant {NUMBER_BITS}"
        applied = [line.replace("mutate", f"{control} {k}", 1) for k, line in enumerate(lines, start=1)]
        script = ["read_rtlil flat.il", *applied, "write_verilog -noattr -norename netlist.v"]
        (folder / "apply.ys").write_text("\n".join(script) + "\n")
        run_program("yosys", folder, ["-q", "-s", "apply.ys"])
        (folder / "mutants.json").write_text(json.dumps([asdict(mutant) for mutant in found]))

    inputs = [verilog, f"{count} {seed}", Path(__file__).read_text()]
    folder = cached_build(f"mutants-{params.name}", inputs, build, compiled=False)
    waivers = "".join(f"/* verilator lint_off {name} */\n" for name in WAIVED)
    # What Yosys says of its own multiplexers holds for the chip, and not for its mutants.
    netlist = (folder / "netlist.v").read_text().replace("// synopsys parallel_case", "")
    wrapper = WRAPPER.format(choose=CHOOSE >> 32, number_bits=NUMBER_BITS)
    found = [Mutant(**fields) for fields in json.loads((folder / "mutants.json").read_text())]
    return Mutants(Chip(params.replace(name=f"mutants-{params.name}"), waivers + netlist + wrapper, ()), tuple(found))


def _mutant(number: int, line: str) -> Mutant:
    """A line of Yosys' list."""
    options = dict(re.findall(r"-(mode|cell|port|portbit|ctrlbit|wire|wirebit) (\S+)", line))
    way = re.sub(r"_\d+\b", "", ".".join(_path(options["cell"])))
    place = [f"{name} {options[name]}" for name in ("cell", "port", "portbit", "wire", "wirebit") if name in options]
    return Mutant(number, way or "chip", " ".join([options["mode"], *place]))


def _path(cell: str) -> Sequence[str]:
    """The submodules on the way to a cell of the flat netlist."""
    return re.findall(r"\\(\w+)\.", cell)
