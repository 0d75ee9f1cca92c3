"""Proofs that a mutant does what its circuit does: on circuits small enough to see through."""

from pathlib import Path

import pytest

from tests.mutations.aig import Circuit
from tests.mutations.equivalent import Proof, proof_of

pytestmark = pytest.mark.formal

INPUTS = "2\n4\n"
NAMES = "i0 i__valid\ni1 o__ready\no0 o__valid\no1 i__ready\no2 o__payload[0]\n"


def circuit(tmp_path: Path, latches: str, outputs: str, ands: str) -> Circuit:
    """A circuit of inputs 2 and 4 with some latches and gates."""
    parts = [INPUTS, latches, outputs, ands]
    counts = [len(part.splitlines()) for part in parts]
    path = tmp_path / "circuit.aag"
    path.write_text(f"aag {sum(counts)} {counts[0]} {counts[1]} {counts[2]} {counts[3]}\n" + "".join(parts) + NAMES)
    return Circuit.load(path)


@pytest.mark.parametrize(
    ("latches", "outputs", "ands", "proof"),
    [
        # As the circuit, written with one more gate.
        ("6 2\n8 6\n", "6\n1\n12\n", "10 8 6\n12 10 6\n", Proof.NEVER),
        # The payload is another one, but not where it is valid.
        ("6 2\n8 6\n", "6\n1\n13\n", "10 8 6\n12 11 6\n", Proof.NEVER),
        # Another payload.
        ("6 2\n8 6\n", "6\n1\n6\n", "10 8 6\n", Proof.DIFFERS),
        # A cycle later.
        ("6 2\n8 6\n", "8\n1\n10\n", "10 8 6\n", Proof.DIFFERS),
        # Another state at first.
        ("6 2 1\n8 6\n", "6\n1\n10\n", "10 8 6\n", Proof.DIFFERS),
    ],
    ids=["same", "masked", "payload", "late", "first"],
)
def test_a_mutant_is_told_apart_by_what_shows(
    latches: str, outputs: str, ands: str, proof: Proof, tmp_path: Path
) -> None:
    right = circuit(tmp_path, "6 2\n8 6\n", "6\n1\n10\n", "10 8 6\n")
    wrong = circuit(tmp_path, latches, outputs, ands)
    assert proof_of(right, wrong) is proof


def test_a_state_that_is_never_reached_does_not_count(tmp_path: Path) -> None:
    right = circuit(tmp_path, "6 2\n8 2\n", "6\n1\n8\n", "")
    assert proof_of(right, circuit(tmp_path, "6 2\n8 2\n", "6\n1\n10\n", "10 8 6\n")) is Proof.NEVER
    assert proof_of(right, circuit(tmp_path, "6 2 6\n8 2 8\n", "6\n1\n10\n", "10 8 6\n")) is Proof.DIFFERS
