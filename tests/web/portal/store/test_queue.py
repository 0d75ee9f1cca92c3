"""The queue, on SQLite and on PostgreSQL: each job is run by one worker at a time, and ends once."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import update

from ganglion.model.spec.errors import PortalError
from ganglion.web.portal.job import JobRequest, Progress, State
from ganglion.web.portal.settings import Settings
from ganglion.web.portal.store.jobs import Job, new_id
from ganglion.web.portal.store.store import Store
from ganglion.web.portal.store.tables import jobs, metadata
from ganglion.web.portal.store.users import Kind, User


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.system)])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store on each of the databases."""
    url = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    made = Store(tmp_path, url, Settings(attempts=2))
    yield made
    metadata.drop_all(made.database.engine)
    made.close()


def submit(store: Store, user: User, name: str = "job", target: str = "emulator") -> Job:
    request = JobRequest.model_validate({"name": name, "target": target})
    return store.jobs.submit(user, request, {}, 10, id=new_id())


def lose(store: Store, job: Job) -> None:
    """As if the worker of a job were silent for the length of a lease."""
    with store.database.write() as connection:
        connection.execute(update(jobs).where(jobs.c.id == job.id).values(lease_ends=1.0))


def test_a_job_goes_its_way_once_whatever_is_lost_or_sent_twice(both: Store) -> None:
    user = both.users.add("ada")
    job = submit(both, user)
    first = both.queue.claim("one", ["emulator"], {})
    assert first and first.id == job.id and first.state is State.RUNNING and first.lease
    assert both.queue.claim("two", ["emulator"], {}) is None
    assert not both.queue.beat(job.id, first.lease, Progress(what="running", done=3, total=9))
    assert both.jobs.get(job.id).progress.done == 3
    lose(both, job)
    second = both.queue.claim("two", ["emulator"], {})
    assert second and second.id == job.id and second.lease and second.attempts == 2
    for call in (
        lambda lease: both.queue.beat(job.id, lease, Progress()),
        lambda lease: both.queue.end(job.id, lease, State.DONE),
        lambda lease: both.queue.give_back(job.id, lease),
    ):
        with pytest.raises(PortalError, match="does not have the job any more"):
            call(first.lease)
    for _ in range(2):
        both.queue.end(job.id, second.lease, State.DONE, found={"spikes": 7}, size=5)
    done = both.jobs.get(job.id)
    assert (done.state, done.found, done.worker, done.size) == (State.DONE, {"spikes": 7}, "two", 15)
    with pytest.raises(PortalError, match="does not have the job any more"):
        both.queue.end(job.id, second.lease, State.FAILED)


def test_a_job_that_ends_its_workers_fails_in_the_end_and_one_that_is_cancelled_ends(both: Store) -> None:
    user = both.users.add("ada")
    bad, unwanted, waits = submit(both, user), submit(both, user), submit(both, user)
    for _ in range(2):
        claimed = both.queue.claim("one", ["emulator"], {})
        assert claimed and claimed.id == bad.id
        lose(both, bad)
    both.queue.expire()
    assert both.jobs.get(bad.id).state is State.FAILED and "2 workers were lost" in both.jobs.get(bad.id).error
    claimed = both.queue.claim("one", ["emulator"], {})
    assert claimed and claimed.id == unwanted.id and claimed.lease
    both.jobs.cancel(unwanted.id, user)
    assert both.queue.beat(unwanted.id, claimed.lease, Progress()), "the worker is told"
    lose(both, unwanted)
    both.queue.expire()
    assert both.jobs.get(unwanted.id).state is State.CANCELLED
    assert both.jobs.cancel(waits.id, user).state is State.CANCELLED
    assert both.queue.claim("one", ["emulator"], {}) is None


def test_users_take_turns_and_workers_never_share_a_job(both: Store) -> None:
    ada, bob, eve = (both.users.add(name) for name in ("ada", "bob", "eve"))
    for user, count in ((ada, 12), (bob, 4), (eve, 2)):
        for _ in range(count):
            submit(both, user)
    submit(both, ada, target="board")
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda k: both.queue.claim(f"w{k}", ["emulator"], {}), range(6)))
    assert len({job.id for job in taken if job}) == 6
    assert Counter(job.user for job in taken if job) == {"ada": 2, "bob": 2, "eve": 2}
    order = []
    while job := both.queue.claim("one", ["emulator"], {}):
        order.append(job.user)
        both.queue.end(job.id, job.lease or "", State.DONE)
    assert order[:4].count("bob") == 2 and order[-8:] == ["ada"] * 8
    assert both.queue.claim("bench", ["board"], {"board": "ulx3s"}) is not None
    assert both.queue.workers()[0].about == {"board": "ulx3s"}


def test_a_request_that_comes_twice_is_one_job_and_quotas_hold(both: Store) -> None:
    user, request = both.users.add("ada"), JobRequest()
    first = both.jobs.submit(user, request, {}, 10, id=new_id(), key="k")
    assert both.jobs.submit(user, request, {}, 10, id=new_id(), key="k").id == first.id
    assert both.jobs.counts(user)[State.QUEUED] == 1
    with pytest.raises(PortalError, match="bytes of files") as refused:
        both.jobs.check_room(user, both.settings.stored)
    assert refused.value.status == 429
    both.jobs.say(first.id, ["one", "two"])
    assert [line.text for line in both.jobs.lines(first.id)] == ["one", "two"]
    token = both.users.token(Kind.USER, user, "laptop")
    assert both.users.who(token, Kind.USER) == both.users.named("ada")
    assert both.users.who(token, Kind.SESSION) is None
    assert both.users.who(both.users.token(Kind.USER, user, "old", -1.0), Kind.USER) is None
    both.users.activate("ada", active=False)
    assert both.users.who(token, Kind.USER) is None
    other = both.users.add("bob")
    with pytest.raises(PortalError, match="no such job"):
        both.jobs.get(first.id, other)
