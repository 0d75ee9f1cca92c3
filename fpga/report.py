"""What a bitstream takes and what it can do: a table for people, JSON for machines, and the baseline beside both."""

import json
import re
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ganglion.fpga.bitstream import Built
from ganglion.fpga.boards import family
from ganglion.fpga.workload import Workload
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.files import write_text

BASELINE = "bitstreams.json"

TOLERANCE = 0.05
"""How far a figure may be from the baseline: tools differ a little from version to version."""

UTILIZATION = {
    "ice40": {
        "LUT": "ICESTORM_LC",
        "BRAM (4 kbit)": "ICESTORM_RAM",
        "SPRAM (256 kbit)": "ICESTORM_SPRAM",
        "DSP": "ICESTORM_DSP",
        "PLL": "ICESTORM_PLL",
    },
    "ecp5": {
        "LUT": "TRELLIS_COMB",
        "FF": "TRELLIS_FF",
        "BRAM (18 kbit)": "DP16KD",
        "DSP": "MULT18X18D",
        "PLL": "EHXPLLL",
    },
}
"""nextpnr's names of what there is of each FPGA. A logic cell of the iCE40 is a LUT and a flip-flop."""

FLIP_FLOPS = ("SB_DFF", "TRELLIS_FF")
"""How the types of cells begin that are flip-flops."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """The figures of one build."""

    board: str
    device: str
    used: dict[str, int]
    available: dict[str, int]
    constraint_mhz: float
    fmax_mhz: float
    critical_path_ns: float
    critical_path: list[str]
    """Modules from the first flip-flop to the last."""
    neurons: int
    cores: int
    synapses: int
    """Weights of dense rows that the synapse memories hold."""
    peak_synops: float
    """Weights added per second at the constrained clock."""
    workloads: list[Workload]

    def to_dict(self) -> dict[str, Any]:
        """Everything, as plain values."""
        return asdict(self)


def make_report(built: Built, workloads: list[Workload]) -> Report:
    """The figures of a build."""
    board = built.board
    platform = board.create_platform()
    names = UTILIZATION[family(platform) or ""]
    utilization = built.timing["utilization"]
    used = {name: int(utilization[key]["used"]) for name, key in names.items() if key in utilization}
    available = {name: int(utilization[key]["available"]) for name, key in names.items() if key in utilization}
    if "FF" not in used:
        used["FF"] = sum(count for cell, count in built.cells.items() if cell.startswith(FLIP_FLOPS))
        available["FF"] = available["LUT"]
    clock = max(built.timing["fmax"].values(), key=lambda entry: float(entry["constraint"]))
    worst = _critical(built.timing)
    p = board.params
    return Report(
        board=board.name,
        device=f"{platform.device} {platform.package}",
        used=used,
        available=available,
        constraint_mhz=round(float(clock["constraint"]), 2),
        fmax_mhz=round(float(clock["achieved"]), 2),
        critical_path_ns=round(sum(float(hop["delay"]) for hop in worst), 2),
        critical_path=modules_of(worst),
        neurons=p.neurons * p.cores,
        cores=p.cores,
        synapses=p.synapse_words * p.lanes * p.beats * p.cores,
        peak_synops=float(p.lanes * p.cores * board.clock),
        workloads=workloads,
    )


def _critical(timing: dict[str, Any]) -> list[dict[str, Any]]:
    """The hops of the longest path between flip-flops of one clock."""
    inside = [path["path"] for path in timing["critical_paths"] if path["from"] == path["to"]]
    return max(inside, key=lambda path: sum(float(hop["delay"]) for hop in path))


def modules_of(path: list[dict[str, Any]]) -> list[str]:
    """The modules that a path of nextpnr's report goes through, in order, each named once in a row.

    Cells are called by the module that they come from and a name of the tools behind it; the tools number modules
    whose names are taken, and cells that they add have no module.
    """
    cells = [hop[end]["cell"] for hop in path for end in ("from", "to") if "cell" in hop[end]]
    modules = [
        re.sub(r"\$\d+", "", cell.rpartition(".")[0]) for cell in cells if "." in cell and not cell.startswith("$")
    ]
    return [name for k, name in enumerate(modules) if name and (k == 0 or name != modules[k - 1])]


def print_report(report: Report, wanted: dict[str, Any], console: Console) -> None:
    """The figures beside the baseline's."""
    table = Table(title=f"{report.board}: {report.device}")
    for column in ("", "used", "available", "baseline"):
        table.add_column(column, justify="right" if column else "left")
    for name, count in report.used.items():
        table.add_row(name, f"{count:,}", f"{report.available[name]:,}", _cell(wanted.get("used", {}).get(name)))
    table.add_row("clock, MHz", f"{report.fmax_mhz:g}", f"> {report.constraint_mhz:g}", _cell(wanted.get("fmax_mhz")))
    console.print(table)
    console.print(f"critical path, {report.critical_path_ns:g} ns: {' > '.join(report.critical_path)}", soft_wrap=True)
    console.print(
        f"{report.neurons:,} neurons in {report.cores} core(s), {report.synapses:,} synapses, "
        f"at most {report.peak_synops / 1e6:,.0f} million SynOps/s",
        soft_wrap=True,
    )
    if report.workloads:
        table = Table(title=f"shipped networks at {report.constraint_mhz:g} MHz, mean per sample")
        for column in ("", "cycles", "latency", "on the line", "samples/s"):
            table.add_column(column, justify="right" if column else "left")
        for load in report.workloads:
            times = (f"{load.latency_ms:.3f} ms", f"{load.line_ms:.2f} ms", f"{load.samples_per_second:,.0f}")
            table.add_row(load.name, f"{load.cycles:,.0f}", *times)
        console.print(table)


