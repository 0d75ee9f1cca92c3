"""And-inverter graphs: circuits of one clock as Yosys writes them (AIGER), unrolled and solved.

A literal is twice the number of its node, plus one where it is inverted; node 0 is false. What is the same in two
copies of a circuit is the same literal (structural hashing), so that a claim about both is no larger than what differs
in them.
"""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import z3

FALSE, TRUE = 0, 1


class Graph:
    """An and-inverter graph that grows; equal nodes are one node."""

    def __init__(self) -> None:
        self._operands: list[tuple[int, int]] = [(0, 0)]  # of leaves both are the same
        self._known: dict[tuple[int, int], int] = {}

    def leaf(self) -> int:
        """A literal that may be anything."""
        self._operands.append((0, 0))
        return 2 * len(self._operands) - 2

    def leaves(self, count: int) -> list[int]:
        return [self.leaf() for _ in range(count)]

    def both(self, a: int, b: int) -> int:
        """Their conjunction."""
        if a > b:
            a, b = b, a
        if a == FALSE or a ^ b == 1:
            return FALSE
        if a in (TRUE, b):
            return b
        known = self._known.get((a, b))
        if known is None:
            self._operands.append((a, b))
            known = self._known[a, b] = 2 * len(self._operands) - 2
        return known

    def either(self, a: int, b: int) -> int:
        return self.both(a ^ 1, b ^ 1) ^ 1

    def differ(self, a: int, b: int) -> int:
        """Their exclusive disjunction."""
        return FALSE if a == b else self.either(self.both(a, b ^ 1), self.both(a ^ 1, b))

    def choose(self, which: int, a: int, b: int) -> int:
        """A where `which` is true, else b."""
        return a if a == b else self.either(self.both(which, a), self.both(which ^ 1, b))

    def any(self, literals: Iterable[int]) -> int:
        """Their disjunction."""
        found = FALSE
        for literal in literals:
            found = self.either(found, literal)
        return found

    def ands_below(self, literals: Iterable[int]) -> list[tuple[int, int, int]]:
        """The nodes on which literals depend, leaves apart, each with its operands and behind them."""
        found, stack = set[int](), [literal >> 1 for literal in literals]
        while stack:
            node = stack.pop()
            a, b = self._operands[node]
            if a != b and node not in found:
                found.add(node)
                stack += [a >> 1, b >> 1]
        return [(node, *self._operands[node]) for node in sorted(found)]

    def solve(self, claim: int, wanted: Sequence[int], effort: int) -> list[bool] | None:
        """Values with which a literal is true.

        Args:
            claim: the literal.
            wanted: literals whose values are told.
            effort: of the solver, in its own unit, after which it gives up: some million for each second.

        Returns:
            The values of `wanted`; None where the claim cannot be true.

        Raises:
            TimeoutError: no answer with this effort.
        """
        if claim == FALSE:
            return None
        clauses = ["-1 0", f"{_signed(claim)} 0"]
        for node, a, b in self.ands_below((claim, *wanted)):
            this = 2 * node
            clauses += [f"{_signed(this ^ 1)} {_signed(a)} 0", f"{_signed(this ^ 1)} {_signed(b)} 0"]
            clauses.append(f"{_signed(this)} {_signed(a ^ 1)} {_signed(b ^ 1)} 0")
        solver = z3.SolverFor("QF_FD")
        solver.set("rlimit", effort)
        with tempfile.NamedTemporaryFile("w", suffix=".cnf") as file:
            file.write(f"p cnf {len(self._operands)} {len(clauses)}\n" + "\n".join(clauses) + "\n")
            file.flush()
            solver.from_file(file.name)
        answer = solver.check()
        if answer == z3.unknown:
            raise TimeoutError(f"no answer with an effort of {effort}")
        if answer == z3.unsat:
            return None
        model = solver.model()
        true = {int(d.name().partition("!")[2]) for d in model.decls() if z3.is_true(model[d])}
        return [((literal >> 1) + 1 in true) ^ bool(literal & 1) for literal in wanted]


def _signed(literal: int) -> str:
    """As DIMACS has it, where variable 1 is false."""
    return f"{'-' if literal & 1 else ''}{(literal >> 1) + 1}"


@dataclass(frozen=True)
class Circuit:
    """A sequential circuit of one clock."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    latches: tuple[str, ...]
    _inputs: tuple[int, ...]
    _states: tuple[int, ...]
    _nexts: tuple[int, ...]
    _outputs: tuple[int, ...]
    _ands: tuple[tuple[int, int, int], ...]

    @classmethod
    def load(cls, path: Path) -> "Circuit":
        """From a file in the ASCII format of AIGER, with its symbols; operands come before what they are used in."""
        lines = path.read_text().splitlines()
        _, count_inputs, count_latches, count_outputs, count_ands = map(int, lines[0].split()[1:6])
        numbers = iter(tuple(map(int, line.split())) for line in lines[1:])
        inputs = [next(numbers)[0] for _ in range(count_inputs)]
        latches = [next(numbers) for _ in range(count_latches)]
        outputs = [next(numbers)[0] for _ in range(count_outputs)]
        ands = [next(numbers) for _ in range(count_ands)]
        names: dict[str, dict[int, str]] = {"i": {}, "o": {}, "l": {}}
        for line in lines[1 + count_inputs + count_latches + count_outputs + count_ands :]:
            if line == "c":
                break
            place, _, name = line.partition(" ")
            if place[0] in names:
                names[place[0]][int(place[1:])] = name
        return cls(
            tuple(names["i"][k] for k in range(count_inputs)),
            tuple(names["o"][k] for k in range(count_outputs)),
            tuple(names["l"].get(k, f"latch {k}") for k in range(count_latches)),
            tuple(inputs),
            tuple(latch[0] for latch in latches),
            tuple(latch[1] for latch in latches),
            tuple(outputs),
            tuple((a[0], a[1], a[2]) for a in ands),
        )

    def cycle(self, graph: Graph, inputs: Sequence[int], states: Sequence[int]) -> tuple[list[int], list[int]]:
        """A cycle of the circuit in a graph: its outputs, and the states behind it."""
        values = dict(zip((*self._inputs, *self._states), (*inputs, *states), strict=True))
        values[FALSE] = FALSE
        both = graph.both
        for result, a, b in self._ands:
            values[result] = both(values[a & ~1] ^ (a & 1), values[b & ~1] ^ (b & 1))
        outputs = [values[literal & ~1] ^ (literal & 1) for literal in self._outputs]
        return outputs, [values[literal & ~1] ^ (literal & 1) for literal in self._nexts]

    def where(self, constants: Mapping[str, int]) -> "Circuit":
        """The circuit with some inputs at 0 or 1: they are no inputs any more."""
        graph = Graph()
        leaves = {name: graph.leaf() for name in self.inputs if name not in constants}
        inputs = [leaves.get(name, constants.get(name, FALSE)) for name in self.inputs]
        states = graph.leaves(len(self.latches))
        outputs, nexts = self.cycle(graph, inputs, states)
        ands = tuple((2 * node, a, b) for node, a, b in graph.ands_below((*outputs, *nexts)))
        return Circuit(
            tuple(leaves),
            self.outputs,
            self.latches,
            tuple(leaves.values()),
            tuple(states),
            tuple(nexts),
            tuple(outputs),
            ands,
        )
