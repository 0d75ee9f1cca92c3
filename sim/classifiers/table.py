"""The result of a classifier as a table on the terminal."""

from rich.console import Console
from rich.table import Table

from ganglion.model.lockstep import what_was_equal
from ganglion.sim.classifiers.result import ClassifierResult, TargetResult

NOT_COUNTED = "-"


def print_table(result: ClassifierResult, console: Console) -> None:
    """One column per target, one row per figure; figures of the clock only where a target has one."""
    count, program = result.label.size, result.program
    console.print(
        f"{result.classifier.what}: {program.neurons:,} neurons, {program.synapses:,} synapses; "
        f"{count:,} of {result.available:,} test samples, {result.steps.mean():,.1f} steps each",
        soft_wrap=True,
    )
    table = Table()
    table.add_column("")
    for target in result.targets:
        table.add_column(target.name, justify="right")
    rows = [_figures(target, result) for target in result.targets]
    for name in rows[0]:
        table.add_row(name, *(row[name] for row in rows))
    console.print(table)
    if len(result.targets) > 1:
        console.print(
            f"{what_was_equal(states=result.states)} were equal after each of {result.steps.sum():,} steps",
            soft_wrap=True,
        )


def _figures(target: TargetResult, result: ClassifierResult) -> dict[str, str]:
    count, right = target.guess.size, int((target.guess == result.label).sum())
    spikes, synops = (int(target.counters[name].sum()) for name in ("spikes", "synops"))
    figures = {
        "samples right": f"{right:,} of {count:,}",
        "accuracy": f"{right / count:.2%}",
        "spikes per sample": f"{spikes / count:,.0f}",
        "SynOps per sample": f"{synops / count:,.0f}",
    }
    names = ("cycles per step: mean", "SynOps per cycle", f"latency per sample at {result.clock_mhz:g} MHz: mean")
    values = [NOT_COUNTED] * len(names)
    if "cycles" in target.counters:
        cycles = int(target.counters["cycles"].sum())
        latency = cycles / count / result.clock_mhz
        values = [f"{cycles / result.steps.sum():,.0f}", f"{synops / cycles:.2f}", f"{latency:,.0f} µs"]
    return figures | dict(zip(names, values, strict=True)) | {"seconds": f"{target.seconds:.1f}"}
