"""A portal under load: many users, a server and workers in processes of their own, which are killed."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import httpx
import numpy as np
from sqlalchemy import select

from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.web.portal.client import Client
from ganglion.web.portal.examples import EXAMPLES
from ganglion.web.portal.job import State
from ganglion.web.portal.server.serve import Address, listening
from ganglion.web.portal.store import tables
from ganglion.web.portal.store.jobs import Job
from ganglion.web.portal.store.store import Store
from ganglion.web.portal.store.users import Kind

ROOT = Path(__file__).parents[3]

SERVER = """
import sys
from pathlib import Path
from ganglion.web.portal.job import State
from ganglion.web.portal.server.serve import Address, serve
from ganglion.web.portal.settings import Settings
from ganglion.web.portal.store.store import Store
settings = Settings(lease=float(sys.argv[3]), waiting=1000, attempts=50)
serve(Store(Path(sys.argv[1]), None, settings), Address(port=int(sys.argv[2])))
"""

SEEN = 25.0
"""Seconds that a server may take to answer again."""


@dataclass
class Found:
    """What happened."""

    jobs: list[Job]
    ended: dict[str, float] = field(default_factory=dict)
    """When each job ended, as it was first seen to be over."""
    pages: list[float] = field(default_factory=list)
    """Seconds of each page."""
    killed_servers: int = 0
    killed_workers: int = 0
    seconds: float = 0.0

    @property
    def slow(self) -> float:
        """Seconds within which 95 of 100 pages came."""
        return float(np.percentile(self.pages, 95)) if self.pages else 0.0


@dataclass
class Process:
    """A process that is started again when it has been killed."""

    command: list[str]
    environment: dict[str, str]
    running: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **self.environment}
        self.running = subprocess.Popen(self.command, env=environment, stderr=subprocess.DEVNULL)

    def kill(self, number: int = signal.SIGKILL) -> None:
        assert self.running
        self.running.send_signal(number)
        self.running.wait()


@contextmanager
def crowd(folder: Path, workers: int, lease: float) -> Iterator[tuple[str, Store, Process, list[Process]]]:
    """A server, and workers that have not started."""
    store = Store(folder)
    with listening(Address(port=0)) as line:
        port = line.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    server = Process([sys.executable, "-c", SERVER, str(folder), str(port), str(lease)], {})
    worker = [sys.executable, "-m", "ganglion", "worker", url, "--targets", "reference"]
    tokens = [store.users.token(Kind.WORKER, None, f"worker-{k}") for k in range(workers)]
    crew = [Process(worker, {"GANGLION_TOKEN": token}) for token in tokens]
    try:
        server.start()
        answers(url)
        yield url, store, server, crew
    finally:
        for process in (*crew, server):
            if process.running:
                process.kill()
        store.close()


def answers(url: str) -> None:
    """Waits until a portal answers."""
    ends = time.monotonic() + SEEN
    while time.monotonic() < ends:
        with suppress(httpx.TransportError):
            httpx.get(f"{url}/static/mark.svg")
            return
        time.sleep(0.1)
    raise AssertionError("the portal does not answer")


def under_load(
    folder: Path, *, jobs: int, users: int, workers: int, kill_server: int, kill_worker: int, seed: int, lease: float
) -> Found:
    """Has many users submit jobs, of which each is run once, while servers and workers are killed."""
    rng, program, events = random.Random(seed), *EXAMPLES["ring"].make()
    began = time.monotonic()
    with crowd(folder, workers, lease) as (url, store, server, crew):
        tokens = [store.users.token(Kind.USER, store.users.add(f"user-{k}"), "load") for k in range(users)]
        found = Found([])

        def submit(user: int) -> None:
            with Client(url, tokens[user], patience=120.0) as client:
                for k in range(jobs // users):
                    client.submit(program, events, target="reference", name=f"{user}-{k}", report=False)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(submit, range(users)))
        for process in crew:
            process.start()
        stop = Event()
        look = Thread(target=_look, args=(url, store, found, stop))
        look.start()
        ended, kills = 0, [*["server"] * kill_server, *["worker"] * kill_worker]
        rng.shuffle(kills)
        every = max(1, jobs // (len(kills) + 1))
        while (ended := _note_ends(store, found)) < jobs:
            if kills and ended >= every * (kill_server + kill_worker + 1 - len(kills)):
                if kills.pop() == "server":
                    server.kill()
                    server.start()
                    found.killed_servers += 1
                else:
                    one = rng.choice(crew)
                    one.kill()
                    one.start()
                    found.killed_workers += 1
            time.sleep(0.25)
        stop.set()
        look.join()
        found.jobs = [job for first in range(0, jobs, 200) for job in store.jobs.page(None, most=200, first=first)]
        found.seconds = time.monotonic() - began
        _right(url, tokens[0], program, found)
    return found


def _note_ends(store: Store, found: Found) -> int:
    """Notes when jobs have ended; how many have. One that is over never ends again."""
    over = tables.jobs.c.state.in_([state for state in State if state.over])
    with store.database.read() as connection:
        rows = connection.execute(select(tables.jobs.c.id, tables.jobs.c.ended).where(over)).all()
    for row in rows:
        assert found.ended.setdefault(row.id, row.ended) == row.ended, f"job {row.id} has ended twice"
    assert len(rows) == len(found.ended), "a job that was over is not over any more"
    return len(rows)


def _look(url: str, store: Store, found: Found, stop: Event) -> None:
    """Loads pages as users do, and takes the time of each; what a killed server does not answer is no page."""
    session = store.users.token(Kind.SESSION, store.users.named("user-1"), "session", 10_000.0)
    admin = store.users.add("looks", admin=True)
    whole = store.users.token(Kind.SESSION, admin, "session", 10_000.0)
    while not stop.is_set():
        for cookie, page in ((session, "/"), (session, "/new"), (whole, "/admin")):
            begin = time.monotonic()
            try:
                response = httpx.get(url + page, cookies={"ganglion_session": cookie}, timeout=30)
            except httpx.TransportError:
                continue
            assert response.status_code == 200
            found.pages.append(time.monotonic() - begin)
        stop.wait(1.0)


def _right(url: str, token: str, program: Program, found: Found) -> None:
    """Whether the traces of a user are those of runs here."""
    wanted = Reference(program).run(EXAMPLES["ring"].make()[1])
    with Client(url, token, patience=60.0) as client:
        assert all(not job.trace().differences(wanted) for job in client.jobs(20))


def unfairness(jobs: list[Job]) -> int:
    """How unfair a queue was: the greatest difference, at any time, of the jobs of two users that had ended."""
    counts = Counter({job.user: 0 for job in jobs})
    most = 0
    for job in sorted(jobs, key=lambda job: job.ended or 0.0):
        counts[job.user] += 1
        most = max(most, max(counts.values()) - min(counts.values()))
    return most
