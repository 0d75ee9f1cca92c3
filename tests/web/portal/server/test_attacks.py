"""What is not well meant is refused with a status of 4xx and a sentence; nothing of it is kept or executed."""

import io
import json
import re
import socket
import time
import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest

from ganglion.model.spec.errors import PortalError
from ganglion.web.portal.examples import EXAMPLES
from ganglion.web.portal.job import State
from ganglion.web.portal.server.serve import Address
from ganglion.web.portal.store.users import Kind
from tests.web.portal.running import Running, running

Files = dict[str, tuple[str, bytes]]

STEPS = ("events.json", b'{"steps": [[0], []]}')


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of a good network."""
    path = tmp_path_factory.mktemp("ring") / "ring.npz"
    EXAMPLES["ring"].make()[0].save(path)
    return path.read_bytes()


@pytest.fixture
def eve(portal: Running) -> Iterator[httpx.Client]:
    """The API, as a user calls it."""
    headers = {"authorization": f"Bearer {portal.token('eve')}"}
    with httpx.Client(base_url=portal.url, headers=headers, timeout=60) as client:
        yield client


def refused(response: httpx.Response, status: int, words: str) -> None:
    """Whether a refusal has a status and a sentence."""
    assert response.status_code == status, response.text
    said = response.json()["detail"] if "json" in response.headers["content-type"] else response.text
    assert re.search(words, said), said


def bomb() -> bytes:
    """A small file of an array of 400 MB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made, made.open("header.npy", "w") as part:
        for _ in range(400):
            part.write(bytes(1 << 20))
    return file.getvalue()


