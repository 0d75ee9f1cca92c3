"""`make fuzz`: what anyone may have written, changed at random, into everything that takes it.

    python -m tests.fuzz.run --minutes 60 --seed 1

Each target has its share of the time, which is that of the processor, in turns. An input that ends the process, hangs,
takes too much memory, or raises anything but an error of ours is made smaller and kept below build/fuzz, from where it
goes to tests/fuzz/corpus with what mends it. Where it was stopped it goes on: build/fuzz/state.json.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ganglion.sim.build import build_native, chip
from ganglion.sim.toolchain import find_toolchain
from tests.fuzz.packets import CHIPS
from tests.fuzz.targets import ROOT, TARGETS, Files, Target
from tests.fuzz.worker import REFUSED, TAKEN

TURN = 60.0
"""Seconds of the processor that a target has before the next one, at most."""

STUCK = 300.0
"""Seconds on the clock after which an input hangs."""

ASAN_OPTIONS = "detect_leaks=0:hard_rss_limit_mb=4000:handle_segv=0"
"""Python leaks at its end, as it likes to; signals are told by who started the process."""


@dataclass
class Share:
    """What a target has had."""

    inputs: int = 0
    refused: int = 0
    taken: int = 0
    seconds: float = 0.0
    """Of the processor."""
    wrong: dict[str, str] = field(default_factory=dict)
    """Where inputs are kept, by what comes of them."""


def environment(target: Target) -> dict[str, str]:
    """The environment of a worker: with the runtime of the sanitizer, where it is needed."""
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    if not target.sanitized:
        return {**os.environ, "PYTHONPATH": paths}
    asked = [str(find_toolchain().compiler), "-print-file-name=libasan.so"]
    runtime = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return {**os.environ, "PYTHONPATH": paths, "LD_PRELOAD": runtime, "ASAN_OPTIONS": ASAN_OPTIONS}


def turn(name: str, seed: int, first: int, seconds: float) -> tuple[dict[str, Any], str | None]:
    """A worker's turn.

    Returns:
        where it was at the end, and what its last input did to it, if anything.
    """
    with tempfile.TemporaryDirectory(prefix="ganglion-fuzz-") as folder:
        progress = Path(folder) / "progress.json"
        command = [sys.executable, "-m", "tests.fuzz.worker", name, "--seed", str(seed), "--first", str(first)]
        command += ["--seconds", str(seconds), "--progress", str(progress)]
        with (Path(folder) / "said").open("w+") as said:
            worker = subprocess.Popen(command, stdout=said, stderr=said, env=environment(TARGETS[name]), cwd=ROOT)
            before, since, hangs = "", time.monotonic(), False
            while worker.poll() is None:
                time.sleep(0.5)
                now = progress.read_text() if progress.exists() else ""
                if now != before:
                    before, since = now, time.monotonic()
                elif time.monotonic() - since > STUCK:
                    worker.kill()
                    hangs = True
            said.seek(0)
            last = [line for line in said.read().splitlines() if line.strip()]
        if not progress.exists() or not progress.read_text().strip():
            raise RuntimeError(f"the worker of {name} did not begin:\n" + "\n".join(last[-30:]))
        state = json.loads(progress.read_text().splitlines()[0])
    if worker.returncode == 0:
        return state, None
    told = next((line for line in last if "ERROR:" in line or "runtime error" in line), last[-1] if last else "")
    return state, "hangs" if hangs else f"ends the process with {worker.returncode}: {told[:200]}"


def keep(name: str, files: Files, outcome: str, folder: Path) -> Path:
    """Keeps an input, made smaller."""
    key = hashlib.sha256(outcome.encode()).hexdigest()[:8]
    kept = folder / f"{name}-{key}"
    kept.mkdir(parents=True, exist_ok=True)
    path = TARGETS[name].write(files, kept)
    command = [sys.executable, "-m", "tests.fuzz.worker", name, "--smaller", str(path)]
    subprocess.run(command, env=environment(TARGETS[name]), cwd=ROOT, check=False, timeout=1800)
    (kept / "outcome").write_text(outcome + "\n")
    return kept


def fuzz(names: list[str], minutes: float, seed: int, folder: Path, longest: float = TURN) -> dict[str, Share]:
    """Fuzzes targets for so many minutes of the processor together, those included that a state is from."""
    state = folder / f"state-{seed}.json"
    known = json.loads(state.read_text()) if state.exists() else {}
    shares = {name: Share(**known.get(name, {})) for name in names}
    for name in names:
        if name.startswith("packets"):
            build_native(chip(CHIPS[name.removeprefix("packets ")]), quick=True, sanitized=True)
    while (left := 60 * minutes - sum(share.seconds for share in shares.values())) > 0.5:
        name = min(names, key=lambda name: shares[name].seconds)
        share = shares[name]
        at, died = turn(name, seed, share.inputs, min(longest, left, 60 * minutes / len(names)))
        share.refused, share.taken = share.refused + at[REFUSED], share.taken + at[TAKEN]
        share.seconds += max(at["seconds"], 0.1)
        found = [*at["wrong"], *([(at["number"], died)] if died else [])]
        for number, outcome in found:
            if outcome not in share.wrong:
                share.wrong[outcome] = ""
                kept = keep(name, TARGETS[name].input(name, seed, number), outcome, folder)
                share.wrong[outcome] = str(kept)
                print(f"{name}, input {number}: {outcome}\n  kept as {kept}", flush=True)
        share.inputs = at["number"] + (died is not None)
        folder.mkdir(parents=True, exist_ok=True)
        state.write_text(json.dumps({name: asdict(share) for name, share in shares.items()}, indent=1) + "\n")
    return shares


def main() -> int:
    """The command; returns 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=5.0, help="of the processor, for all targets together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=TARGETS, metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--turn", type=float, default=TURN, help="seconds of a target before the next one, at most")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "fuzz")
    arguments = parser.parse_args()
    shares = fuzz(arguments.only or list(TARGETS), arguments.minutes, arguments.seed, arguments.folder, arguments.turn)
    print(f"{'target':20} {'inputs':>9} {'refused':>9} {'taken':>9} {'seconds':>9} {'wrong':>6}")
    for name, share in sorted(shares.items()):
        figures = f"{share.inputs:9,} {share.refused:9,} {share.taken:9,} {share.seconds:9.1f}"
        print(f"{name:20} {figures} {len(share.wrong):6}")
    inputs, seconds = (sum(getattr(share, field) for share in shares.values()) for field in ("inputs", "seconds"))
    print(f"{inputs:,} inputs of {len(shares)} targets in {seconds / 60:.1f} minutes, seed {arguments.seed}")
    return int(any(share.wrong for share in shares.values()))


if __name__ == "__main__":
    sys.exit(main())
