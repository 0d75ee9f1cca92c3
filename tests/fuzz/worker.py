"""Runs inputs of one target in a process of its own, within limits of time and memory; started by `tests.fuzz.run`.

It says where it is before each input, so that who started it knows which one ended the process, or never ends.
"""

import argparse
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path
from types import FrameType

from ganglion.model.spec.errors import GanglionError
from tests.fuzz.targets import ROOT, TARGETS, Files, Target, read_input

SECONDS = 20
"""Of the processor, for one input."""

PATIENCE = 120.0
"""Seconds on the clock, for one input in a process of its own, which may be kept waiting by others."""

MEMORY = 8 << 30
"""Bytes of addresses, for one input; not under the address sanitizer, which takes all there are, and has a limit of its
own for what is used."""

REFUSED, TAKEN = "refused", "taken"


class Hang(BaseException):
    """An input has had its time. No `except Exception` on the way keeps it."""


def _hang(number: int, frame: FrameType | None) -> None:
    raise Hang


def outcome_of(target: Target, path: Path) -> str:
    """What comes of an input: it is taken, refused by one of our errors, or something is wrong, and where."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            target.run(path)
    except Hang:
        return "hangs"
    except GanglionError as error:
        return REFUSED if target.refuses else _described(error)
    except Exception as error:
        return _described(error)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return TAKEN


def _described(error: Exception) -> str:
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if str(ROOT) in frame.filename]
    frames = [frame for frame in ours if "/tests/" not in frame.filename] or ours
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {where}: {str(error)[:200]}"


def try_input(target: Target, files: Files) -> str:
    """What comes of an input, in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="ganglion-fuzz-"))
    try:
        return outcome_of(target, target.write(files, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def limit(target: Target) -> None:
    """Limits of this process, from here on."""
    signal.signal(signal.SIGPROF, _hang)
    if not target.sanitized:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.RLIM_INFINITY))


def spent() -> float:
    """Seconds of the processor, of this process and those that it started."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def work(name: str, seed: int, first: int, seconds: float, progress: Path) -> None:
    """Runs inputs from a number on, for so many seconds of the processor, and says so in a file of JSON lines."""
    target = TARGETS[name]
    target.seeds()
    limit(target)
    counts = {REFUSED: 0, TAKEN: 0}
    begin, number = spent(), first
    said = os.open(progress, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    wrong: list[tuple[int, str]] = []
    while (used := spent() - begin) < seconds:
        state = {"number": number, "seconds": used, **counts, "wrong": wrong}
        os.pwrite(said, json.dumps(state).ljust(200).encode() + b"\n", 0)
        outcome = try_input(target, target.input(name, seed, number))
        if outcome in counts:
            counts[outcome] += 1
        elif all(outcome != known for _, known in wrong):
            wrong.append((number, outcome))
        number += 1
    os.pwrite(said, json.dumps({"number": number, "seconds": used, **counts, "wrong": wrong}).encode() + b"\n", 0)
    os.close(said)


def apart(target: Target, files: Files) -> str:
    """What comes of an input, in a fork of this process, which may end by it."""
    into, out = os.pipe()
    begin = time.monotonic()
    child = os.fork()
    if not child:
        os.close(into)
        limit(target)
        os.write(out, try_input(target, files).encode())
        os._exit(0)
    os.close(out)
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() - begin > PATIENCE:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.001)
    with os.fdopen(into) as answer:
        return answer.read() or "ends the process"


def smaller(target: Target, files: Files, tries: int = 200) -> Files:
    """An input of which the same comes, with parts of it left out while that is so."""
    wanted = apart(target, files).partition(":")[0]
    for name in files:
        raw = files[name]
        size = len(raw) // 2
        while size and tries:
            at = 0
            while at < len(raw) and tries:
                shorter, tries = raw[:at] + raw[at + size :], tries - 1
                if apart(target, {**files, name: shorter}).partition(":")[0] == wanted:
                    raw = shorter
                else:
                    at += size
            size //= 2
        files = {**files, name: raw}
    return files


def main() -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--progress", type=Path)
    parser.add_argument("--smaller", type=Path, help="make the input in this file or folder smaller")
    parser.add_argument("--replay", type=Path, help="say what comes of the input in this file or folder")
    arguments = parser.parse_args()
    target = TARGETS[arguments.target]
    if arguments.replay:
        print(apart(target, read_input(arguments.replay)))
    elif arguments.smaller:
        files = smaller(target, read_input(arguments.smaller))
        if "" in files:
            arguments.smaller.write_bytes(files[""])
        else:
            for name, raw in files.items():
                (arguments.smaller / name).write_bytes(raw)
    else:
        work(arguments.target, arguments.seed, arguments.first, arguments.seconds, arguments.progress)
    return 0


if __name__ == "__main__":
    sys.exit(main())
