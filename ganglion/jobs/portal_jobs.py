"""Jobs of a portal, as the verbs about them show them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from ganglion.jobs.result import Result, table
from ganglion.web.portal.client import RemoteJob


@dataclass(frozen=True, kw_only=True)
class JobList(Result):
    """Some jobs, and files that were fetched of them."""

    jobs: tuple[RemoteJob, ...]
    saved: tuple[Path, ...] = ()

    @property
    def failure(self) -> str | None:
        """Of a single job that failed: why."""
        failed = [job for job in self.jobs if job.state == "failed"]
        return f"job {failed[0].id} failed: {failed[0].error}" if len(self.jobs) == 1 and failed else None

    def to_dict(self) -> dict[str, Any]:
        jobs = [
            {
                "id": job.id,
                "name": job.name,
                "target": job.target,
                "state": job.state,
                "error": job.error,
                "found": dict(job.found),
                "public": job.public,
            }
            for job in self.jobs
        ]
        return {"jobs": jobs, "saved": [str(path) for path in self.saved]}

    def shown(self) -> Iterator[str | Table]:
        rows = table("job", "name", "target", "state", "spikes", "seconds")
        for job in self.jobs:
            figures = [str(job.found.get(name, "")) for name in ("spikes", "seconds")]
            rows.add_row(job.id, job.name, job.target, job.state, *figures)
        yield rows if self.jobs else "no jobs"
        for path in self.saved:
            yield f"wrote {path}"
