"""Many users, and processes that are killed: no job is lost, none ends twice, and all users take turns."""

from collections import Counter
from pathlib import Path

import pytest

from ganglion.web.portal.job import State
from tests.web.portal.load import Found, under_load, unfairness


def whole(found: Found, jobs: int, users: int) -> None:
    """Whether each job was run, and once as far as anybody can see."""
    assert len(found.jobs) == jobs and len({job.request.name for job in found.jobs}) == jobs
    assert {job.state for job in found.jobs} == {State.DONE}, [job.error for job in found.jobs if job.error][:3]
    assert Counter(Counter(job.user for job in found.jobs).values()) == {jobs // users: users}
    assert {job.id: job.ended for job in found.jobs} == found.ended


def test_a_few_jobs_whose_server_and_worker_are_killed(tmp_path: Path) -> None:
    found = under_load(
        tmp_path, jobs=12, users=3, workers=1, kill_server=1, kill_worker=1, seed=3, lease=2.0
    )
    whole(found, jobs=12, users=3)
    assert (found.killed_servers, found.killed_workers) == (1, 1)
    assert unfairness(found.jobs) <= 2


@pytest.mark.slow
def test_a_thousand_jobs_of_fifty_users_on_two_workers(tmp_path: Path) -> None:
    """A thousand jobs, a server that is killed five times and workers twenty times: none lost, none twice, fair."""
    found = under_load(
        tmp_path, jobs=1000, users=50, workers=2, kill_server=5, kill_worker=20, seed=1, lease=5.0
    )
    print(
        f"{found.seconds:.0f} s, {len(found.pages)} pages, 95 of 100 within {1000 * found.slow:.0f} ms, "
        f"attempts {Counter(job.attempts for job in found.jobs)}, unfairness {unfairness(found.jobs)}"
    )
    whole(found, jobs=1000, users=50)
    assert (found.killed_servers, found.killed_workers) == (5, 20)
    assert unfairness(found.jobs) <= 3
    assert found.slow < 0.2
