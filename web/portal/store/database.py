"""The database: SQLite in a file of the portal's folder, or PostgreSQL by URL."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from ganglion.model.spec.errors import PortalError
from ganglion.web.portal.store.tables import VERSION, facts, metadata

WAIT_MS = 30_000
"""That a writer of SQLite waits for another."""

POOL = 20
"""Connections that are kept."""


class Database:
    """Where the tables are.

    Args:
        url: of SQLAlchemy: `sqlite:////folder/portal.sqlite`, or `postgresql://user@host/name`.

    Raises:
        PortalError: no database there, of another kind, or of another version.
    """

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        try:
            metadata.create_all(self.engine)
            with self.write() as connection:
                _fact(connection, "version", str(VERSION))
                _fact(connection, "secret", secrets.token_hex(32))
            with self.read() as connection:
                found = {row.name: row.value for row in connection.execute(select(facts))}
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
            raise PortalError(f"the database {_shown(url)} cannot be used: {reason}") from error
        if found["version"] != str(VERSION):
            raise PortalError(
                f"the database {_shown(url)} has tables of version {found['version']}, and this Ganglion has "
                f"{VERSION}: start with another database, or with the Ganglion that made this one"
            )
        self.secret = bytes.fromhex(found["secret"])
        """Signs the forms of pages."""

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may write: all of it counts, or nothing."""
        with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads, and waits for nobody."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Closes all connections."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgresql":
            engine = create_engine(parsed.set(drivername="postgresql+psycopg"), pool_size=POOL, pool_pre_ping=True)
            # Two writers that read the same row are told apart by the condition of their update.
            return engine.execution_options(isolation_level="READ COMMITTED")
        if parsed.get_backend_name() == "sqlite":
            engine = create_engine(parsed, pool_size=POOL, connect_args={"check_same_thread": False})
            event.listen(engine, "connect", _connected)
            event.listen(engine, "begin", _begun)
            return engine
    except (ArgumentError, NoSuchModuleError) as error:
        raise PortalError(f"'{url}' is no address of a database: {error}") from None
    raise PortalError(f"a portal keeps its tables in sqlite or postgresql, not in {parsed.get_backend_name()}")


def _connected(connection: Any, record: object) -> None:
    """Readers beside a writer (the write-ahead log), and what is committed is on the disk."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={WAIT_MS}", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begun(connection: Connection) -> None:
    """A writer of SQLite says so at its start: one that read first could find that another has written since."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _fact(connection: Connection, name: str, value: str) -> None:
    """Writes a fact, if there is none of the name."""
    if connection.execute(select(facts.c.value).where(facts.c.name == name)).first() is None:
        connection.execute(insert(facts).values(name=name, value=value))


def _shown(url: str) -> str:
    """An address without its password."""
    return make_url(url).render_as_string(hide_password=True)
