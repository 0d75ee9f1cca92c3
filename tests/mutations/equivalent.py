"""Which mutants change nothing that can be seen: proofs that a circuit and its mutant do the same.

Both run side by side from the power on. Memories are cut out of them: what is read is anything, and what is written is
seen, with its row. Where the mutant reads another row than the circuit, what it reads is anything else. So what is
proved holds for any contents; a mutant that is told apart here may still be one that does the same. Likewise cores,
where they are cut out: they answer anything, and what they are given is seen.

Packets come as the law of streams has it, a payload counts while it is valid, and `rst` is anything in every cycle.

The pair is one machine, with one output: something that is seen differs. ABC, a model checker, merges what is the same
in every reachable state by induction (van Eijk, "Sequential Equivalence Checking Based on Structural Similarities",
2000), and proves of the rest that the output is never true (property-directed reachability: Eén, Mishchenko, Brayton,
"Efficient Implementation of Property Directed Reachability", 2011). So a proof holds for any number of cycles.
"""

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory

from ganglion.model.cache import cache_folder
from ganglion.model.spec.files import write_text
from ganglion.sim.cache import key_of
from tests.debian import found
from tests.mutations import aig
from tests.mutations.aig import FALSE, TRUE, Circuit, Graph, Machine

CONFLICTS = 2000
"""Of the solver, for a question of two nodes that may be the same."""

SECONDS = 60
"""For the rest of a proof, and as long for a way to a difference."""

COMMANDS = f"lcorr; scorr -C {CONFLICTS}; pdr -T {SECONDS}; print_status; bmc3 -T {SECONDS}; print_status"
"""Of ABC. The second status stands for the first one too, where that one has decided."""

STATUS = re.compile(r"Status = (-?\d)")
"""What ABC says: 1 is proved, 0 is a way to a difference."""

PORT = re.compile(r"(?P<memory>.+)\.(?P<role>read_row|read_data|write|write_row|write_data)\[(?P<bit>\d+)\]\.bit\.\w+")
"""A bit of a memory that was cut out; see `mutate.CUT`."""

STREAM = re.compile(r"(?P<stream>.*)__(?P<part>payload|valid|ready)(\[(?P<bit>\d+)\])?")


class Proof(Enum):
    """What is known of a mutant that no check has seen."""

    NEVER = "never"
    """It does what the circuit does, for any number of cycles."""
    DIFFERS = "differs"
    """It does not, for some contents of the memories."""
    UNKNOWN = "unknown"
    """The solver gave up."""


def proof_of(right: Circuit, wrong: Circuit) -> Proof:
    """What can be proved of a mutant; kept for circuits and mutants that come again.

    Raises:
        RuntimeError: ABC is missing.
    """
    sources = [Path(path).read_text() for path in (__file__, aig.__file__)]
    kept = cache_folder() / "proofs" / key_of([repr((right, wrong)), *sources])
    if kept.exists():
        return Proof(kept.read_text())
    proof = _solved(side_by_side(right, wrong))
    kept.parent.mkdir(parents=True, exist_ok=True)
    write_text(kept, proof.value)
    return proof


def _solved(machine: Machine) -> Proof:
    if machine.bad == FALSE:
        return Proof.NEVER
    with TemporaryDirectory() as folder:
        machine.write(Path(folder) / "pair.aig")
        command = [str(found("abc")), "-c", f"read pair.aig; {COMMANDS}"]
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    said = STATUS.findall(run.stdout)
    if not said:
        raise RuntimeError(f"ABC did not come to an end:\n{run.stdout}")
    return Proof.NEVER if "1" in said else Proof.DIFFERS if "0" in said else Proof.UNKNOWN


def side_by_side(right: Circuit, wrong: Circuit) -> Machine:
    """Both circuits, with the same inputs; bad is that something differs that shows."""
    pair = _Pair(right, wrong)
    return Machine(pair.graph, pair.inputs, pair.latches, pair.differs)


@dataclass(frozen=True)
class _Cycle:
    """What a copy of the circuit does in a cycle."""

    values: dict[str, int]
    """Of its outputs."""
    after: list[int]
    """States behind the cycle."""

    def of(self, role: str) -> dict[str, list[int]]:
        """Of each memory, the bits of such a port."""
        bits: dict[str, list[int]] = {}
        for name, value in self.values.items():
            if (port := PORT.fullmatch(name)) and port["role"] == role:
                bits.setdefault(port["memory"], []).append(value)
        return bits


