"""Which mutants change nothing that can be seen: proofs that a circuit and its mutant do the same.

Both run side by side from the power on. Memories are cut out of them: what is read is anything, and what is written is
seen, with its row. Where the mutant reads another row than the circuit, what it reads is anything else. So what is
proved holds for any contents; a mutant that is told apart here may still be one that does the same. Likewise cores,
where they are cut out: they answer anything, and what they are given is seen.

Packets come as the law of streams has it, a payload counts while it is valid, and `rst` is anything in every cycle.

The pair is one machine, with one output: what may never be true. At first the two have all registers in common, and it
is that something differs which is seen, or which a register takes: by induction, nothing is ever seen of a mutant of
which that is never true. Registers that can take something else become two, one of the circuit and one of the mutant,
until there is a proof, or there are many; then all are two. ABC, a model checker, answers (property-directed
reachability: Eén, Mishchenko, Brayton, "Efficient Implementation of Property Directed Reachability", 2011); where all
registers are two, it first merges what is the same in every reachable state (van Eijk, "Sequential Equivalence Checking
Based on Structural Similarities", 2000). So a proof holds for any number of cycles.
"""

import inspect
import re
import resource
import signal
import subprocess
from collections.abc import Collection, Mapping, Sequence
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

APART = "pdr"
"""Of ABC, for pairs that have registers in common."""

MERGE = "lcorr; scorr -C 2000"
"""Registers that are the same, then nodes, with so many conflicts of the solver for each question."""

PROVE, REFUTE = f"{MERGE}; pdr", f"{MERGE}; bmc3"
"""For pairs that have none."""

SECONDS = {APART: 3, PROVE: 60, REFUTE: 20}
"""Of the processor, after which ABC gives up."""

MOST_APART = 60
"""Registers that are two in pairs that have others in common."""

STATUS = re.compile(r"Status = (-?\d)")
"""What ABC says: 1 is proved, 0 is a way to a difference."""

PORT = re.compile(r"(?P<memory>.+)\.(?P<role>read_row|read_data|write|write_row|write_data)\[(?P<bit>\d+)\]\.bit\.\w+")
"""A bit of a memory that was cut out; see `mutate.CUT`."""

STREAM = re.compile(r"(?P<stream>.*)__(?P<part>payload|valid|ready)(\[(?P<bit>\d+)\])?")


class Proof(Enum):
    """What is known of a mutant."""

    NEVER = "never"
    """It does what the circuit does, for any number of cycles."""
    DIFFERS = "differs"
    """It does not, for some contents of the memories."""
    UNKNOWN = "unknown"
    """The solver gave up."""


DECIDED = {"1": Proof.NEVER, "0": Proof.DIFFERS}
"""By what ABC says."""


def limit(seconds: int) -> None:
    """Sets how long ABC may take at most for a question, in seconds of the processor."""
    SECONDS.update({commands: min(most, seconds) for commands, most in SECONDS.items()})


def proof_of(right: Circuit, wrong: Circuit) -> Proof:
    """What can be proved of a mutant; what is known is kept for circuits and mutants that come again.

    Raises:
        RuntimeError: ABC is missing.
    """
    sources = [inspect.getsource(_Pair), inspect.getsource(_proof), Path(aig.__file__).read_text()]
    kept = cache_folder() / "proofs" / key_of([repr((right, wrong)), *sources])
    if kept.exists():
        return Proof(kept.read_text())
    proof = _proof(right, wrong)
    if proof is not Proof.UNKNOWN:
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_text(kept, proof.value)
    return proof


def _proof(right: Circuit, wrong: Circuit) -> Proof:
    apart, more = set[int](), set[int]()
    while len(apart) <= MOST_APART:
        pair = _Pair(right, wrong, apart)
        if _answer(pair, [pair.shows, *pair.strays.values()], APART) is Proof.NEVER:
            return Proof.NEVER
        if not apart and _answer(pair, [pair.shows], APART) is Proof.DIFFERS:
            return Proof.DIFFERS
        more = _straying(pair, list(pair.strays))
        if not more:
            break
        apart |= more
    pair = _Pair(right, wrong, range(len(right.resets)))
    proof = _answer(pair, [pair.shows], PROVE)
    return _answer(pair, [pair.shows], REFUTE) if proof is Proof.UNKNOWN else proof


def _straying(pair: "_Pair", registers: Sequence[int]) -> set[int]:
    """Those that may take something else than the circuit's; where ABC gives up, all."""
    answer = _answer(pair, [pair.strays[k] for k in registers], APART)
    half = len(registers) // 2
    if answer is Proof.DIFFERS and half:
        return _straying(pair, registers[:half]) | _straying(pair, registers[half:])
    return set() if answer is Proof.NEVER else set(registers)


def _answer(pair: "_Pair", never: Sequence[int], commands: str) -> Proof:
    """Whether any of these literals can be true."""
    bad = pair.graph.any(never)
    if bad == FALSE:
        return Proof.NEVER
    with TemporaryDirectory() as folder:
        Machine(pair.graph, pair.inputs, pair.latches, bad).write(Path(folder) / "pair.aig")
        command = [str(found("abc")), "-c", f"read pair.aig; {commands}; print_status"]
        with subprocess.Popen(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as run:
            resource.prlimit(run.pid, resource.RLIMIT_CPU, (SECONDS[commands],) * 2)
            output = run.communicate()[0]
    if run.returncode not in (0, -signal.SIGKILL, -signal.SIGXCPU):
        raise RuntimeError(f"ABC ended with {run.returncode}:\n{output}")
    status = STATUS.search(output)
    return DECIDED.get(status[1], Proof.UNKNOWN) if status else Proof.UNKNOWN


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
    """A circuit and a mutant of it in one graph.

    Args:
        right: the circuit.
        wrong: the mutant.
        apart: the registers of which each has its own; the others are those of the circuit.
    """

    def __init__(self, right: Circuit, wrong: Circuit, apart: Collection[int]) -> None:
        self.graph = Graph()
        self.inputs: list[int] = []
        self.latches: list[tuple[int, int]] = []
        graph, begun = self.graph, self.graph.leaf()
        self.latches.append((begun, TRUE))
        resets = list(zip(right.resets, wrong.resets, strict=True))
        anything = [self._anything() if None in both else FALSE for both in resets]
        apart = {*apart, *(k for k, (a, b) in enumerate(resets) if a != b)}
        common = graph.leaves(len(resets))
        leaves = [common, [graph.leaf() if k in apart else leaf for k, leaf in enumerate(common)]]
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
        for which, (own, ones, cycle) in enumerate(zip(leaves, inverted, (first, second), strict=True)):
            kept = range(len(own)) if which == 0 else sorted(apart)
            self.latches += [(own[k], cycle.after[k] ^ ones[k]) for k in kept]
        self.latches += [(leaf, given[name]) for name, leaf in held.items()]
        for stream, leaf in waits.items():
            waiting = graph.both(given[f"{stream}__valid"], first.values[f"{stream}__ready"] ^ 1)
            self.latches.append((leaf, waiting))
        seen = [self._seen(given, cycle) for cycle in (first, second)]
        self.shows = graph.any(graph.differ(value, seen[1][name]) for name, value in seen[0].items())
        after = enumerate(zip(first.after, second.after, strict=True))
        self.strays = {k: graph.differ(a, b) for k, (a, b) in after if a != b and k not in apart}
        """Of the registers in common: the mutant's would take something else."""

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
