"""The tables of the database, the same on SQLite and PostgreSQL. Times are seconds since 1970."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

VERSION = 1
"""Of the tables; a database of another version is refused."""

metadata = MetaData()

facts = Table(
    "facts",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
"""The version of the tables, and the secret that forms are signed with."""

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(60), nullable=False, unique=True),
    Column("admin", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created", Float, nullable=False),
    Column("served", Float, nullable=False),
)
"""`served`: when a job of theirs was last given to a worker."""

tokens = Table(
    "tokens",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("user", ForeignKey("users.id", ondelete="CASCADE"), index=True),
    Column("label", String(60), nullable=False),
    Column("created", Float, nullable=False),
    Column("expires", Float),
)
"""Of users, of their sessions in a browser, and of workers. A token itself is never kept."""

workers = Table(
    "workers",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("targets", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("seen", Float, nullable=False),
)
"""`targets` and `about`, such as its board, as JSON."""

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("user", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("key", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("target", String(20), nullable=False),
    Column("request", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("created", Float, nullable=False),
    Column("started", Float),
    Column("ended", Float),
    Column("worker", String(60)),
    Column("lease", String(32)),
    Column("lease_ends", Float),
    Column("attempts", Integer, nullable=False),
    Column("cancel", Boolean, nullable=False),
    Column("progress", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("found", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("public", String(64), unique=True),
    UniqueConstraint("user", "key"),
    Index("jobs_by_state", "state", "target", "created"),
    Index("jobs_by_user", "user", "created"),
)
"""`key`: of the request, so that one that is sent twice makes one job. `request`, `about` the network, `progress` and
what was `found` as JSON. `lease`: of the attempt that runs, or that ended it. `size`: of its files."""

log = Table(
    "log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("job", ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Float, nullable=False),
    Column("line", Text, nullable=False),
)
