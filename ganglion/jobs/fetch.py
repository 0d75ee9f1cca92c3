"""`ganglion fetch`: what came of a job at a portal."""

from pathlib import Path

from ganglion.jobs.portal_jobs import JobList
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import PortalError
from ganglion.web.portal.client import Client


def fetch(client: Client, job: str, out: Path, *, wait: bool = False, progress: Progress = SILENT) -> JobList:
    """Writes the trace, the report and the picture of a job into a folder.

    Args:
        client: of the portal.
        job: its id.
        out: the folder, made where it is missing.
        wait: until the job is over.
        progress: told how far it is.

    Raises:
        PortalError: there is no such job, or it is not over.
        OSError: a file cannot be written.
    """
    found = client.wait(job, progress=progress) if wait else client.job(job)
    if not found.over:
        raise PortalError(f"job {job} is {found.state}: ask again later, or with --wait")
    return JobList(jobs=(found,), saved=tuple(found.save(out)))
