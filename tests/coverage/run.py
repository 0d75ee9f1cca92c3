"""Measures the coverage of the chips' Verilog.

Run `python -m tests.coverage.run` in the root of the repository: it prints what was reached of each file, lists what
was not, and writes docs/developer/coverage.md.
"""

import sys

from rich.console import Console
from rich.table import Table

from docs.generate.coverage import PAGE, page
from ganglion.model.spec.files import write_text
from ganglion.progress import TerminalProgress
from tests.coverage.campaign import CAMPAIGN
from tests.coverage.exclusions import read_exclusions
from tests.coverage.measure import Count, Measured, measure
from tests.coverage.points import KINDS


def shown(measured: Measured) -> Table:
    """By file."""
    table = Table("file", *KINDS.values(), "excluded", "constant", "missed")
    files = sorted({file for chip in measured.chips.values() for file in chip.files})
    for file in files:
        counts = [
            sum((chip.files.get(file, {}).get(kind, Count()) for chip in measured.chips.values()), Count())
            for kind in KINDS
        ]
        total = sum(counts, Count())
        row = [f"{count.reached}" for count in counts]
        table.add_row(file, *row, f"{total.excluded}", f"{total.constant}", f"{total.missed}")
    return table


def main() -> int:
    console = Console()
    progress = TerminalProgress()
    measured, missed = measure((part.run(progress) for part in CAMPAIGN), read_exclusions())
    console.print(shown(measured))
    for chip, point in missed:
        console.print(f"{chip}: {point.name} ({point.place})", highlight=False, markup=False, soft_wrap=True)
    if missed:
        console.print(f"{len(missed)} points were neither reached nor excluded")
        return 1
    measured.save()
    write_text(PAGE, page())
    console.print(f"all that is not excluded was reached; wrote {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
