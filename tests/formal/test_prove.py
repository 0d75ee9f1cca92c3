"""The prover finds what is wrong, and says where."""

from pathlib import Path

import pytest
from amaranth.hdl import Const, Signal

from ganglion.hdl.chip import HostPort
from tests.formal.prove import Idle, ProofError, prove, prove_idle, reaches
from tests.formal.spec import Spec


def counter(name: str) -> tuple[Spec, Signal]:
    """Something that counts 0, 1, 2, 0 when it is told to."""
    spec, count = Spec(name), Signal(2)
    with spec.m.If(spec.free(1, "go")):
        spec.m.d.sync += count.eq(count + 1)
        with spec.m.If(count == 2):
            spec.m.d.sync += count.eq(0)
    return spec, count


def test_what_holds_is_proved() -> None:
    """The counter never gets to 3, by induction over two cycles."""
    spec, count = counter("prove_holds")
    spec.claim("the count is never 3", count != 3, seen=count == 2)
    prove(spec, depth=2, reach=3)


def test_what_fails_is_told_with_place_and_waveform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counter does get to 2, in the third cycle, and the message says so in English."""
    monkeypatch.chdir(tmp_path)
    spec, count = counter("prove_fails")
    spec.claim("the count is never 3", count != 3, seen=count == 1)
    spec.claim("the count is never 2", count != 2, seen=count == 1)
    prove(spec, mode="bmc", depth=2)
    with pytest.raises(ProofError, match=r"not so: the count is never 2\n  stated at .*test_prove.py:\d+\n") as error:
        prove(spec, mode="bmc", depth=3)
    assert "never 3" not in str(error.value)
    assert Path("build/formal/prove_fails.vcd").read_text().startswith("$")


def test_what_induction_cannot_see_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That 0 never comes after 3 is true because there is no 3, which has to be claimed along with it."""
    monkeypatch.chdir(tmp_path)
    spec, count = counter("prove_induction")
    spec.claim("0 never comes after 3", (spec.before(count) != 3) | (count != 0), seen=count == 2)
    with pytest.raises(ProofError, match=r"the induction fails"):
        prove(spec, depth=2)


@pytest.mark.parametrize("by_abc", [False, True], ids=["Z3", "ABC"])
def test_a_claim_that_never_fires_is_no_proof(by_abc: bool) -> None:
    """It holds, and says nothing; the message has its words. What is plainly never so is told too, and what covers two
    claims counts for both."""
    spec, count = counter("prove_idle")
    spec.claim("3 is followed by 0", count == 0, when=spec.before(count) == 3)
    spec.claim("nothing follows from nothing", count == 0, when=Const(0))
    spec.claim("the count is never 3", count != 3, seen=count == 2)
    spec.claim("the count is 2 at most", count <= 2, seen=count == 2)
    with pytest.raises(
        ProofError, match=r"never comes about: 3 is followed by 0\n  stated at .*test_prove.py:\d+"
    ) as error:
        prove(spec, mode="bmc", depth=6, by_abc=by_abc)
    assert "never comes about: nothing follows from nothing" in str(error.value)
    assert "the count" not in str(error.value)


def test_that_a_claim_has_nothing_to_say_is_proved() -> None:
    """Then it may go uncovered; of one that has something to say that is not so."""
    spec, count = counter("prove_never")
    spec.claim("3 is followed by 0", count == 0, when=spec.before(count) == 3)
    spec.claim("the count is 2 at most", count <= 2, seen=count == 2)
    prove(spec, mode="bmc", depth=3, by_abc=True, idle=[Idle("", "3 is")])
    prove_idle(spec, Idle("", "3 is"))
    with pytest.raises(ProofError, match="may come about: the count is 2"):
        prove_idle(spec, Idle("", "the count"))
    with pytest.raises(ValueError, match="no claim 'the sum'"):
        prove_idle(spec, Idle("", "the sum"))


def test_a_claim_needs_what_covers_it() -> None:
    spec, count = counter("prove_uncovered")
    with pytest.raises(ValueError, match="the claim 'the count is never 3' needs `when` it holds"):
        spec.claim("the count is never 3", count != 3)
    spec.to_rtlil()


def test_what_cannot_be_is_no_proof() -> None:
    """Of assumptions that contradict each other everything would follow."""
    spec, count = counter("prove_nothing")
    spec.assume(count == 1)
    spec.claim("0 is 2", count == 2, seen=count == 0)
    with pytest.raises(ProofError, match="no answer"):
        prove(spec, mode="bmc", depth=2)


@pytest.mark.parametrize("outputs", [["up__ready"], ["up__ready", "down__valid"], ["down__valid", "up__ready"]])
def test_a_path_of_logic_is_found(outputs: list[str]) -> None:
    """The port of the host takes from the cores what the host takes from it, in the same cycle, and no output that is
    asked for besides hides the path."""
    assert reaches(HostPort(), ["host_o__ready", "down__ready"], outputs) == ["host_o__ready"]


def test_where_there_is_no_path_none_is_found() -> None:
    """What the port of the host sends down comes from registers."""
    assert reaches(HostPort(), ["host_o__ready", "down__ready"], ["down__valid", "down__payload"]) == []
