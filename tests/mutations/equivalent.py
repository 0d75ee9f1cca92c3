"""Which mutants change nothing that can be seen: proofs that a circuit and its mutant do the same.

Memories are cut out of the circuit: what is read is anything, and what is written is seen, with its row. Where the
mutant reads another row than the circuit, what it reads is anything else. So what is proved holds for any contents; a
mutant that is told apart here may still be one that does the same.

Both copies begin in the same state, one in which the circuit may be after `WARM_UP` cycles from any state whatever.
Packets come as the law of streams has it, a payload counts while it is valid, and `rst` is anything in every cycle.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ganglion.model.cache import cache_folder
from ganglion.model.spec.files import write_text
from ganglion.sim.cache import key_of
from tests.mutations import aig
from tests.mutations.aig import FALSE, Circuit, Graph

WARM_UP = 3
"""Cycles of the circuit alone, which lead to the states that are looked at."""

WITHIN = 12
"""Cycles from one of these states for which a mutant is watched where no proof without bound is found."""

EFFORT = 4_000_000
"""Of the solver for a question."""

PORT = re.compile(r"(?P<memory>.+)\.(?P<role>read_row|read_data|write|write_row|write_data)\[(?P<bit>\d+)\]\.bit\.\w+")
"""A bit of a memory that was cut out; see `mutate.CUT`."""

STREAM = re.compile(r"(?P<stream>.*)__(?P<part>payload|valid|ready)(\[(?P<bit>\d+)\])?")


class Proof(Enum):
    """What is known of a mutant that no check has seen."""

    NEVER = "never"
    """It does what the circuit does, for any number of cycles."""
    BOUNDED = "bounded"
    """It does, for WITHIN cycles."""
    DIFFERS = "differs"
    """It does not, for some contents of the memories."""
    UNKNOWN = "unknown"
    """The solver gave up."""


@dataclass(frozen=True)
class Cycle:
    """What a copy of the circuit does in a cycle."""

    seen: dict[str, int]
    """What shows, masked where it does not count."""
    after: list[int]
    """States behind the cycle."""
    read_rows: dict[str, list[int]]
    """Of each memory."""
    waits: dict[str, int]
    """Of each stream that comes in: something was offered and not taken."""


class Pair:
    """A circuit and a mutant of it."""

    def __init__(self, right: Circuit, wrong: Circuit) -> None:
        self.right = right
        self.wrong = wrong
        self.graph = Graph()
        self.state = self.graph.leaves(len(right.latches))
        self._held: dict[str, int] = {}
        self._waits = dict[str, int]()
        for _ in range(WARM_UP):
            inputs = self._inputs()
            done = self._cycle(right, inputs, self.state)
            self.state, self._waits = done.after, done.waits

    def together(self, wrong_state: Sequence[int]) -> tuple[dict[str, int], list[int]]:
        """The next cycle, of both.

        Returns:
            For all that shows, whether it differs; and the states of the mutant behind it. `state` is that of the
            circuit.
        """
        graph, inputs = self.graph, self._inputs()
        right = self._cycle(self.right, inputs, self.state)
        others = self._cycle(self.wrong, inputs, wrong_state).read_rows
        read = dict(inputs)
        for memory, rows in right.read_rows.items():
            elsewhere = graph.any(graph.differ(a, b) for a, b in zip(rows, others[memory], strict=True))
            for name in self._data_of(memory) if elsewhere != FALSE else ():
                read[name] = graph.choose(elsewhere, graph.leaf(), inputs[name])
        wrong = self._cycle(self.wrong, read, wrong_state)
        if wrong.read_rows != others:
            raise ValueError("what a mutant reads depends on what it reads in the same cycle")
        self.state, self._waits = right.after, right.waits
        return {name: graph.differ(right.seen[name], wrong.seen[name]) for name in right.seen}, wrong.after

    def _inputs(self) -> dict[str, int]:
        """Of a cycle: a packet that waits is held, all else is anything."""
        graph = self.graph
        found = {}
        for name in self.right.inputs:
            leaf = graph.leaf()
            stream = STREAM.fullmatch(name)
            if stream and stream["part"] != "ready" and name in self._held:
                leaf = graph.choose(self._waits[stream["stream"]], self._held[name], leaf)
            found[name] = leaf
        self._held = found
        return found

    def _data_of(self, memory: str) -> list[str]:
        return [name for name in self.right.inputs if (port := PORT.fullmatch(name)) and port["memory"] == memory]

    def _cycle(self, circuit: Circuit, inputs: dict[str, int], states: Sequence[int]) -> Cycle:
        graph = self.graph
        outputs, after = circuit.cycle(graph, [inputs[name] for name in circuit.inputs], states)
        values = dict(zip(circuit.outputs, outputs, strict=True))
        seen, rows = dict(values), dict[str, list[int]]()
        writes = dict[str, list[int]]()
        for name, value in values.items():
            if port := PORT.fullmatch(name):
                if port["role"] == "write":
                    writes.setdefault(port["memory"], []).append(value)
                elif port["role"] == "read_row":
                    rows.setdefault(port["memory"], []).append(seen.pop(name))
        for name, value in values.items():
            port, stream = PORT.fullmatch(name), STREAM.fullmatch(name)
            if port and port["role"] == "write_row":
                seen[name] = graph.both(value, graph.any(writes[port["memory"]]))
            elif port and port["role"] == "write_data":
                seen[name] = graph.both(value, values[name.replace(".write_data[", ".write[")])
            elif stream and stream["part"] == "payload":
                seen[name] = graph.both(value, values[f"{stream['stream']}__valid"])
            elif stream and stream["part"] == "ready":
                seen[name] = graph.both(value, inputs[f"{stream['stream']}__valid"])
        streams = [match["stream"] for name in inputs if (match := STREAM.fullmatch(name)) and match["part"] == "valid"]
        waits = {name: graph.both(inputs[f"{name}__valid"], values[f"{name}__ready"] ^ 1) for name in streams}
        return Cycle(seen, after, rows, waits)


def proof_of(right: Circuit, wrong: Circuit) -> Proof:
    """What can be proved of a mutant; kept for circuits and mutants that come again."""
    sources = [Path(path).read_text() for path in (__file__, aig.__file__)]
    kept = cache_folder() / "proofs" / key_of([repr((right, wrong)), *sources])
    if kept.exists():
        return Proof(kept.read_text())
    try:
        found = Proof.NEVER if _never(right, wrong) else Proof.DIFFERS if difference(right, wrong) else Proof.BOUNDED
    except TimeoutError:
        found = Proof.UNKNOWN
    kept.parent.mkdir(parents=True, exist_ok=True)
    write_text(kept, found.value)
    return found


def difference(right: Circuit, wrong: Circuit) -> list[str]:
    """What first shows of a mutant within WITHIN cycles; nothing, where nothing does."""
    pair = Pair(right, wrong)
    state, graph = list(pair.state), pair.graph
    for cycle in range(WITHIN):
        shows, state = pair.together(state)
        values = graph.solve(graph.any(shows.values()), list(shows.values()), EFFORT)
        if values:
            return [f"cycle {cycle}: {name}" for name, differs in zip(shows, values, strict=True) if differs]
    return []


def _never(right: Circuit, wrong: Circuit) -> bool:
    """By induction: a set of registers, of which anything is assumed in the mutant, that makes no other register
    differ and nothing that shows. It begins as the empty set, and what is found to differ joins it."""
    free = set[int]()
    while True:
        pair = Pair(right, wrong)
        graph = pair.graph
        state = [graph.leaf() if k in free else literal for k, literal in enumerate(pair.state)]
        shows, after = pair.together(state)
        differ = {k: graph.differ(a, b) for k, (a, b) in enumerate(zip(pair.state, after, strict=True))}
        rest = [differ[k] for k in differ if k not in free]
        seen = graph.any(shows.values())
        if graph.solve(seen, [], EFFORT) is not None:
            return False
        values = graph.solve(graph.any(rest), list(differ.values()), EFFORT)
        if values is None:
            return True
        free |= {k for k, differs in zip(differ, values, strict=True) if differs}
