"""What whoever runs a portal decides: limits, quotas, and how long results are kept."""

from dataclasses import dataclass

MEGABYTE = 1 << 20

DAY = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The rules of one portal. Times are in seconds, sizes in bytes."""

    upload: int = 64 * MEGABYTE
    """A request, at most."""
    seconds: float = 600.0
    """A job may run, at most."""
    memory: int = 2048 * MEGABYTE
    """A job may take, at most, besides the libraries it uses."""
    results: int = 256 * MEGABYTE
    """Files that come of a job, at most."""
    waiting: int = 200
    """Jobs of one user that wait or run, at most."""
    stored: int = 1024 * MEGABYTE
    """Files of all jobs of one user, at most."""
    kept: float = 14 * DAY
    """A job and its results are kept, from its end on."""
    session: float = 12 * 3600.0
    """A login counts."""
    lease: float = 30.0
    """A worker that is silent for so long has lost its job."""
    attempts: int = 5
    """Workers that may be lost with a job before it counts as what kills them."""
    header_time: float = 10.0
    """The head of a request may take to come in."""
    body_time: float = 120.0
    """The body of a request may take to come in."""
    door_time: float = 30.0
    """Reading what was uploaded may take."""
    streams: int = 8
    """Pages of one user that are told live what happens, at most."""
    stream_time: float = 600.0
    """One of them is told; the browser asks again by itself."""