UPLOADS: dict[str, tuple[Callable[[bytes], Files], str]] = {
    "a bomb": (lambda ring: {"network": ("n.npz", bomb()), "events": STEPS}, "would unpack to 419430400 bytes"),
    "cut short": (lambda ring: {"network": ("n.npz", ring[: len(ring) // 2]), "events": STEPS}, "not a whole"),
    "a pickle": (
        lambda ring: {"network": ("n.npz", npz(header=np.array([{}], dtype=object))), "events": STEPS},
        "no array of numbers or text",
    ),
    "no HDF5": (lambda ring: {"network": ("n.nir", b"\x89HDF\r\n\x1a\n" + bytes(99)), "events": STEPS}, "corrupt, cut"),
    "deep JSON": (lambda ring: {"network": ("n.json", b"[" * 9000), "events": STEPS}, "is no network"),
    "a path": (lambda ring: {"network": ("../../etc/passwd.npz", ring), "events": STEPS}, "none of a file"),
    "HTML in a name": (lambda ring: {"network": ("<script>.npz", ring), "events": STEPS}, "none of a file"),
    "another ending": (lambda ring: {"network": ("n.py", b"import os"), "events": STEPS}, r"ends in \.npz"),
    "no such axon": (lambda ring: {"network": ("n.npz", ring), "events": ("e.json", b'{"steps": [[7]]}')}, "axon 7"),
    "events without end": (
        lambda ring: {"network": ("n.npz", ring), "events": ("e.json", b'{"steps": [[0]], "x": 1}')},
        "one entry",
    ),
    "a raster that says too much": (
        lambda ring: {"network": ("n.npz", ring), "events": ("e.npy", np.lib.format.magic(1, 0) + b"\x76\x00{'descr'")},
        "npy",
    ),
    "no events": (lambda ring: {"network": ("n.npz", ring)}, "file 'events' is missing"),
}


@pytest.mark.parametrize("attack", UPLOADS)
def test_an_upload_that_is_not_what_it_should_be(attack: str, eve: httpx.Client, ring: bytes, portal: Running) -> None:
    make, words = UPLOADS[attack]
    before = portal.store.jobs.counts(), portal.store.files.disk().jobs
    files = make(ring)
    nir = {"convention": "snntorch"} if files["network"][0].endswith(".nir") else {}
    refused(eve.post("/api/jobs", files=files, data={"job": json.dumps({"nir": nir})}), 422, words)
    assert (portal.store.jobs.counts(), portal.store.files.disk().jobs) == before


def test_a_request_that_cannot_be(eve: httpx.Client, ring: bytes) -> None:
    files = {"network": ("n.npz", ring), "events": STEPS}
    for request, words in (
        ('{"target": "shell"}', "target: Input should be 'reference'"),
        ('{"run": "rm -rf /"}', "run: Extra inputs are not permitted"),
        ('{"steps": 1e99}', "steps"),
        ('{"limits": {"seconds": 1e6}}', "a job may take 600 seconds here, not 1e"),
        ('{"name": "a\\u0000b"}', "name"),
        ("{", "JSON"),
    ):
        refused(eve.post("/api/jobs", files=files, data={"job": request}), 422, words)


def spoken(portal: Running, said: bytes, *, slowly: bool = False) -> str:
    """What a portal answers to bytes, sent at once or one by one."""
    where = urlsplit(portal.url)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=20) as line:
        try:
            for part in [said[k : k + 1] for k in range(len(said))] if slowly else [said]:
                line.sendall(part)
                if slowly:
                    time.sleep(0.05)
        except OSError:
            pass  # the portal has closed it
        answer = b""
        while more := line.recv(1 << 16):
            answer += more
            if answer.partition(b"\r\n\r\n")[2]:
                break
        return answer.decode()


def test_ten_gigabytes_are_refused_before_they_are_sent(portal: Running, eve: httpx.Client) -> None:
    head = f"POST /api/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: {eve.headers['authorization']}\r\n"
    answer = spoken(portal, f"{head}Content-Length: {10 << 30}\r\n\r\n".encode())
    assert answer.startswith("HTTP/1.1 413 ") and "at most 2,097,152 bytes" in answer

    def parts() -> Iterator[bytes]:
        yield b'--x\r\ncontent-disposition: form-data; name="network"; filename="n.npz"\r\n\r\n'
        for _ in range(48):
            yield bytes(1 << 16)

    headers = {"content-type": "multipart/form-data; boundary=x"}
    refused(eve.post("/api/jobs", content=parts(), headers=headers), 413, "at most 2,097,152 bytes")


def test_slow_clients_are_not_waited_for(portal: Running, eve: httpx.Client) -> None:
    began = time.monotonic()
    assert spoken(portal, b"GET /api/me HTTP/1.1\r\nHost: abcdefghijkl", slowly=True).startswith("HTTP/1.1 408 ")
    head = f"POST /api/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: {eve.headers['authorization']}\r\nContent-Type: "
    body = "multipart/form-data; boundary=x\r\nContent-Length: 1000\r\n\r\n--x"
    answer = spoken(portal, (head + body).encode())
    assert answer.startswith("HTTP/1.1 408 ") and "did not come in within 1 s" in answer
    assert time.monotonic() - began < 15


def test_tokens_that_do_not_count(portal: Running) -> None:
    user = portal.store.users.named("eve")
    good = portal.token("eve")
    tokens = {
        "none": None,
        "forged": "ganglion_" + "A" * 43,
        "changed": good[:-1] + ("A" if good[-1] != "A" else "B"),
        "expired": portal.store.users.token(Kind.USER, user, "old", -1.0),
        "of a worker": portal.store.users.token(Kind.WORKER, None, "spy"),
        "of a session": portal.store.users.token(Kind.SESSION, user, "session", 100.0),
        "hash": portal.store.users.tokens(Kind.USER, user)[0].hash,
    }
    with httpx.Client(base_url=portal.url) as client:
        for token in tokens.values():
            headers = {"authorization": f"Bearer {token}"} if token else {}
            refused(client.get("/api/jobs", headers=headers), 401, "token of a user")
        assert client.get("/api/jobs", headers={"authorization": f"Bearer {good}"}).status_code == 200
        headers = {"authorization": f"Bearer {good}"}
        refused(client.post("/api/worker/claim", json={"targets": ["rtl"]}, headers=headers), 401, "token of a worker")
        client.cookies.set("ganglion_session", tokens["expired"] or "")
        assert client.get("/jobs/0123456789abcdef01234567").status_code == 401


def test_nobody_reads_or_changes_what_is_anothers(portal: Running, eve: httpx.Client) -> None:
    with portal.client("ada") as ada:
        job = ada.submit(*EXAMPLES["ring"].make(), target="board", name="<script>alert(1)</script>")
        path = f"/api/jobs/{job.id}"
        for method, where in (
            ("GET", path), ("GET", f"{path}/log"), ("GET", f"{path}/live"), ("GET", f"{path}/files/trace.npz"),
            ("POST", f"{path}/cancel"), ("POST", f"{path}/public"), ("DELETE", path),
        ):  # fmt: skip
            refused(eve.request(method, where), 404, "there is no such job")
        for where in ("/api/jobs/../../etc/passwd", "/api/jobs/%2e%2e%2fx", f"{path}/files/..%2f..%2fportal.sqlite"):
            assert eve.get(where).status_code == 404
        assert ada.job(job.id).state == "queued" and job.id not in eve.get("/api/jobs").text
        refused(eve.get("/public/" + "A" * 32), 404, "no such page")
        session = portal.store.users.token(Kind.SESSION, portal.store.users.named("ada"), "session", 100.0)
        with httpx.Client(base_url=portal.url, cookies={"ganglion_session": session}) as pages:
            shown = pages.get(f"/jobs/{job.id}")
            assert "<script>alert" not in shown.text and "&lt;script&gt;alert(1)" in shown.text
            assert "default-src 'none'" in shown.headers["content-security-policy"]
            assert pages.get("/admin").status_code == 403
            for form in ({}, {"form_token": "0" * 64}):
                assert pages.post(f"/jobs/{job.id}/cancel", data=form).status_code == 403
            (token,) = set(re.findall(r'name="form_token" value="([0-9a-f]{64})"', shown.text))
            elsewhere, form = {"origin": "https://evil.example"}, {"form_token": token}
            assert pages.post(f"/jobs/{job.id}/cancel", data=form, headers=elsewhere).status_code == 403
            assert ada.job(job.id).state == "queued"
            assert pages.post(f"/jobs/{job.id}/cancel", data={"form_token": token}).status_code == 303
        assert ada.job(job.id).state == "cancelled"
        ada.remove(job.id)


def test_a_worker_cannot_end_what_it_does_not_have(portal: Running) -> None:
    token = portal.store.users.token(Kind.WORKER, None, "bench")
    with portal.client("ada") as ada, httpx.Client(base_url=portal.url) as worker:
        worker.headers["authorization"] = f"Bearer {token}"
        job = ada.submit(*EXAMPLES["ring"].make(), target="board")
        worker.headers["ganglion-lease"] = "0" * 32
        path = f"/api/worker/jobs/{job.id}"
        ended = {"ended": json.dumps({"state": State.DONE})}
        for method, what in (("POST", "end"), ("POST", "back"), ("GET", "network")):
            refused(worker.request(method, f"{path}/{what}", data=ended), 409, "does not have the job")
        leased = worker.post("/api/worker/claim", json={"targets": ["board"]}).json()
        worker.headers["ganglion-lease"] = leased["lease"]
        for files, words in (({"../x": ("../x", b"")}, "no file"), ({"job.py": ("a", b"")}, "no file 'job.py'")):
            refused(worker.post(f"{path}/end", data=ended, files=files), 422, words)
        page = b"<script>alert(document.domain)</script>"
        sent = worker.post(f"{path}/end", data=ended, files={"report.html": ("report.html", page)})
        assert sent.status_code == 204
        headers = {"authorization": f"Bearer {portal.token('ada')}"}
        shown = httpx.get(f"{portal.url}/api/jobs/{job.id}/files/report.html", headers=headers)
        assert shown.content == page
        assert shown.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


def test_a_demo_is_for_this_machine_alone(tmp_path: Any) -> None:
    for address, demo in ((Address(host="0.0.0.0"), True), (Address(host="192.0.2.1"), False)):
        with pytest.raises(PortalError, match=r"for this machine alone|could be read on their way"):
            address.check(demo=demo)
    with running(tmp_path, demo=True) as demo_portal, httpx.Client(base_url=demo_portal.url) as client:
        assert client.get("/api/me").json()["name"] == "demo"
        elsewhere = {"host": "evil.example"}
        assert client.get("/api/me", headers=elsewhere).status_code == 421
        for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
            assert client.post("/api/jobs/0123456789abcdef01234567/cancel", headers=headers).status_code == 403
