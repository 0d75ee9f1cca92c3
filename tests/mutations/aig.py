"""And-inverter graphs: circuits of one clock, as files of AIGER have them.

A literal is twice the number of its node, plus one where it is inverted; node 0 is false. What is the same in two
copies of a circuit is the same literal (structural hashing), so that a claim about both is no larger than what differs
in them. The format: Biere, Heljanko, Wieringa, "AIGER 1.9 and beyond", 2011.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

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

    def cone(self, literals: Iterable[int], nexts: Mapping[int, int]) -> tuple[set[int], list[tuple[int, int, int]]]:
        """On which nodes literals depend, now and in cycles before.

        Args:
            literals: these.
            nexts: of leaves that are states, by node, what they are in the next cycle.

        Returns:
            The leaves, and the other nodes, each with its operands and behind them.
        """
        leaves, ands, stack = set[int](), set[int](), [literal >> 1 for literal in literals]
        while stack:
            node = stack.pop()
            if node in leaves or node in ands:
                continue
            a, b = self._operands[node]
            if a != b:
                ands.add(node)
                stack += [a >> 1, b >> 1]
            else:
                leaves.add(node)
                stack += [nexts[node] >> 1] if node in nexts else []
        return leaves, [(node, *self._operands[node]) for node in sorted(ands)]


@dataclass(frozen=True)
class Machine:
    """A sequential circuit in a graph, with one output: what never may be true."""

    graph: Graph
    inputs: Sequence[int]
    latches: Sequence[tuple[int, int]]
    """Of each the leaf that is its state, which is 0 at first, and what it is in the next cycle."""
    bad: int

    def write(self, path: Path) -> None:
        """As a binary file of AIGER, without what the output does not depend on."""
        nexts = {state >> 1: after for state, after in self.latches}
        leaves, ands = self.graph.cone([self.bad], nexts)
        inputs = [literal >> 1 for literal in self.inputs if literal >> 1 in leaves]
        latches = [node for node in nexts if node in leaves]
        order = {node: k for k, node in enumerate([0, *inputs, *latches, *(node for node, _, _ in ands)])}

        def number(literal: int) -> int:
            return 2 * order[literal >> 1] | literal & 1

        lines = [f"aig {len(order) - 1} {len(inputs)} {len(latches)} 1 {len(ands)}"]
        lines += [str(number(literal)) for literal in (*(nexts[node] for node in latches), self.bad)]
        deltas = bytearray()
        for node, *operands in ands:
            b, a = sorted(map(number, operands))
            deltas += _varint(2 * order[node] - a) + _varint(a - b)
        path.write_bytes("\n".join([*lines, ""]).encode() + deltas)


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest ones first, and whether more come."""
    found = bytearray()
    while number >= 0x80:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


@dataclass(frozen=True)
class Circuit:
    """A sequential circuit of one clock."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    resets: tuple[int | None, ...]
    """What each latch is at first; None is anything."""
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
        names: dict[str, dict[int, str]] = {"i": {}, "o": {}}
        for line in lines[1 + count_inputs + count_latches + count_outputs + count_ands :]:
            if line == "c":
                break
            place, _, name = line.partition(" ")
            if place[0] in names:
                names[place[0]][int(place[1:])] = name
        return cls(
            tuple(names["i"][k] for k in range(count_inputs)),
            tuple(names["o"][k] for k in range(count_outputs)),
            tuple(_reset(*latch) for latch in latches),
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
        states = graph.leaves(len(self.resets))
        outputs, nexts = self.cycle(graph, inputs, states)
        ands = tuple((2 * node, a, b) for node, a, b in graph.cone((*outputs, *nexts), {})[1])
        return Circuit(
            tuple(leaves),
            self.outputs,
            self.resets,
            tuple(leaves.values()),
            tuple(states),
            tuple(nexts),
            tuple(outputs),
            ands,
        )


def _reset(state: int, _: int, first: int = 0) -> int | None:
    """What a latch is at first: 0 where its line does not say, anything where that is the latch itself."""
    return None if first == state else first
