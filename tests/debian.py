"""Programs of the system that tests run: ABC, Chromium, PostgreSQL. `python -m tests.debian` gets what is missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

PACKAGES = {"abc": "berkeley-abc", "chromium": "chromium", "postgresql": "postgresql"}
"""What Debian calls them."""


def abc() -> Path | None:
    """The model checker."""
    return next((Path(path) for name in ("berkeley-abc", "yosys-abc") if (path := shutil.which(name))), None)


def chromium() -> Path | None:
    """The browser, where there is one."""
    return next((Path(path) for name in BROWSERS if (path := shutil.which(name))), None)


def postgresql() -> Path | None:
    """The folder of the newest server's programs, where there is one."""
    servers = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    return max((path.parent for path in servers), key=lambda path: int(path.parent.name), default=None)


FINDERS = {"abc": abc, "chromium": chromium, "postgresql": postgresql}


def found(name: str) -> Path:
    """Where a program is.

    Raises:
        RuntimeError: nowhere; says how to get it, in one line.
    """
    path = FINDERS[name]()
    if path is None:
        raise RuntimeError(f"this test needs {name}: sudo apt-get install {PACKAGES[name]}")
    return path


def main() -> None:
    """Installs with apt what is missing, where that may be; otherwise says how, in one line."""
    missing = [PACKAGES[name] for name, find in FINDERS.items() if find() is None]
    if not missing:
        return
    command = ["apt-get", "install", "-q", "-y", "--no-install-recommends", *missing]
    if os.geteuid():
        command = ["sudo", "-n", *command]
    if shutil.which(command[0]) is None or subprocess.run(command, check=False).returncode:
        print(f"tests need {' and '.join(missing)}: sudo apt-get install {' '.join(missing)}", file=sys.stderr)


if __name__ == "__main__":
    main()
