"""A circuit and thousands of mutants of it in one netlist: Yosys makes them, and an input says which one is at work."""

import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ganglion.fpga.tools import run_program
from ganglion.sim.cache import cached_build
from tests.mutations.aig import Circuit

NUMBER_BITS = 16
"""Of the number of a mutant, which is the input `mutant`; 0 is the circuit as it is."""

LEFT_OUT = re.compile(r" -port (RD_|WR_|CLK )")
"""Of memories, which Yosys cannot write any more when their ports have changed, and clocks."""

REDUCE = "opt -full; wreduce; splitcells; opt -full; wreduce; opt_clean -purge"
"""Takes out the bits that nothing reads: to change these changes nothing."""

WAIVED = ("CASEINCOMPLETE", "CASEOVERLAP", "DECLFILENAME", "UNOPTFLAT", "UNUSEDSIGNAL", "WIDTHEXPAND", "WIDTHTRUNC")
"""Warnings of Verilator that a netlist of Yosys is full of."""

CUT = Path(__file__).with_name("cut_memory.v")
"""What a memory becomes in a circuit: a port for each bit that is read and written."""

BOXES = "(* blackbox *) module sink(input in); endmodule (* blackbox *) module source(output out); endmodule"
"""Modules of CUT."""

SELECTED = "techmap */t:$pmux"
"""Makes gates of multiplexers of which one input is meant to be selected: what comes out where a mutant selects more is
then what synthesis makes of them, in simulation and in proofs."""

LOGIC = "techmap; simplemap; opt -full; dffunmap; async2sync; aigmap; opt_clean"
"""Makes gates of cells."""


@dataclass(frozen=True)
class Mutant:
    """One change of one bit of one cell."""

    number: int
    module: str
    """Where it is: the way from the top through its submodules."""
    what: str
    """How, as Yosys has it: the mode, cell, port and bit, and the wire."""


@dataclass(frozen=True)
class Netlist:
    """A circuit with all its mutants in it: module `mutants`, with the ports of the circuit and `mutant`."""

    name: str
    mutants: tuple[Mutant, ...]
    folder: Path
    """Where Yosys' files are kept."""
    kept: Mapping[str, str]
    """Modules in it without mutants, and the Verilog of what each may do at most: around a module of the same ports
    which does anything, `any_` and its name."""

    @property
    def verilog(self) -> str:
        """The netlist for Verilator."""
        waivers = "".join(f"/* verilator lint_off {name} */\n" for name in WAIVED)
        return waivers + (self.folder / "netlist.v").read_text()

    @cached_property
    def circuit(self) -> Circuit:
        """All of them as one circuit without its memories, and without the modules that are kept."""

        def build(folder: Path) -> None:
            for name in ("flat.il", "apply.ys"):
                shutil.copy(self.folder / name, folder)
            shutil.copy(CUT, folder)
            (folder / "boxes.v").write_text(BOXES)
            cut = list[str]()
            for module, stub in self.kept.items():
                (folder / f"{module}.v").write_text(stub)
                cut += [f"delete {module}", f"read_verilog {module}.v", f"blackbox any_{module}"]
            cut += ["hierarchy -top mutants", "proc", "flatten"] if cut else []
            script = [
                "script apply.ys",
                "read_verilog -lib boxes.v",
                f"techmap -map {CUT.name}",
                *cut,
                "expose -evert t:sink t:source t:any_*",
                "select -module mutants",
                LOGIC,
                "write_aiger -ascii -symbols circuit.aag",
            ]
            (folder / "circuit.ys").write_text("\n".join(script) + "\n")
            run_program("yosys", folder, ["-q", "-s", "circuit.ys"])

        sources = [path.read_text() for path in (self.folder / "apply.ys", CUT, Path(__file__))]
        inputs = [(self.folder / "flat.il").read_text(), *sources, *self.kept.values()]
        kept = cached_build(f"circuit-{self.name}", inputs, build, compiled=False)
        return Circuit.load(kept / "circuit.aag")

    def copy(self, number: int) -> Circuit:
        """The circuit of one mutant; that of 0 is the circuit as it is."""
        return self.circuit.where({f"mutant[{k}]": number >> k & 1 for k in range(NUMBER_BITS)})


def as_it_is(flat: str) -> str:
    """Prepares nothing."""
    return flat


