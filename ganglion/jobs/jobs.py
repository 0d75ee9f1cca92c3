"""`ganglion jobs`: your jobs at a portal."""

from ganglion.jobs.portal_jobs import JobList
from ganglion.web.portal.client import Client


def jobs(client: Client, most: int = 20) -> JobList:
    """The newest jobs of a user.

    Args:
        client: of the portal.
        most: so many at most.

    Raises:
        PortalError: the portal refuses, or does not answer.
    """
    return JobList(jobs=tuple(client.jobs(most)))