def _cell(value: object) -> str:
    return "-" if value is None else f"{value:,}"


def baseline() -> dict[str, Any]:
    """What is committed: board to figures."""
    loaded: dict[str, Any] = json.loads(resources.files("ganglion.fpga").joinpath(BASELINE).read_text())
    return loaded


def drift(report: Report, wanted: dict[str, Any]) -> list[str]:
    """Figures further than TOLERANCE from the baseline, as lines for a message."""
    got = {**report.used, "clock, MHz": report.fmax_mhz, "neurons": report.neurons, "synapses": report.synapses}
    kept = {**wanted["used"], "clock, MHz": wanted["fmax_mhz"], **{k: wanted[k] for k in ("neurons", "synapses")}}
    return [
        f"{name}: {got.get(name)}, baseline {value}"
        for name, value in kept.items()
        if name not in got or abs(got[name] - value) > TOLERANCE * value
    ]


def settle(report: Report, folder: Path, *, update: bool, console: Console) -> None:
    """Writes `report.json`, prints the figures, and holds them to the baseline, or makes them the baseline.

    Raises:
        GanglionError: the clock misses its constraint; or a figure is further than TOLERANCE from the baseline, and
            that is not to be renewed. The bitstream is there all the same.
    """
    write_text(folder / "report.json", json.dumps(report.to_dict(), indent=2) + "\n")
    known = baseline()
    wanted = known.get(report.board, {})
    print_report(report, wanted, console)
    if report.fmax_mhz < report.constraint_mhz:
        raise GanglionError(
            f"{report.board}: the design reaches {report.fmax_mhz:g} MHz and its clock is {report.constraint_mhz:g} "
            "MHz: try another --seed, or a slower clock"
        )
    if update:
        path = Path(__file__).parent / BASELINE
        known[report.board] = report.to_dict()
        write_text(path, json.dumps(known, indent=2, sort_keys=True) + "\n")
        console.print(f"baseline renewed: {path}", soft_wrap=True)
    elif wanted and (lines := drift(report, wanted)):
        raise GanglionError(
            f"{report.board} is not the baseline's (more than {TOLERANCE:.0%} off): {'; '.join(lines)}. "
            f"If that is meant: ganglion bitstream {report.board} --update"
        )
