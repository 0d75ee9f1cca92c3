"""Writes the table of resources in docs/03_boards.md from the committed figures."""

import re
from pathlib import Path
from typing import Any

from docs.generate.reference import table
from ganglion.fpga.report import baseline
from ganglion.model.spec.files import write_text

PAGE = Path("docs/03_boards.md")

BEGIN, END = "<!-- figures: python -m docs.generate.resources -->\n", "<!-- end of figures -->\n"
"""The lines around what is generated."""


def figures(known: dict[str, Any]) -> str:
    """The figures of all boards, as Markdown."""
    boards = list(known.values())
    names = list(dict.fromkeys(name for board in boards for name in board["used"]))
    rows: list[list[object]] = [
        [name, *(f"{b['used'][name]:,} of {b['available'][name]:,}" if name in b["used"] else "" for b in boards)]
        for name in names
    ]
    rows += [
        ["clock reached, MHz", *(b["fmax_mhz"] for b in boards)],
        ["clock of the chip, MHz", *(b["constraint_mhz"] for b in boards)],
        ["critical path, ns", *(b["critical_path_ns"] for b in boards)],
        ["it goes through", *(" > ".join(f"`{m}`" for m in b["critical_path"]) for b in boards)],
        ["neurons", *(f"{b['neurons']:,}" for b in boards)],
        ["synapses of 8 bits", *(f"{b['synapses']:,}" for b in boards)],
        ["peak, million SynOps/s", *(f"{b['peak_synops'] / 1e6:,.0f}" for b in boards)],
    ]
    for name in dict.fromkeys(load["name"] for b in boards for load in b["workloads"]):
        loads = [next((each for each in b["workloads"] if each["name"] == name), None) for b in boards]
        for what, key in (("latency", "latency_ms"), ("on the line", "line_ms")):
            rows.append([f"{name}: {what}, ms", *(f"{load[key]:.3g}" if load else "" for load in loads)])
        rows.append([f"{name}: samples/s", *(f"{load['samples_per_second']:,.0f}" if load else "" for load in loads)])
    return table(["", *(f"`{b['board']}`, {b['device']}" for b in boards)], rows)


def page(text: str) -> str:
    """The page with its figures renewed."""
    return re.sub(f"(?s){re.escape(BEGIN)}.*{re.escape(END)}", lambda _: BEGIN + figures(baseline()) + END, text)


if __name__ == "__main__":
    fresh = page(PAGE.read_text())
    write_text(PAGE, fresh)
    print(f"wrote {PAGE}")
