"""`ganglion submit`: a job for a portal."""

from collections.abc import Sequence
from pathlib import Path

from ganglion.jobs.portal_jobs import JobList
from ganglion.model.progress import SILENT, Progress
from ganglion.web.portal.client import Client


def submit(
    client: Client,
    network: Path,
    events: Path,
    *,
    target: str = "emulator",
    name: str | None = None,
    steps: int | None = None,
    states: bool = False,
    membranes: Sequence[int] = (),
    seconds: float | None = None,
    convention: str | None = None,
    choices: Sequence[str] = (),
    preset: str | None = None,
    wait: bool = False,
    out: Path | None = None,
    progress: Progress = SILENT,
) -> JobList:
    """Submits a job, and, where that is wanted, waits for it and fetches what came of it.

    Args:
        client: of the portal.
        network: a file: .nir, .npz or .json.
        events: a file: .npz, .npy or .json.
        target: what runs it.
        name: what to call it.
        steps: to run.
        states: keep all state.
        membranes: neurons whose membranes to record.
        seconds: it may run.
        convention: the framework that a NIR file is from.
        choices: changes to the convention.
        preset: sizes of the chip of a NIR file.
        wait: until it is over.
        out: folder for what comes of it.
        progress: told how far it is.

    Raises:
        PortalError: the portal refuses it, or the job failed.
        OSError: a file cannot be read or written.
    """
    nir = {"convention": convention, "choices": list(choices), "preset": preset}
    given = {option: value for option, value in nir.items() if value}
    probes = {"v": list(membranes)} if membranes else None
    job = client.submit(
        network,
        events,
        target=target,
        name=name,
        steps=steps,
        states=states,
        probes=probes,
        seconds=seconds,
        nir=given or None,
    )
    if wait or out:
        job = client.wait(job, progress=progress)
    saved = job.save(out) if out and job.state == "done" else []
    return JobList(jobs=(job,), saved=tuple(saved))
