"""What tests of the portal share: stores on both databases."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ganglion.web.portal.settings import MEGABYTE, Settings
from ganglion.web.portal.store.store import Store
from tests.debian import found
from tests.web.portal.running import Running, running

LIMITS = Settings(upload=2 * MEGABYTE, memory=1024 * MEGABYTE, header_time=0.5, body_time=1.0, streams=2)
"""Small, so that tests reach them."""


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL that lives as long as the tests; it does not run as root, so nobody has it then."""
    programs, user = found("postgresql"), pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    # Not below pytest's folder, which is for its own user alone.
    folder = Path(tempfile.mkdtemp(prefix="ganglion-postgres-"))
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    who = {"user": user.pw_uid, "group": user.pw_gid} if user else {}
    data = folder / "data"
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off"
    try:
        initdb = [programs / "initdb", "-D", data, "-A", "trust", "-U", "ganglion", "--no-sync"]
        subprocess.run(initdb, check=True, cwd=folder, capture_output=True, **who)
        start = [programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"]
        subprocess.run(start, check=True, cwd=folder, stdout=subprocess.DEVNULL, **who)
        try:
            yield f"postgresql://ganglion@127.0.0.1:{port}/postgres"
        finally:
            stop = [programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"]
            subprocess.run(stop, check=True, cwd=folder, stdout=subprocess.DEVNULL, **who)
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store in a folder of its own, on SQLite."""
    made = Store(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A portal that many tests share, with small limits of size."""
    with running(tmp_path_factory.mktemp("portal"), settings=LIMITS) as made:
        yield made
