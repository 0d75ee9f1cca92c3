"""Requests that nobody would make: those of the API and the pages, changed at random, and some that are no HTTP."""

import json
import random
import socket
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from ganglion.web.portal.examples import EXAMPLES
from ganglion.web.portal.store.users import Kind
from tests.web.portal.running import Running

TEXTS = (
    "", "0", "-1", "1e99", "99999999999999999999999", "null", "true", "..", "../../etc/passwd", "a\x00b", "\ufeff",
    "💥", "<script>alert(1)</script>",
    "' OR 1=1 --", "%s%n", "{{7*7}}", "A" * 5000, "\u202e", "\ud800", "queued", "nan",
)  # fmt: skip

VALUES: tuple[Any, ...] = (*TEXTS, None, True, -1, 1 << 70, 0.5, [], {}, [[]], {"a": {}}, [1, "x", None], "board")

PAGES = (
    "/", "/new", "/login", "/logout", "/account", "/admin", "/api", "/jobs/{id}", "/jobs/{id}/live",
    "/jobs/{id}/{name}", "/jobs/{id}/files/{name}", "/public/{key}", "/static/{name}", "/nothing/{name}",
)  # fmt: skip

FIELDS = ("form_token", "token", "action", "name", "label", "revoke", "example", "target", "steps", "seconds", "probes",
          "choices", "convention", "preset", "states", "job", "ended")  # fmt: skip


class Fuzzer:
    """Makes requests.

    Args:
        portal: what is asked.
        seed: of the requests.
    """

    def __init__(self, portal: Running, seed: int) -> None:
        self._rng, self._portal = random.Random(seed), portal
        user, worker = portal.token("fuzz", admin=True), portal.store.users.token(Kind.WORKER, None, "fuzz")
        session = portal.store.users.token(Kind.SESSION, portal.store.users.named("fuzz"), "session", 10_000.0)
        self._heads = [
            {"authorization": f"Bearer {user}"}, {"authorization": f"Bearer {worker}"},
            {"cookie": f"ganglion_session={session}"}, {"authorization": "Bearer x"}, {},
        ]  # fmt: skip
        self._client = httpx.Client(base_url=portal.url, timeout=60)
        spec = self._client.get("/api/openapi.json").json()
        self._calls = [(method, path) for path, methods in spec["paths"].items() for method in methods]
        self._calls += [(method, path) for path in PAGES for method in ("get", "post", "delete", "put")]
        page = self._client.get("/new", headers=self._heads[2]).text
        self._token = page.partition('name="form_token" value="')[2][:64]
        with portal.client("fuzz") as client:
            self._ids = [client.submit(*EXAMPLES["ring"].make(), target="board").id]
        self.seen: Counter[int] = Counter()

    def run(self, seconds: float, most: int) -> None:
        """Asks for so long, or so often. A live page is read for its first bytes alone.

        Raises:
            AssertionError: an answer of 5xx, or none; says to what.
        """
        ends = time.monotonic() + seconds
        while time.monotonic() < ends and sum(self.seen.values()) < most:
            if self._rng.random() < 0.05:
                self._no_http()
                continue
            method, url, arguments = self._request()
            try:
                with self._client.stream(method.upper(), url, **arguments) as response:
                    status = response.status_code
            except (UnicodeEncodeError, httpx.InvalidURL):
                continue  # nothing that can be sent
            except httpx.TransportError as error:
                raise AssertionError(f"no answer to {method} {url} {arguments}: {error!r}") from error
            assert status < 500, f"{status}: {method} {url} {arguments}"
            self.seen[status] += 1

    def close(self) -> None:
        self._client.close()

    def _request(self) -> tuple[str, str, dict[str, Any]]:
        rng = self._rng
        method, path = rng.choice(self._calls)
        names = {"id": self._ids, "name": ["trace.npz", "network", "publish"], "key": ["A" * 32]}
        for name, good in names.items():
            value = rng.choice(good if rng.random() < 0.7 else TEXTS)
            path = path.replace(f"{{{name}}}", quote(value.encode("utf-8", "surrogatepass"), safe=""))
        if rng.random() < 0.3:
            value = quote(rng.choice(TEXTS).encode("utf-8", "surrogatepass"))
            path += f"?{rng.choice(['first', 'most', 'state', 'after', 'x'])}={value}"
        headers = dict(rng.choice(self._heads))
        if rng.random() < 0.2:
            named = rng.choice(["idempotency-key", "ganglion-lease", "range", "accept"])
            headers[named] = rng.choice(["", "0" * 32, "b=9-1"])
        return method, path, {"headers": headers, **self._body(method)}

    def _body(self, method: str) -> Mapping[str, Any]:
        rng = self._rng
        if method == "get":
            return {}
        kind = rng.randrange(5)
        if kind == 0:
            return {"json": self._value(3)}
        if kind == 1:
            content = bytearray(rng.randbytes(rng.randrange(300)))
            types = ("application/json", "multipart/form-data", "multipart/form-data; boundary=x", "text/plain", "")
            return {"content": bytes(content), "headers": {"content-type": rng.choice(types)} | rng.choice(self._heads)}
        if kind == 2:
            return {"data": self._form(3)}
        form = self._form(2) | {"form_token": self._token}
        form["job"] = json.dumps(self._value(2)) if rng.random() < 0.5 else '{"target": "reference"}'
        endings = (".npz", ".json", ".nir", ".npy")
        files = {name: (name + rng.choice(endings), self._file()) for name in ("network", "events")}
        return {"data": form, "files": files}

    def _form(self, count: int) -> dict[str, str]:
        """Some fields of a form."""
        return {name: self._rng.choice(TEXTS).replace("\ud800", "") for name in self._rng.sample(FIELDS, count)}

    def _file(self) -> bytes:
        """A file of JSON, or of noise."""
        if self._rng.random() < 0.5:
            return json.dumps(self._value(4)).encode()
        begins = (b"PK\x03\x04", b"\x93NUMPY\x01\x00", b"\x89HDF\r\n\x1a\n", b"")
        return self._rng.choice(begins) + self._rng.randbytes(64)

    def _value(self, depth: int) -> Any:
        rng, names = self._rng, ("targets", "steps", "name", "record", "nir", "axons", "connections", "progress")
        if depth and rng.random() < 0.7:
            return {rng.choice((*names, *FIELDS)): self._value(depth - 1) for _ in range(rng.randrange(4))}
        return rng.choice(VALUES)

    def _no_http(self) -> None:
        """Bytes, of which some begin as a request does."""
        where = urlsplit(self._portal.url)
        chunked = b"POST /api/jobs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        heads = (b"", b"GET / HTTP/1.1\r\n", chunked)
        with socket.create_connection((where.hostname or "", where.port or 0), timeout=30) as line:
            line.sendall(self._rng.choice(heads) + self._rng.randbytes(40) + b"\r\n\r\n")
            answer = line.recv(1 << 12)
        assert not answer.startswith(b"HTTP/1.1 5"), answer
