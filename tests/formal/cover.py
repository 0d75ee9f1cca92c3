"""Which cover statements of a circuit come about, and which never do: model checking with ABC.

Yosys makes a netlist of gates of what is covered and of what is assumed. ABC finds the ways to all statements of a
whole core or chip within two seconds, where solvers of SMT do not get to the end.
"""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.debian import found

MAP = """\
(* techmap_celltype = "$cover" *)
module covered (input A, input EN);
  covered_by _TECHMAP_REPLACE_ (.by(A & EN));
endmodule
"""
"""What is covered becomes a port, which is called after its statement."""

BOX = "(* blackbox *) module covered_by(input by); endmodule\n"

SCRIPT = """\
read_rtlil top.il
prep -flatten -top top
chformal -assert -remove
chformal -lower
opt_clean -purge
read_verilog -lib box.v
techmap -map map.v
expose -evert t:covered_by
select -module top
techmap
simplemap
opt -full
dffunmap
async2sync
aigmap
opt_clean
write_aiger -zinit -ascii -symbols covers.aag
write_aiger -zinit covers.aig
"""

PORT = re.compile(r"^o(?P<output>\d+) (?:(?P<inside>.*)\.)?(?P<claim>claim_\d+)\.by$", re.MULTILINE)
"""The symbol of an output of AIGER."""

REACHED = re.compile(r"^Output +(\d+) .*was asserted in frame", re.MULTILINE)
"""What ABC says of an output that comes to be 1."""

NEVER = "Status = 1 "
"""What it says of one that never does."""


class Covers:
    """The cover statements of a circuit.

    Args:
        design: RTLIL of a module `top`, whose statements are called `claim_0` and so on.
        work: an empty folder.
        yosys: runs Yosys with arguments in a folder.

    Raises:
        RuntimeError: ABC is missing, or failed.
    """

    def __init__(self, design: str, work: Path, yosys: Callable[[list[str], Path], None]) -> None:
        self.work = work
        for name, text in (("top.il", design), ("map.v", MAP), ("box.v", BOX), ("covers.ys", SCRIPT)):
            (work / name).write_text(text)
        yosys(["-q", "-s", "covers.ys"], work)
        ports = list(PORT.finditer((work / "covers.aag").read_text()))
        self._claims = {int(port["output"]): port["claim"] for port in ports}
        self.inside = {port["claim"]: port["inside"] or "" for port in ports}
        """The component in which each is stated, `chip.port` say."""

    def reached(self, cycles: int) -> set[str]:
        """Those that come about within so many cycles from the start; in each holds what is assumed."""
        # With -a for every output, and with -x without keeping the ways to them, at which ABC may fail.
        said = self._ask(f"bmc3 -a -x -F {cycles}")
        return {self._claims[int(output[1])] for output in REACHED.finditer(said)}

    def is_never_reached(self, claim: str) -> bool:
        """Whether it is proved, by property-directed reachability, that this one never comes about."""
        output = next(output for output, name in self._claims.items() if name == claim)
        return NEVER in self._ask(f"cone -s -O {output}; scleanup; lcorr; scorr; pdr; print_status")

    def _ask(self, commands: str) -> str:
        command = [str(found("abc")), "-c", f"read covers.aig; fold; strash; {commands}"]
        done = subprocess.run(command, cwd=self.work, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"ABC ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout
