"""A chip and thousands of mutants of it in one netlist: Yosys makes them, and a packet says which one is at work."""

import json
import re
import shutil
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from ganglion.fpga.tools import run_program
from ganglion.model.spec.packet_arrays import Words
from ganglion.model.spec.params import Params
from ganglion.model.spec.registers import COUNTER_BITS
from ganglion.sim.build import Chip, chip
from ganglion.sim.cache import cached_build
from tests.mutations.aig import Circuit

NUMBER_BITS = 16
"""Of the number of a mutant; 0 is the chip as it is."""

CHOOSE = 0x6D757461 << 32
"""What the high half of a packet is that chooses a mutant: no packet of a host, which has no bits there."""

LEFT_OUT = re.compile(r" -port (RD_|WR_|CLK )")
"""Of memories, which Yosys cannot write any more when their ports have changed, and clocks."""

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


COUNTERS = re.compile(r"(cell \$mem_v2 \S*\.counters\.totals\.(?:.*\n)*?\s*parameter \\INIT )(\d+)'[01]+")
"""The memory of counters, in RTLIL, up to what it holds at first."""

FIRST_COUNT = (1 << COUNTER_BITS) - 4
"""What counters begin at, so that all of their bits move."""

CUT = Path(__file__).with_name("cut_memory.v")
"""What a memory becomes in a circuit: a port for each bit that is read and written."""

BOXES = "(* blackbox *) module sink(input in); endmodule (* blackbox *) module source(output out); endmodule"
"""Modules of CUT."""

LOGIC = "techmap; simplemap; opt -full; dffunmap; async2sync; aigmap; opt_clean"
"""Makes gates of cells."""


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

    params: Params
    """Of the chip as it is."""
    chip: Chip
    """With all mutants in it."""
    mutants: tuple[Mutant, ...]
    folder: Path
    """Where Yosys' files are kept."""

    @cached_property
    def circuit(self) -> Circuit:
        """All of them as one circuit without its memories, of which `mutant` is an input."""

        def build(folder: Path) -> None:
            for name in ("flat.il", "apply.ys"):
                shutil.copy(self.folder / name, folder)
            shutil.copy(CUT, folder)
            (folder / "boxes.v").write_text(BOXES)
            script = [
                "script apply.ys",
                # Proofs begin in any state.
                "setattr -unset init w:*",
                "read_verilog -lib boxes.v",
                f"techmap -map {CUT.name}",
                "expose -evert t:sink t:source",
                "select -module mutants",
                LOGIC,
                "write_aiger -ascii -symbols circuit.aag",
            ]
            (folder / "circuit.ys").write_text("\n".join(script) + "\n")
            run_program("yosys", folder, ["-q", "-s", "circuit.ys"])

        sources = [path.read_text() for path in (self.folder / "apply.ys", CUT, Path(__file__))]
        inputs = [(self.folder / "flat.il").read_text(), *sources]
        kept = cached_build(f"circuit-{self.chip.params.name}", inputs, build, compiled=False)
        return Circuit.load(kept / "circuit.aag")

    def copy(self, number: int) -> Circuit:
        """The circuit of one mutant; that of 0 is the chip's."""
        return self.circuit.where({f"mutant[{k}]": number >> k & 1 for k in range(NUMBER_BITS)})


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
        read = "read_verilog -sv -noassert chip.v; hierarchy -top chip; proc -norom; flatten; delete t:$check t:$print"
        write = "memory_collect; rename chip mutants; write_rtlil flat.il"
        run_program("yosys", folder, ["-q", "-p", f"{read}; {REDUCE}; {write}"])
        flat = folder / "flat.il"
        flat.write_text(COUNTERS.sub(_almost_full, flat.read_text()))
        listed = f"mutate -list {count} -seed {seed} -o list.txt"
        run_program("yosys", folder, ["-q", "-p", f"read_rtlil flat.il; {listed}"])
        lines = [line for line in (folder / "list.txt").read_text().splitlines() if not LEFT_OUT.search(line)]
        found = [_mutant(number, line) for number, line in enumerate(lines, start=1)]
        control = f"mutate -ctrl mutant {NUMBER_BITS}"
        applied = [line.replace("mutate", f"{control} {k}", 1) for k, line in enumerate(lines, start=1)]
        (folder / "apply.ys").write_text("\n".join(["read_rtlil flat.il", *applied]) + "\n")
        run_program("yosys", folder, ["-q", "-p", "script apply.ys; write_verilog -noattr -norename netlist.v"])
        (folder / "mutants.json").write_text(json.dumps([asdict(mutant) for mutant in found]))

    inputs = [verilog, f"{count} {seed}", Path(__file__).read_text()]
    folder = cached_build(f"mutants-{params.name}", inputs, build, compiled=False)
    waivers = "".join(f"/* verilator lint_off {name} */\n" for name in WAIVED)
    # What Yosys says of its own multiplexers holds for the chip, and not for its mutants.
    netlist = (folder / "netlist.v").read_text().replace("// synopsys parallel_case", "")
    wrapper = WRAPPER.format(choose=CHOOSE >> 32, number_bits=NUMBER_BITS)
    found = [Mutant(**fields) for fields in json.loads((folder / "mutants.json").read_text())]
    made = Chip(params.replace(name=f"mutants-{params.name}"), waivers + netlist + wrapper, ())
    return Mutants(params, made, tuple(found), folder)


def _almost_full(memory: re.Match[str]) -> str:
    """The memory of counters, each of which holds FIRST_COUNT."""
    bits = int(memory[2])
    return f"{memory[1]}{bits}'" + f"{FIRST_COUNT:0{COUNTER_BITS}b}" * (bits // COUNTER_BITS)


def _mutant(number: int, line: str) -> Mutant:
    """A line of Yosys' list."""
    options = dict(re.findall(r"-(mode|cell|port|portbit|ctrlbit|wire|wirebit) (\S+)", line))
    way = re.sub(r"_\d+\b", "", ".".join(_path(options["cell"])))
    place = [f"{name} {options[name]}" for name in ("cell", "port", "portbit", "wire", "wirebit") if name in options]
    return Mutant(number, way or "chip", " ".join([options["mode"], *place]))


def _path(cell: str) -> Sequence[str]:
    """The submodules on the way to a cell of the flat netlist."""
    return re.findall(r"\\(\w+)\.", cell)
