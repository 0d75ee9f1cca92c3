"""A compiler launcher that compiles the sources of Verilator's own runtime once.

They are the same in every simulation, and take longer than a small chip does. Makefiles of Verilator put $OBJCACHE
before the compiler: `python objects.py COMPILER ARGUMENTS`. The objects are kept in the folder $GANGLION_OBJECTS under
a hash of the command; what else they depend on is in the name of that folder.

A script of the standard library alone, since it runs for every file that is compiled.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

RUNTIME = "verilated"
"""What the names of the runtime's sources begin with."""


def main(command: list[str]) -> int:
    """Runs a compiler, or copies what it made of the same command before; returns its exit code."""
    source, folder = Path(command[-1]), Path(os.environ["GANGLION_OBJECTS"])
    if not (source.is_absolute() and source.name.startswith(RUNTIME) and "-o" in command):
        os.execvp(command[0], command)
    made = Path(command[command.index("-o") + 1])
    key = hashlib.sha256("\0".join(command).encode()).hexdigest()[:20]
    kept = folder / f"{source.stem}-{key}.o"
    folder.mkdir(parents=True, exist_ok=True)
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            code = subprocess.run(command, check=False).returncode
            if code:
                return code
            part = kept.with_suffix(".part")
            shutil.copyfile(made, part)
            part.rename(kept)
    shutil.copyfile(kept, made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
