"""What the command line prints: results for people or for programs, and errors as one line."""

import json
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from ganglion.jobs.result import Result
from ganglion.model.spec.errors import GanglionError


def show(results: Result | Iterable[Result], *, as_json: bool) -> None:
    """Prints what a job found: to people part by part, as soon as it is there; to programs all of it as one object.

    Raises:
        GanglionError: what was found is not good enough; it is printed all the same.
    """
    failures, found = list[str](), dict[str, object]()
    console = Console()
    for result in [results] if isinstance(results, Result) else results:
        if as_json:
            found |= result.to_dict()
        else:
            for part in result.shown():
                console.print(part, soft_wrap=isinstance(part, str), markup=False, highlight=False)
        failures += [result.failure] if result.failure else []
    if as_json:
        print(json.dumps(found))
    if failures:
        raise GanglionError("; ".join(failures))


def print_error(error: Exception) -> None:
    """Prints an error that a user can cause, on standard error, letter by letter as it is."""
    words = error.at_the_command_line if isinstance(error, GanglionError) else str(error)
    if isinstance(error, OSError) and error.strerror:
        words = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    line = Text.assemble((type(error).__name__, "bold red"), ": ", words)
    Console(stderr=True).print(line, soft_wrap=True, highlight=False)