class _Pair:
    """A circuit and a mutant of it in one graph."""

    def __init__(self, right: Circuit, wrong: Circuit) -> None:
        self.graph = Graph()
        self.inputs: list[int] = []
        self.latches: list[tuple[int, int]] = []
        graph, begun = self.graph, self.graph.leaf()
        self.latches.append((begun, TRUE))
        both = list(zip(right.resets, wrong.resets, strict=True))
        anything = [self._anything() if None in resets else FALSE for resets in both]
        leaves = [graph.leaves(len(both)) for _ in range(2)]
        # A latch of a machine is 0 at first: one that is to be 1 is inverted, one that may be anything comes later.
        inverted = [[int(reset == 1) for reset in circuit.resets] for circuit in (right, wrong)]
        states = [
            [
                graph.choose(begun, leaf, any_first) if reset is None else leaf ^ (reset == 1)
                for leaf, any_first, reset in zip(own, anything, circuit.resets, strict=True)
            ]
            for own, circuit in zip(leaves, (right, wrong), strict=True)
        ]
        given, held, waits = self._given(right)
        first = self._cycle(right, given, states[0])
        elsewhere = self._read_elsewhere(given, first, self._cycle(wrong, given, states[1]))
        second = self._cycle(wrong, elsewhere, states[1])
        if second.of("read_row") != self._cycle(wrong, given, states[1]).of("read_row"):
            raise ValueError("what a mutant reads depends on what it reads in the same cycle")
        for own, ones, cycle in zip(leaves, inverted, (first, second), strict=True):
            self.latches += [(leaf, after ^ k) for leaf, k, after in zip(own, ones, cycle.after, strict=True)]
        self.latches += [(leaf, given[name]) for name, leaf in held.items()]
        for stream, leaf in waits.items():
            waiting = graph.both(given[f"{stream}__valid"], first.values[f"{stream}__ready"] ^ 1)
            self.latches.append((leaf, waiting))
        seen = [self._seen(given, cycle) for cycle in (first, second)]
        self.differs = graph.any(graph.differ(value, seen[1][name]) for name, value in seen[0].items())

    def _anything(self) -> int:
        self.inputs.append(self.graph.leaf())
        return self.inputs[-1]

    def _given(self, circuit: Circuit) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
        """The inputs of a cycle: a packet that waits is held, all else is anything; and of what is held, the latches,
        and of each stream, that of whether it waits."""
        given, held, waits = dict[str, int](), dict[str, int](), dict[str, int]()
        for name in circuit.inputs:
            given[name] = self._anything()
            stream = STREAM.fullmatch(name)
            if stream and stream["part"] != "ready":
                held[name] = self.graph.leaf()
                waiting = waits.setdefault(stream["stream"], self.graph.leaf())
                given[name] = self.graph.choose(waiting, held[name], given[name])
        return given, held, waits

    def _read_elsewhere(self, given: Mapping[str, int], right: _Cycle, wrong: _Cycle) -> dict[str, int]:
        """The inputs of the mutant: where it reads another row of a memory, anything else."""
        graph, rows, found = self.graph, wrong.of("read_row"), dict(given)
        for memory, row in right.of("read_row").items():
            elsewhere = graph.any(graph.differ(a, b) for a, b in zip(row, rows[memory], strict=True))
            for name in given if elsewhere != FALSE else ():
                if (port := PORT.fullmatch(name)) and port["memory"] == memory:
                    found[name] = graph.choose(elsewhere, self._anything(), given[name])
        return found

    def _cycle(self, circuit: Circuit, given: Mapping[str, int], states: Sequence[int]) -> _Cycle:
        outputs, after = circuit.cycle(self.graph, [given[name] for name in circuit.inputs], states)
        return _Cycle(dict(zip(circuit.outputs, outputs, strict=True)), after)

    def _seen(self, given: Mapping[str, int], cycle: _Cycle) -> dict[str, int]:
        """What shows of a cycle, masked where it does not count."""
        graph, values, writes = self.graph, cycle.values, cycle.of("write")
        seen = dict[str, int]()
        for name, value in values.items():
            port, stream = PORT.fullmatch(name), STREAM.fullmatch(name)
            seen[name] = value
            if port and port["role"] == "read_row":
                seen[name] = FALSE
            elif port and port["role"] == "write_row":
                seen[name] = graph.both(value, graph.any(writes[port["memory"]]))
            elif port and port["role"] == "write_data":
                seen[name] = graph.both(value, values[name.replace(".write_data[", ".write[")])
            elif stream and stream["part"] == "payload":
                seen[name] = graph.both(value, values[f"{stream['stream']}__valid"])
            elif stream and stream["part"] == "ready":
                seen[name] = graph.both(value, given[f"{stream['stream']}__valid"])
        return seen
