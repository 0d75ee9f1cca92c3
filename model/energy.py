"""What a run would cost in energy: counts of operations times an estimate of each.

This is an estimate for comparing networks and sizes of chip, not a measurement of any chip. It leaves out the clock,
leakage, wires, routers and the host. Every number is scaled from one published table:

    M. Horowitz, "Computing's energy problem (and what we can do about it)", ISSCC 2014, pages 10-14: a 45 nm process
    at 0.9 V. Integer addition takes 0.03 pJ in 8 bits and 0.1 pJ in 32; multiplication 0.2 pJ in 8 bits and 3.1 pJ in
    32; a 64-bit access to a cache of 8 KB, 32 KB and 1 MB takes 10, 20 and 100 pJ.

So an addition takes about 0.0033 pJ per bit, a multiplication about 0.0031 pJ per bit of one factor times bit of the
other, and an access 10/64 pJ per bit in a memory of 8 KB, growing as the square root of the memory's size. Smaller
memories than 8 KB are extrapolated by the same law, and a write is taken to cost as much as a read.

Whoever knows better numbers replaces them: any constant, or the energy of any operation, by a dict or a JSON file.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from ganglion.model.spec import html
from ganglion.model.spec.errors import FormatError, ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.fields import NEURON_STATE
from ganglion.model.spec.learning_memories import FRACTION_BITS
from ganglion.model.spec.memories import Memory, MemorySpec, Where, memories
from ganglion.model.spec.params import GUARD_BITS, PRESETS, Params
from ganglion.model.spec.trace import Trace
from ganglion.model.spec.untrusted import load_json

UPDATE, SYNOP, VISIT = "neuron update", "SynOp", "synapse visit"


@explained(ProgramError)
@dataclass(frozen=True, kw_only=True)
class Technology:
    """Energies that an estimate rests on, in picojoules."""

    source: str = "Horowitz, ISSCC 2014, 45 nm, 0.9 V (scaled)"
    """Where the numbers are from; reports print it."""
    add_bit: float = 0.1 / 30
    """One addition, per bit: between 0.03/8 and 0.1/32."""
    multiply_bit: float = 0.2 / 64
    """One multiplication, per bit of one factor times bit of the other."""
    access_bit: float = 10 / 64
    """One access to a memory of `memory_bytes`, per bit read or written."""
    memory_bytes: float = 8192
    """Size of the memory that `access_bit` is for."""
    growth: float = 0.5
    """Energy per access grows with the memory's size to this power."""
    operations: Mapping[str, float] = field(default_factory=dict)
    """Energies of whole operations, by the names of `operation_energies`, which replace the estimates."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Technology":
        """The built-in constants with some replaced. `source` must be given, so that no report cites another's numbers.

        Raises:
            FormatError: a name that is no constant or operation, a value that is no energy, or no source.
        """
        known = {f.name for f in fields(cls)}
        if unknown := set(values) - known:
            raise FormatError(f"'{min(unknown)}' is no constant of an energy table; it has {', '.join(sorted(known))}")
        if not isinstance(values.get("source"), str):
            raise FormatError('an energy table must say where its numbers are from: "source": "..."')
        replaced = values.get("operations", {})
        if not isinstance(replaced, Mapping):
            raise FormatError(f"operations must be names and energies in pJ, not {replaced!r}")
        if unknown := set(replaced) - set(_OPERATIONS):
            raise FormatError(f"'{min(unknown)}' is no operation; there are {', '.join(_OPERATIONS)}")
        numbers = {name: value for name, value in values.items() if name not in ("source", "operations")}
        for name, value in (numbers | dict(replaced)).items():
            if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < float("inf"):
                raise FormatError(f"{name} must be a number that is not negative, not {value!r}")
        return replace(cls(), **values)

    @classmethod
    def from_file(cls, path: str | Path) -> "Technology":
        """From a JSON file that holds a dict as `from_dict` takes it.

        Raises:
            FormatError: there is no such file, it is no JSON object, or as `from_dict`; the message names the file.
        """
        values = load_json(path, "energy table")
        try:
            return cls.from_dict(values)
        except FormatError as error:
            raise FormatError(f"{path}: {error}") from error


@explained(ProgramError)
@dataclass(frozen=True)
class Cost:
    """One kind of operation in a run."""

    operation: str
    count: int
    each: float
    """pJ per operation."""

    @property
    def total(self) -> float:
        """pJ of all of them."""
        return self.count * self.each


@explained(ProgramError)
@dataclass(frozen=True)
class Account:
    """The estimated energy of a run."""

    costs: tuple[Cost, ...]
    missing: tuple[str, ...]
    """Operations left out, because the target does not count them."""
    source: str
    """Where the energies are from."""

    @property
    def total(self) -> float:
        """pJ of the run."""
        return sum(cost.total for cost in self.costs)

    def _repr_html_(self) -> str:
        rows = [(c.operation, f"{c.count:,}", f"{c.each:.3g}", f"{c.total:,.1f}") for c in self.costs]
        missing = html.line(f"not counted by this target: {', '.join(self.missing)}") if self.missing else ""
        table = html.table(rows, ("operation", "count", "pJ each", "pJ"))
        return html.block(f"Estimated energy: {self.total:,.1f} pJ", table, missing, html.line(self.source))


@explained(ProgramError)
def operation_energies(params: Params, technology: Technology | None = None) -> dict[str, float]:
    """Energy of each operation in pJ: `neuron update`, `SynOp`, and `<memory> read` and `write` of one row."""
    tech = technology or Technology()
    p, specs = params, memories(params)
    energies = {UPDATE: _update(p, tech), SYNOP: tech.add_bit * (p.accumulator_bits + GUARD_BITS)}
    for memory, spec in specs.items():
        if spec.where is Where.CONTROL:
            continue
        energies[f"{memory.name} read"] = _access(spec, tech)
        if spec.changes:
            energies[f"{memory.name} write"] = _access(spec, tech)
    if p.products:
        energies[VISIT] = _visit(p, tech)
    return energies | dict(tech.operations)


def _update(p: Params, tech: Technology) -> float:
    """Arithmetic of one update.

    Each variable takes a product and an addition to decay, and one more addition: the input of u, the raise of a, the
    reset of v. Four more additions bring u, the bias and the noise to v and compare it with its threshold.
    """
    energy = 4 * tech.add_bit * p.membrane_bits
    for bits in (spec.field(p).width for spec in NEURON_STATE if spec.signed):
        energy += tech.multiply_bit * bits * (p.decay_bits + 1) + 2 * tech.add_bit * bits
    return energy


def _visit(p: Params, tech: Technology) -> float:
    """Arithmetic of one visit of a synapse, as if each product of a lane did one term: two multiplications of traces,
    and an addition to the exact sum."""
    sums = p.weight_bits + FRACTION_BITS
    return p.products * (2 * tech.multiply_bit * (p.trace_bits + 1) ** 2 + tech.add_bit * sums)


def _access(spec: MemorySpec, tech: Technology) -> float:
    """Access to one row of a memory, which is a memory of its own in each lane where it is divided among them."""
    size = spec.depth * spec.layout.width / 8
    return spec.layout.width * tech.access_bit * math.pow(size / tech.memory_bytes, tech.growth)


@explained(ProgramError)
def operation_counts(counters: Mapping[str, int], params: Params) -> dict[str, int]:
    """How often each operation was done, from the totals of a run's counters.

    An update reads and writes the row of a neuron in every memory of neurons, whether it spikes or not; it clears the
    accumulator that it reads. A SynOp reads and writes one accumulator. A spike reads one fan-out entry, an event one
    row of AXONS (further rows of the same neuron or axon are not counted), a synapse word its row in every lane.

    Args:
        counters: totals of `steps`, `synops`, `spikes`, and where the target counts them `events`, `words`, `visits`.
        params: the chip.

    Returns:
        Counts by operation; those that rest on a counter that is not there are left out.

    Raises:
        ProgramError: steps, SynOps or spikes are missing.
    """
    if missing := [name for name in ("steps", "synops", "spikes") if name not in counters]:
        raise ProgramError(f"counters are totals of a run by name; '{missing[0]}' is not among {', '.join(counters)}")
    updates = counters["steps"] * params.neurons * params.cores
    counts = {UPDATE: updates, SYNOP: counters["synops"]}
    counts |= {f"{memory.name} read": updates for memory in (Memory.TYPES, Memory.NEURONS)}
    counts |= {f"STATE {access}": updates for access in ("read", "write")}
    counts |= {f"ACCUMULATORS {access}": updates + counters["synops"] for access in ("read", "write")}
    counts["FANOUT read"] = counters["spikes"]
    if "events" in counters:
        counts["AXONS read"] = counters["events"]
    if "words" in counters:
        counts["SYNAPSES read"] = counters["words"] * params.lanes
    return counts | (_learning_counts(counters, params, updates) if params.products else {})


def _learning_counts(counters: Mapping[str, int], params: Params, updates: int) -> dict[str, int]:
    """What learning does besides: a visit reads and writes a weight and a tag, and reads its rule."""
    there, counts = memories(params), {}
    for memory in (Memory.TRACES, Memory.KERNELS):
        counts[f"{memory.name} read"] = updates
    for access in ("read", "write"):
        counts[f"RECEPTOR {access}"] = updates
        if "events" in counters:
            counts[f"PRE {access}"] = counters["events"]
    if "visits" in counters:
        visits = counters["visits"]
        counts |= {VISIT: visits, "RULES read": visits, "TAGS read": visits, "TAGS write": visits}
        counts["SYNAPSES write"] = visits
    return {name: count for name, count in counts.items() if name == VISIT or Memory[name.split()[0]] in there}


@explained(ProgramError)
def account(trace: Trace, params: Params, technology: Technology | None = None) -> Account:
    """The estimated energy of a run, operation by operation.

    Args:
        trace: the run, of any target; one of a chip counts more.
        params: the chip.
        technology: the energies; None is the built-in table.
    """
    counters = {name: trace.total(name) for name in trace.counters} | {"steps": trace.steps}
    return account_totals(counters, params, technology)


@explained(ProgramError)
def account_totals(counters: Mapping[str, int], params: Params, technology: Technology | None = None) -> Account:
    """As `account`, from the totals of a run's counters, its `steps` among them."""
    technology = technology or Technology()
    counts, energies = operation_counts(counters, params), operation_energies(params, technology)
    return Account(
        costs=tuple(Cost(name, counts[name], energy) for name, energy in energies.items() if name in counts),
        missing=tuple(name for name in energies if name not in counts),
        source=technology.source,
    )


_OPERATIONS = tuple(operation_energies(PRESETS["tiny-learning"]))