def mutate(
    name: str,
    verilog: str,
    top: str,
    count: int,
    seed: int,
    prepare: Callable[[str], str] = as_it_is,
    kept: Mapping[str, str] = MappingProxyType({}),
) -> Netlist:
    """A circuit with so many mutants, or somewhat fewer; made once and kept.

    Args:
        name: for people.
        verilog: the circuit.
        top: its module.
        count: how many; Yosys spreads them over modules, cells, ports and lines of the source.
        seed: of the choice.
        prepare: changes the flat circuit, in RTLIL, before there are mutants.
        kept: of Netlist.

    Raises:
        ToolError: Yosys is missing or failed.
    """

    def build(folder: Path) -> None:
        (folder / "top.v").write_text(verilog)
        stay = "".join(f"setattr -mod -set keep_hierarchy 1 {module}; " for module in kept)
        read = f"read_verilog -sv -noassert top.v; hierarchy -top {top}; proc -norom; {stay}flatten"
        read += "; delete t:$check t:$print"
        write = f"memory_collect; rename {top} mutants; write_rtlil flat.il"
        run_program("yosys", folder, ["-q", "-p", f"{read}; {REDUCE}; {write}"])
        flat = folder / "flat.il"
        flat.write_text(prepare(flat.read_text()))
        listed = f"select mutants; mutate -list {count} -seed {seed} -o list.txt"
        run_program("yosys", folder, ["-q", "-p", f"read_rtlil flat.il; {listed}"])
        lines = [line for line in (folder / "list.txt").read_text().splitlines() if not LEFT_OUT.search(line)]
        found = [_mutant(number, line, top) for number, line in enumerate(lines, start=1)]
        control = f"mutate -ctrl mutant {NUMBER_BITS}"
        applied = [line.replace("mutate", f"{control} {k}", 1) for k, line in enumerate(lines, start=1)]
        apply = folder / "apply.ys"
        apply.write_text("\n".join(["read_rtlil flat.il", *applied]) + "\n")
        compare = "script apply.ys; write_json applied.json; design -reset; read_rtlil flat.il; write_json flat.json"
        run_program("yosys", folder, ["-q", "-p", compare])
        designs = [folder / f"{name}.json" for name in ("flat", "applied")]
        before, after = (json.loads(path.read_text()) for path in designs)
        for path in designs:
            path.unlink()
        apply.write_text("\n".join([apply.read_text(), *_first_values(before, after), SELECTED]) + "\n")
        run_program("yosys", folder, ["-q", "-p", "script apply.ys; write_verilog -noattr -norename netlist.v"])
        (folder / "mutants.json").write_text(json.dumps([asdict(mutant) for mutant in found]))

    sources = [Path(path).read_text() for path in (__file__, prepare.__code__.co_filename)]
    inputs = [verilog, f"{top} {count} {seed} {list(kept)}", *sources]
    folder = cached_build(f"mutants-{name}", inputs, build, compiled=False)
    found = [Mutant(**fields) for fields in json.loads((folder / "mutants.json").read_text())]
    return Netlist(name, tuple(found), folder, kept)


def _first_values(before: Any, after: Any) -> list[str]:
    """Commands that give flip-flops the values back that they have at first, and lose with a change of what they drive.

    Args:
        before: the design without mutants, in JSON.
        after: the same with them.
    """
    old, new = (design["modules"]["mutants"] for design in (before, after))
    kept, left = _first_bits(old), _first_bits(new)
    names = {net["bits"][0]: name for name, net in new["netnames"].items() if len(net["bits"]) == 1}
    return [
        f"setattr -set init 1'{kept[was]} mutants/w:{names[now]}"
        for name, cell in old["cells"].items()
        for was, now in zip(*(module["cells"][name]["connections"].get("Q", ()) for module in (old, new)), strict=True)
        if was in kept and now not in left
    ]


def _first_bits(module: Any) -> dict[int, str]:
    """What is said of a bit's first value, by its number."""
    return {
        bit: first
        for net in module["netnames"].values()
        for bit, first in zip(net["bits"], reversed(net["attributes"].get("init", "")), strict=False)
        if first in "01"
    }


def _mutant(number: int, line: str, top: str) -> Mutant:
    """A line of Yosys' list."""
    options = dict(re.findall(r"-(mode|cell|port|portbit|ctrlbit|wire|wirebit) (\S+)", line))
    way = re.sub(r"_\d+\b", "", ".".join(_path(options["cell"])))
    place = [f"{name} {options[name]}" for name in ("cell", "port", "portbit", "wire", "wirebit") if name in options]
    return Mutant(number, way or top, " ".join([options["mode"], *place]))


def _path(cell: str) -> Sequence[str]:
    """The submodules on the way to a cell of the flat netlist."""
    return re.findall(r"\\(\w+)\.", cell)
