"""All that a portal remembers, in one place, and what becomes of it with time."""

import time
from pathlib import Path

from sqlalchemy import select

from ganglion.web.portal.job import State
from ganglion.web.portal.settings import DAY, Settings
from ganglion.web.portal.store.database import Database
from ganglion.web.portal.store.files import Files
from ganglion.web.portal.store.jobs import Jobs
from ganglion.web.portal.store.queue import Queue
from ganglion.web.portal.store.tables import jobs
from ganglion.web.portal.store.users import Users


class Store:
    """The memory of a portal.

    Args:
        folder: of its files, and of its SQLite, made where it is missing.
        url: of another database; None is SQLite in the folder.
        settings: limits and times.

    Raises:
        PortalError: the database cannot be used.
        OSError: the folder cannot be made.
    """

    def __init__(self, folder: Path, url: str | None = None, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.files = Files(folder)
        self.database = Database(url or f"sqlite:///{folder.resolve() / 'portal.sqlite'}")
        self.users = Users(self.database)
        self.jobs = Jobs(self.database, self.settings)
        self.queue = Queue(self.database, self.settings, self.jobs)

    def tidy(self) -> None:
        """Takes jobs from silent workers, and removes what is past its time: results, logins, workers that are gone."""
        now = time.time()
        self.queue.expire()
        self.users.forget_old_tokens(now)
        self.queue.forget_workers(now - 30 * DAY)
        over = (jobs.c.state.in_([state for state in State if state.over]), jobs.c.ended < now - self.settings.kept)
        with self.database.read() as connection:
            old = connection.execute(select(jobs.c.id).where(*over)).scalars().all()
        for id in old:
            self.jobs.remove(id, None)
            self.files.remove(id)
        with self.database.read() as connection:
            known = connection.execute(select(jobs.c.id)).scalars().all()
        self.files.remove_others(known)

    def close(self) -> None:
        """Lets go of the database."""
        self.database.close()
