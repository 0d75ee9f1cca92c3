"""A portal that answers, in a thread of the tests, and workers of it."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from ganglion.web.portal.client import Client
from ganglion.web.portal.connection import Connection
from ganglion.web.portal.server.serve import Address, listening, make_server
from ganglion.web.portal.settings import Settings
from ganglion.web.portal.store.store import Store
from ganglion.web.portal.store.users import Kind
from ganglion.web.portal.work.worker import Worker


@dataclass
class Running:
    """A portal that answers."""

    url: str
    store: Store

    def token(self, name: str, *, admin: bool = False) -> str:
        """A token of a user, who is made where there is none."""
        there = [share.user for share in self.store.users.shares() if share.user.name == name]
        return self.store.users.token(Kind.USER, there[0] if there else self.store.users.add(name, admin=admin), "test")

    def client(self, name: str) -> Client:
        """A client of a user."""
        return Client(self.url, self.token(name))

    @contextmanager
    def worker(self, name: str, targets: Sequence[str], device: str | None = None) -> Iterator[Worker]:
        """A worker that runs jobs while the block does."""
        token = self.store.users.token(Kind.WORKER, None, name)
        with closing(Connection(self.url, token)) as connection:
            about = {"machine": "x86_64, Python 3.11"} | ({"board": "icebreaker, 26 MHz"} if device else {})
            made = Worker(connection, targets, about=about, device=device)
            thread = Thread(target=made.serve)
            thread.start()
            try:
                yield made
            finally:
                made.stop()
                thread.join()


@contextmanager
def running(
    folder: Path, *, demo: bool = False, settings: Settings | None = None, address: Address | None = None
) -> Iterator[Running]:
    """A portal while the block runs."""
    store, address = Store(folder, None, settings), address or Address(port=0)
    server = make_server(store, address, demo=demo)
    with listening(address) as line:
        thread = Thread(target=server.run, kwargs={"sockets": [line]})
        thread.start()
        try:
            yield Running(f"http{'s' if address.certificate else ''}://127.0.0.1:{line.getsockname()[1]}", store)
        finally:
            server.should_exit = True
            thread.join()
