"""Users and tokens. There are no passwords: a token is drawn here, shown once, and kept as its hash alone.

A token has 256 random bits, so that a plain SHA-256 of it can be neither guessed nor looked up in a table.
"""

import hashlib
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Row, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from ganglion.model.spec.errors import PortalError
from ganglion.web.portal.store.database import Database
from ganglion.web.portal.store.tables import jobs, tokens, users

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")

PREFIX = "ganglion_"
"""What tokens begin with, so that those who search for secrets in public files find them."""


class Kind(StrEnum):
    """What a token is for."""

    USER = "user"
    SESSION = "session"
    WORKER = "worker"


@dataclass(frozen=True, kw_only=True)
class User:
    """Someone who submits jobs."""

    id: int
    name: str
    admin: bool
    active: bool = True
    created: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Token:
    """What is known of a token."""

    hash: str
    kind: Kind
    label: str
    """Of a worker's, the worker's name."""
    created: float
    expires: float | None


@dataclass(frozen=True, kw_only=True)
class Share:
    """What a user has of the portal."""

    user: User
    jobs: int
    size: int
    """Bytes of files."""


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class Users:
    """The users of a portal, and who a token is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, *, admin: bool = False) -> User:
        """A new user.

        Raises:
            PortalError: a name that is taken, or that is none.
        """
        check_name("user", name)
        try:
            with self._database.write() as connection:
                values = {"name": name, "admin": admin, "active": True, "created": time.time(), "served": 0.0}
                connection.execute(insert(users).values(**values))
        except IntegrityError:
            raise PortalError(f"there is a user '{name}' already", status=409) from None
        return self.named(name)

    def named(self, name: str) -> User:
        """The user of a name.

        Raises:
            PortalError: there is none.
        """
        with self._database.read() as connection:
            row = connection.execute(select(users).where(users.c.name == name)).first()
        if row is None:
            raise PortalError(f"there is no user '{name}'", status=404)
        return _user(row)

    def activate(self, name: str, active: bool) -> None:
        """Lets a user in, or keeps them out; what they have stays.

        Raises:
            PortalError: there is no such user.
        """
        user = self.named(name)
        with self._database.write() as connection:
            connection.execute(update(users).where(users.c.id == user.id).values(active=active))

    def shares(self) -> list[Share]:
        """All users, and what each has of the portal, by name."""
        counted = select(jobs.c.user, func.count().label("jobs"), func.sum(jobs.c.size).label("size"))
        counts = counted.group_by(jobs.c.user).subquery()
        query = select(users, counts.c.jobs, counts.c.size).outerjoin(counts, users.c.id == counts.c.user)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(users.c.name)).all()
        return [Share(user=_user(row), jobs=row.jobs or 0, size=int(row.size or 0)) for row in rows]

    def token(self, kind: Kind, user: User | None, label: str, seconds: float | None = None) -> str:
        """A new token, which is told here and never again.

        Args:
            kind: what it is for.
            user: whose; None is a worker's.
            label: what it is called in lists; of a worker's, the worker's name.
            seconds: for which it counts; None is until it is revoked.

        Raises:
            PortalError: a worker's name that is none.
        """
        if kind is Kind.WORKER:
            check_name("worker", label)
        token, now = PREFIX + secrets.token_urlsafe(32), time.time()
        with self._database.write() as connection:
            connection.execute(
                insert(tokens).values(
                    hash=hashed(token),
                    kind=kind,
                    user=user.id if user else None,
                    label=label[:60],
                    created=now,
                    expires=None if seconds is None else now + seconds,
                )
            )
        return token

    def who(self, token: str, kind: Kind) -> User | None:
        """The user of a token, if it counts and is of this kind, and they may come in."""
        query = select(users).join(tokens, tokens.c.user == users.c.id)
        with self._database.read() as connection:
            row = connection.execute(query.where(*_counts(token, kind), users.c.active)).first()
        return None if row is None else _user(row)

    def worker(self, token: str) -> str | None:
        """The name of the worker that a token is of."""
        with self._database.read() as connection:
            return connection.execute(select(tokens.c.label).where(*_counts(token, Kind.WORKER))).scalar()

    def tokens(self, kind: Kind, user: User | None = None) -> Sequence[Token]:
        """Tokens of a kind: of a user, or, None, of all workers."""
        whose = tokens.c.user == user.id if user else tokens.c.user.is_(None)
        with self._database.read() as connection:
            query = select(tokens).where(tokens.c.kind == kind, whose).order_by(tokens.c.created)
            rows = connection.execute(query).all()
        return [
            Token(hash=row.hash, kind=Kind(row.kind), label=row.label, created=row.created, expires=row.expires)
            for row in rows
        ]

    def revoke(self, hash: str, user: User | None) -> None:
        """A token counts no more: one of a user, or, None, of a worker.

        Raises:
            PortalError: they have no such token.
        """
        whose = tokens.c.user == user.id if user else tokens.c.user.is_(None)
        with self._database.write() as connection:
            done = connection.execute(delete(tokens).where(tokens.c.hash == hash, whose))
        if not done.rowcount:
            raise PortalError("there is no such token", status=404)

    def forget_old_tokens(self, now: float) -> None:
        """Removes what has expired."""
        with self._database.write() as connection:
            connection.execute(delete(tokens).where(tokens.c.expires < now))


def check_name(what: str, name: str) -> None:
    """Whether a user or a worker may be called so.

    Raises:
        PortalError: not.
    """
    if not NAME.fullmatch(name):
        raise PortalError(
            f"the name of a {what} is 1 to 60 letters of ASCII, digits, '.', '_' and '-', not {name[:60]!r}", status=422
        )


def _counts(token: str, kind: Kind) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a token counts."""
    fresh = or_(tokens.c.expires.is_(None), tokens.c.expires > time.time())
    return tokens.c.hash == hashed(token), tokens.c.kind == kind, fresh


def _user(row: Row[tuple[object, ...]]) -> User:
    return User(id=row.id, name=row.name, admin=row.admin, active=row.active, created=row.created)
