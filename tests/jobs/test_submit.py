"""The verbs for a portal: a job is submitted, listed, fetched and cancelled from a shell."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ganglion.cli import app
from ganglion.jobs.serve import serve
from ganglion.jobs.worker import worker
from ganglion.model.spec.errors import GanglionError, PortalError
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.trace import Trace
from ganglion.portal import Client
from ganglion.web.portal.events_file import save_events
from ganglion.web.portal.examples import EXAMPLES
from ganglion.web.portal.server.serve import Address
from tests.web.portal.running import Running, running


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("portal"), demo=True) as made:
        yield made


def test_from_a_shell_to_a_trace(portal: Running, tmp_path: Path) -> None:
    program, events = EXAMPLES["ring"].make()
    program.save(tmp_path / "ring.npz")
    save_events(events, tmp_path / "events.npz")
    files = [str(tmp_path / "ring.npz"), str(tmp_path / "events.npz")]

    def said(verb: str, *arguments: str) -> dict[str, list[dict[str, str]]]:
        done = CliRunner().invoke(app, [verb, *arguments, "--portal", portal.url, "--json"])
        assert done.exit_code == 0, done.output + repr(done.exception)
        found: dict[str, list[dict[str, str]]] = json.loads(done.stdout)
        return found

    with portal.worker("one", ["reference"]):
        submitted = said("submit", *files, "--target", "reference", "--wait", "--membranes", "0-2", "--name", "round")
    (job,) = submitted["jobs"]
    assert (job["name"], job["state"]) == ("round", "done")
    said("fetch", job["id"], "--out", str(tmp_path / "out"))
    local = Reference(program).run(events, probes={"v": [0, 1, 2]})
    assert not Trace.load(tmp_path / "out" / "trace.npz").differences(local)
    assert "round" in (tmp_path / "out" / "report.html").read_text()
    (waits,) = said("submit", *files, "--target", "board")["jobs"]
    assert said("cancel", waits["id"])["jobs"][0]["state"] == "cancelled"
    assert [job["state"] for job in said("jobs")["jobs"]] == ["cancelled", "done"]
    refused = CliRunner().invoke(app, ["fetch", "0" * 24, "--portal", portal.url])
    assert isinstance(refused.exception, PortalError) and "there is no such job" in str(refused.exception)


def test_what_others_could_read_is_refused(tmp_path: Path) -> None:
    for options, words in (
        ({"host": "0.0.0.0"}, "tokens and results could be read on their way"),
        ({"host": "0.0.0.0", "demo": True}, "no login, and is for this machine alone"),
        ({"certificate": tmp_path / "no.crt"}, "one is missing"),
        ({"targets": ["board"]}, "a board is a worker of its own"),
        ({"database": "mysql://x/y"}, "sqlite or postgresql"),
    ):
        with pytest.raises(PortalError, match=words):
            serve(tmp_path, port=0, **options)  # type: ignore[arg-type]
    with pytest.raises(PortalError, match="not encrypted"):
        Client("http://portal.example.org", "ganglion_x")
    for arguments, words in (
        (("http://127.0.0.1", None), "needs its token"),
        (("http://127.0.0.1", "x", ["board"]), "go together"),
    ):
        with pytest.raises(GanglionError, match=words):
            worker(arguments[0], arguments[1], targets=arguments[2] if len(arguments) > 2 else ["rtl"])


def test_a_certificate_of_ones_own_is_trusted_alone(tmp_path: Path) -> None:
    names = ["-keyout", "portal.key", "-out", "portal.crt", "-subj", "/CN=portal"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    address = Address(port=0, certificate=tmp_path / "portal.crt", key=tmp_path / "portal.key")
    with running(tmp_path, address=address) as made:
        token = made.token("ada")
        with Client(made.url, token, certificate=tmp_path / "portal.crt", patience=5.0) as client:
            assert client.jobs() == []
        with Client(made.url, token, patience=0.0) as other, pytest.raises(PortalError, match="certificate"):
            other.jobs()
