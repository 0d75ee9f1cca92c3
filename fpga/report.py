"""What a bitstream takes and what it can do, as figures, and the baseline that they are held to."""

import json
import re
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from ganglion.fpga.bitstream import Built
from ganglion.fpga.board_spec import family
from ganglion.fpga.workload import Workload
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
    """Of the clock with the least to spare, as the next three."""
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
    clock = tightest(built.timing)
    figures, worst = built.timing["fmax"][clock], _critical(built.timing, clock)
    p = board.params
    return Report(
        board=board.name,
        device=f"{platform.device} {platform.package}",
        used=used,
        available=available,
        constraint_mhz=round(float(figures["constraint"]), 2),
        fmax_mhz=round(float(figures["achieved"]), 2),
        critical_path_ns=round(sum(float(hop["delay"]) for hop in worst), 2),
        critical_path=modules_of(worst),
        neurons=p.neurons * p.cores,
        cores=p.cores,
        synapses=p.synapse_words * p.lanes * p.beats * p.cores,
        peak_synops=float(p.lanes * p.stride * p.cores * board.clock),
        workloads=workloads,
    )


def tightest(timing: dict[str, Any]) -> str:
    """The clock with the least to spare: where that meets its constraint all do."""
    return min(timing["fmax"], key=lambda name: timing["fmax"][name]["achieved"] / timing["fmax"][name]["constraint"])


def _critical(timing: dict[str, Any], clock: str) -> list[dict[str, Any]]:
    """The hops of the longest path between flip-flops of a clock."""
    inside = [path["path"] for path in timing["critical_paths"] if path["from"] == path["to"] == f"posedge {clock}"]
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


def write_report(report: Report, path: Path) -> None:
    """Writes the figures as JSON."""
    write_text(path, json.dumps(report.to_dict(), indent=2) + "\n")


def renew_baseline(report: Report) -> Path:
    """Makes the figures the baseline of the source tree; returns its file."""
    path = Path(__file__).parent / BASELINE
    renewed = baseline() | {report.board: report.to_dict()}
    write_text(path, json.dumps(renewed, indent=2, sort_keys=True) + "\n")
    return path
