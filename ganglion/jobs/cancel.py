"""`ganglion cancel`: ends a job at a portal."""

from ganglion.jobs.portal_jobs import JobList
from ganglion.web.portal.client import Client


def cancel(client: Client, job: str) -> JobList:
    """Ends a job: at once where it waits; where it runs, its worker is told.

    Args:
        client: of the portal.
        job: its id.

    Raises:
        PortalError: there is no such job.
    """
    return JobList(jobs=(client.cancel(job),))
