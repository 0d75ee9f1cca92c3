"""Terms of a learning rule, one per cycle, against what the rule says of them."""

import random
from typing import Any, NamedTuple

from ganglion.hdl.learn.product import Product, factor_bits
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.learning_memories import FRACTION_BITS, Dependency, Destination, Factor, terms_layout
from ganglion.model.spec.params import PRESETS
from tests.hdl.simulate import Simulation

PARAMS = PRESETS["tiny-learning"]
IDLE = dict.fromkeys(("destination", "dependency", "factor1", "factor2", "factor3", "scale", "shift"), 0)


class Case(NamedTuple):
    """A term, as the fields of its row, and the factors by number."""

    valid: bool
    term: dict[str, int]
    factors: list[int]


def cases_of(seed: int) -> list[Case]:
    """Terms of any kind: extreme numbers, no factors, the same factor three times."""
    rng, layout = random.Random(seed), terms_layout(PARAMS)
    low, high = signed_range(factor_bits(PARAMS))
    scales = next(field for field in layout.fields if field.name == "scale")

    def one() -> Case:
        factors = [rng.choice((low, high, 0, 1, -1, rng.randint(low, high))) for _ in Factor]
        factors[Factor.ONE] = 1
        for spike in (Factor.X0, Factor.Y0):
            factors[spike] = rng.randrange(2)
        term = {
            "destination": int(rng.choice(list(Destination))),
            "dependency": int(rng.choice(list(Dependency))),
            **{f"factor{k}": int(rng.choice(list(Factor))) for k in (1, 2, 3)},
            "scale": rng.choice((scales.low, scales.high, rng.randint(scales.low, scales.high))),
            "shift": rng.choice((0, 16, 23, rng.randrange(24))),
        }
        return Case(rng.random() < 0.9, term, factors)

    return [one() for _ in range(300)]


def rtl_product(cases: list[Case]) -> list[tuple[int, int]]:
    dut, found = Product(PARAMS), list[tuple[int, int]]()
    simulation = Simulation(dut)

    async def process(ctx: Any) -> None:
        for case in [*cases, *[Case(False, IDLE, [0] * len(Factor))] * dut.LATENCY]:
            ctx.set(dut.valid, case.valid)
            for name, value in case.term.items():
                ctx.set(dut.term[name], value)
            for factor in Factor:
                ctx.set(dut.factors[factor], case.factors[factor])
            _, _, to_weight, to_tag = await ctx.tick().sample(dut.to_weight, dut.to_tag)
            found.append((to_weight, to_tag))

    simulation.drive(process)
    simulation.run()
    return found[dut.LATENCY :]


def ref_product(cases: list[Case]) -> list[tuple[int, int]]:
    def one(case: Case) -> tuple[int, int]:
        spikes = {Dependency.ALWAYS: 1, Dependency.X0: case.factors[Factor.X0], Dependency.Y0: case.factors[Factor.Y0]}
        value = case.valid * spikes[Dependency(case.term["dependency"])] * case.term["scale"]
        for name in ("factor1", "factor2", "factor3"):
            value *= case.factors[case.term[name]]
        value *= 2 ** case.term["shift"]
        return (0, value) if case.term["destination"] == Destination.TAG else (value, 0)

    return [one(case) for case in cases]


def test_every_term_is_exact() -> None:
    for seed in range(3):
        cases = cases_of(seed)
        assert rtl_product(cases) == ref_product(cases), f"seed {seed}"


def test_a_term_of_one_is_one() -> None:
    """A term without factors is its scale, in units of which FRACTION_BITS are behind the point."""
    factors = [1, *[0] * (len(Factor) - 1)]
    assert rtl_product([Case(True, {**IDLE, "scale": 1, "shift": FRACTION_BITS}, factors)]) == [(1 << FRACTION_BITS, 0)]
