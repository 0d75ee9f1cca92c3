"""Points of code coverage: what Verilator counts in the Verilog of a chip, and which line of Python each came from.

A `line` is a block of statements, a `branch` one way out of a condition, a `toggle` one bit of a signal that rises or
falls. Yosys names every subexpression with a number, and Verilator would count its bits too; what is counted here are
the signals that have a name in Python, ports and fields of structures among them.
"""

import re
from collections import Counter as Tally
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

KINDS = {"line": "lines", "branch": "branches", "toggle": "toggles"}
"""Of points: one, and several."""

SOURCE = re.compile(r'\(\* src = "(?:[^"]*?/)?((?:amaranth|hdl|fpga|tests)/[^"]+):(\d+)" \*\)')
MODULE = re.compile(r"module \\?(\S+?) ?\(")
DECLARED = re.compile(r"  (?:wire|reg) (?:\[\d+:\d+\] )?\\?(\S+?) ?(?:\[\d+:\d+\])?(?: +=.*)?;")
ASSIGNED = re.compile(r"\s+\{? ?\\?([^\s\[;]+) ?(?:\[[\d:]+\])?,?.*? <?= ")
ASSIGNMENT = re.compile(r"  assign \\?([^\s\[;]+)")
REGISTER = re.compile(r"\s+\\?(\S+?) ?<= \\?(\$\d+) ?;")
ESCAPE = re.compile(r"__0([0-9A-Fa-f]{2})")
NUMBER = re.compile(r"\$\d+\b")


@dataclass(frozen=True)
class Point:
    """One thing that a run is to reach."""

    kind: str
    """One of KINDS."""
    module: str
    """Of the Verilog, without the numbers with which Yosys tells names apart: `core.lane_0.neurons`."""
    what: str
    """`words__ready[0] 0->1` of a toggle; of the others the signal that is assigned, the way taken, the line, and which
    one it is where a module has several of the same words."""
    line: int
    column: int
    file: str
    """Of Python, that made the module: `hdl/deliver/walker.py`."""
    place: str
    """File and line of Python where the signal is declared."""
    bit: tuple[str, int] | None
    """Signal, as the Verilog has it, and bit of a toggle."""

    @property
    def name(self) -> str:
        """As exclusions have it."""
        return f"{self.kind} {self.module}: {self.what}"


@dataclass(frozen=True)
class Reached:
    """A point, and how often each instance of its module has reached it: 0 for never."""

    point: Point
    instances: dict[str, int]
    """By path from the chip."""

    @property
    def is_reached(self) -> bool:
        return any(self.instances.values())


class Sources:
    """What the attributes `src` of a chip's Verilog tell.

    Args:
        verilog: made with `sources`.
    """

    def __init__(self, verilog: str) -> None:
        self.lines = verilog.splitlines()
        self.files: dict[str, str] = {}
        """File of Python that made each module, by its name."""
        self.declared: dict[int, str] = {}
        """The signal that has a name in Python and is declared in a line of Verilog."""
        self.places: dict[tuple[str, str], str] = {}
        """File and line of Python that named a signal, by module and name."""
        self.assigned: dict[int, str] = {}
        """The signal that the process around a line of Verilog assigns."""
        self._read()

    def _read(self) -> None:
        module = place = ""
        begin, target = None, ""
        registers: dict[str, str] = {}
        processes: list[tuple[int, int, str]] = []
        for number, text in enumerate(self.lines, 1):
            if source := SOURCE.search(text):
                place = f"{source[1]}:{source[2]}"
            elif found := MODULE.match(text):
                module = found[1]
                self.files[module] = place.partition(":")[0]
                place, registers, processes = "", {}, []
            elif (found := DECLARED.match(text)) and begin is None:
                if place:
                    self.declared[number] = found[1]
                    self.places.setdefault((module, found[1]), place)
                place = ""
            elif text.startswith("  always "):
                begin, target = number, ""
            elif found := ASSIGNMENT.match(text):
                self.assigned[number] = found[1]
            elif text == "endmodule":
                for first, last, signal in processes:
                    self.assigned |= dict.fromkeys(range(first, last + 1), registers.get(signal, signal))
            if begin is not None and number > begin:
                if found := REGISTER.match(text):
                    registers[found[2]] = found[1]
                if not target and (found := ASSIGNED.match(text)):
                    target = found[1]
                if text == "  end" or (text.startswith("    ") and not self.lines[begin - 1].endswith("begin")):
                    processes.append((begin, number, target))
                    begin, place = None, ""


def read_points(coverage: Path, verilog: str) -> list[Reached]:
    """The points of a coverage file of Verilator's.

    Args:
        coverage: what the driver wrote.
        verilog: of the chip, with sources.
    """
    sources = Sources(verilog)
    found: dict[Point, dict[str, int]] = {}
    for fields, count in _records(coverage):
        module, instance = fields["page"].partition("/")[2], _unescaped(fields["h"])
        point = _point(sources, module, fields)
        if point:
            instances = found.setdefault(point, {})
            path = ".".join(instance.split(".")[2:])
            instances[path] = instances.get(path, 0) + count
    again: Tally[str] = Tally()
    reached = []
    for point in sorted(found, key=lambda point: (point.line, point.column)):
        if point.kind != "toggle":
            again[point.name] += 1
        nth = again[point.name]
        own = replace(point, what=f"{point.what}, number {nth}") if nth > 1 else point
        reached.append(Reached(own, found[point]))
    return reached


def _point(sources: Sources, module: str, fields: dict[str, str]) -> Point | None:
    """None for the bits of what has no name in Python, and for the initial values of registers."""
    line, column, kind = int(fields["l"]), int(fields["n"]), fields["t"]
    bit = None
    if kind == "toggle":
        signal, _, way = _unescaped(fields["o"]).rpartition(":")
        if line not in sources.declared:
            return None
        declared = sources.declared[line]
        of, number = (signal, "0") if signal == declared else tuple(signal.removesuffix("]").rsplit("[", 1))
        bit = of, int(number)
        what, place = f"{of}[{number}] {way}", sources.places[module, declared]
    else:
        text = sources.lines[line - 1].strip()
        if DECLARED.match(f"  {text}"):
            return None
        assigned = sources.assigned.get(line, "")
        what = f"{assigned}, {fields['o']} of {SOURCE.sub('', text)}"
        place = sources.places.get((module, assigned), sources.files[module])
    return Point(kind, NUMBER.sub("", module), NUMBER.sub("", what), line, column, sources.files[module], place, bit)


def _records(coverage: Path) -> Iterator[tuple[dict[str, str], int]]:
    """Each point of the file: its fields, and how often it was reached."""
    for line in coverage.read_text(encoding="latin-1").splitlines():
        if line.startswith("C '"):
            body, _, count = line[3:].rpartition("' ")
            yield dict(_pair(field) for field in body.split("\1")[1:]), int(count)


def _pair(field: str) -> tuple[str, str]:
    key, _, value = field.partition("\2")
    return key, value


def _unescaped(name: str) -> str:
    """A name as in the Verilog, from what Verilator makes of it."""
    return ESCAPE.sub(lambda match: chr(int(match[1], 16)), name)
