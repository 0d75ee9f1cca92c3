"""What this machine has left."""

import os
from pathlib import Path


def free_memory() -> int:
    """Bytes that may be taken before this machine swaps."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
