"""What anyone may have written is taken, or refused by one of our errors; and the fuzzer sees it where it is not."""

import io
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ganglion.model.spec.errors import FormatError
from tests.fuzz.mutate import change_zip
from tests.fuzz.run import fuzz, turn
from tests.fuzz.targets import CORPUS, TARGETS, Target, read_input
from tests.fuzz.worker import REFUSED, TAKEN, apart, outcome_of, smaller, try_input

KEPT = sorted(CORPUS.iterdir())


def planted(path: Path) -> None:
    """A loader with three mistakes."""
    raw = path.read_bytes()
    if raw.startswith(b"bad"):
        raise FormatError("bad")
    if b"\xff" in raw:
        raise KeyError("ff")
    while b"\xfe" in raw:
        pass
    if b"\xfd" in raw:
        import os

        os.abort()


PLANTED = Target(lambda: [{"": bytes(64)}], planted, lambda files, rng: files)


def test_the_fuzzer_sees_and_makes_smaller_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.worker.SECONDS", 0.1)
    assert try_input(PLANTED, {"": b"good"}) == TAKEN and try_input(PLANTED, {"": b"bad"}) == REFUSED
    assert try_input(replace(PLANTED, refuses=False), {"": b"bad"}).startswith("FormatError at")
    assert apart(PLANTED, {"": bytes(9) + b"\xfe"}) == "hangs"
    assert apart(PLANTED, {"": bytes(9) + b"\xfd"}) == "ends the process"
    wrong = {"": bytes(20) + b"\xff" + bytes(43)}
    assert apart(PLANTED, wrong).startswith("KeyError at test_fuzz.py")
    assert smaller(PLANTED, wrong) == {"": b"\xff"}


def test_inputs_repeat_and_are_whole_as_their_containers() -> None:
    """Most can be unpacked, or nothing behind the door of a loader would be reached."""
    program = TARGETS["program"]
    inputs = [program.input("program", 1, number) for number in range(5)]
    assert inputs == [program.input("program", 1, number) for number in range(5)]
    assert inputs != [program.input("program", 2, number) for number in range(5)]
    raw, whole = program.seeds()[0][""], 0
    for seed in range(30):
        try:
            with np.load(io.BytesIO(change_zip(raw, random.Random(seed)))) as file:
                whole += all(file[name] is not None for name in file.files)
        except (KeyError, ValueError):
            continue
    assert whole > 20


def test_what_is_right_is_taken() -> None:
    """Or the fuzzer would have nothing to change. Decoders in processes of their own, and chips, have other tests."""
    for name, target in TARGETS.items():
        if not target.sanitized and name not in ("nir", "aedat4", "hdf5", "image", "learning image"):
            assert [try_input(target, files) for files in target.seeds()] == [TAKEN], name


@pytest.mark.parametrize("path", [path for path in KEPT if "packets" not in path.name], ids=lambda path: path.name)
def test_files_that_were_trouble_are_refused(path: Path, tmp_path: Path) -> None:
    target = TARGETS[path.name.partition("-")[0]]
    assert outcome_of(target, target.write(read_input(path), tmp_path)) == REFUSED


@pytest.mark.slow
@pytest.mark.timeout(4 * 3600)
def test_an_hour_of_inputs_of_all_kinds(tmp_path: Path) -> None:
    """An hour of files of every kind, and of packets to chips under the address sanitizer: each is taken or refused."""
    shares = fuzz(list(TARGETS), 60.0, seed=1, folder=tmp_path)
    assert not [wrong for share in shares.values() for wrong in share.wrong]
    assert all(share.inputs for share in shares.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in TARGETS if name.startswith("packets")])
def test_a_worker_takes_packets_under_the_address_sanitizer(name: str) -> None:
    """Any packets, to chips under the address sanitizer; then CLEAR, and a right network has the right trace."""
    state, died = turn(name, 0, 0, 5.0)
    assert died is None and state["wrong"] == [] and state[TAKEN] > 0
