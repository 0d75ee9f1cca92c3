"""The emulator's kernels in WebAssembly: the same Numba source, through LLVM, for another machine.

Numba compiles a kernel to LLVM's language without optimising it; from there on LLVM is told that the machine is wasm32,
where pointers have 32 bits, and does the rest. A function of two hundred flat arguments is nothing to call, so that
each module has one that takes a table of slots, 64 bits each, and calls it with what is in them.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import llvmlite.binding as llvm
import numba
from numba import types
from numba.core.callconv import CPUCallConv

from ganglion.model.emulator.kernels import arrays
from ganglion.model.emulator.kernels.run import run
from ganglion.model.spec.errors import ToolError
from ganglion.model.spec.fields import NEURON_STATE
from ganglion.model.spec.noise_constants import KEYED_ROUNDS
from ganglion.model.spec.params import GUARD_BITS
from ganglion.web.playground.module import module_of_object

TRIPLE = "wasm32-unknown-unknown"
FEATURES = "+simd128,+bulk-memory,+sign-ext,+mutable-globals,+nontrapping-fptoint"
"""Of the machine: what every browser has had since 2021, Safari since 2023."""

ENTRY = "run"
"""What a module exports."""

ENVIRONMENT = {"NUMBA_OPT": "0", "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
"""What makes Numba write the same on every machine: LLVM optimises once it knows what for."""

INT = types.int64


@dataclass(frozen=True)
class Widths:
    """Types of the arrays of `ganglion.model.emulator.kernels.arrays`."""

    state: Any
    arithmetic: Any
    accumulators: Any
    words: Any
    matrix: Any


VARIANTS = {
    "narrow": Widths(types.int16, types.int32, types.int32, types.uint32, types.int8),
    "wide": Widths(types.int64, types.int64, types.int64, types.uint64, types.int16),
}
"""The narrow arithmetic takes what `is_narrow` of `ganglion.model.emulator.load` says, and the wide one everything."""


def arguments_of(widths: Widths) -> dict[str, Any]:
    """The arguments of the kernel `run`, by name."""

    def array(element: Any, dimensions: int) -> Any:
        return types.Array(element, dimensions, "C")

    named: Any = types.NamedTuple
    state, sums = array(widths.state, 1), array(widths.arithmetic, 3)
    rows = [array(INT, 2), array(widths.words, 1), array(widths.matrix, 1), INT, types.boolean]
    neurons = [INT, INT, INT, state, state, sums, array(INT, 1), array(INT, 1), *[INT] * 5]
    kept = [array(INT, 1), array(widths.state, 2), array(widths.accumulators, 2)]
    scratch = [sums, array(INT, 2), array(types.uint8, 2), array(INT, 1), array(INT, 2), array(INT, 2)]
    groups = [
        named(neurons, arrays.Neurons),
        named(rows, arrays.Rows),
        named(kept, arrays.State),
        named(scratch, arrays.Scratch),
    ]
    log = [array(types.int32, 1), array(INT, 2), array(INT, 2), array(INT, 2)]
    return {
        "loaded": named([*groups, INT, INT], arrays.Loaded),
        "axons": array(INT, 1),
        "start": array(INT, 1),
        "log": named(log, arrays.Log),
        "first": INT,
        "last": INT,
    }


def flat(name: str, kind: Any) -> list[list[Any]]:
    """The scalars and arrays of an argument: name, element type, and dimensions, 0 of a scalar."""
    if isinstance(kind, types.NamedTuple):
        return [each for field, of in zip(kind.fields, kind.types, strict=True) for each in flat(f"{name}.{field}", of)]
    return [[name, str(kind.dtype), kind.ndim]] if isinstance(kind, types.Array) else [[name, str(kind), 0]]


def description() -> dict[str, Any]:
    """What who calls the modules has to know: their arguments, and the constants that are compiled into them."""
    constants = {name: value for name, value in vars(arrays).items() if name.isupper() and type(value) is int}
    return {
        "made with": {"python": "{}.{}".format(*sys.version_info), "numba": numba.__version__},
        "variants": {
            name: [each for argument, kind in arguments_of(widths).items() for each in flat(argument, kind)]
            for name, widths in VARIANTS.items()
        },
        "constants": constants | {"GUARD_BITS": GUARD_BITS, "KEYS": len(KEYED_ROUNDS)},
        "fields": [spec.name for spec in NEURON_STATE],
    }


def build_modules(variants: Collection[str] = tuple(VARIANTS)) -> dict[str, bytes]:
    """The files of modules, and of the description of all, by name: made by a process of their own, since Numba reads
    how to compile when it is imported.

    Args:
        variants: of `VARIANTS`.

    Raises:
        ToolError: that process failed; says what it said.
    """
    with TemporaryDirectory() as folder:
        environment = os.environ | ENVIRONMENT | {"NUMBA_CACHE_DIR": f"{folder}/cache", "PYTHONWARNINGS": "ignore"}
        command = [sys.executable, "-m", "ganglion.web.playground.kernels", folder, *variants]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ToolError(f"the kernels did not compile to WebAssembly: {done.stderr.strip().splitlines()[-1]}")
        return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir()) if path.is_file()}


def _module(widths: Widths) -> bytes:
    """The WebAssembly module of the kernel with these types."""
    signature = tuple(arguments_of(widths).values())
    kernel: Any = run
    with _without_places():
        kernel.compile(signature)
    name = kernel.overloads[signature].fndesc.llvm_func_name
    text = re.sub(r"^target (datalayout|triple) = .*$", "", kernel.inspect_llvm(signature), flags=re.MULTILINE)
    found = llvm.parse_assembly(text).get_function(name)
    module = llvm.parse_assembly(text + _entry(name, [str(argument.type) for argument in found.arguments]))
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = llvm.Target.from_triple(TRIPLE).create_target_machine(cpu="generic", features=FEATURES, opt=3)
    module.triple, module.data_layout = TRIPLE, str(machine.target_data)
    for symbol in (*module.functions, *module.global_variables):
        if not symbol.is_declaration and symbol.name != ENTRY:
            symbol.linkage = "internal"
    tuning = llvm.create_pipeline_tuning_options(speed_level=3)
    tuning.loop_vectorization = tuning.slp_vectorization = True
    builder = llvm.create_pass_builder(machine, tuning)
    builder.getModulePassManager().run(module, builder)
    return module_of_object(machine.emit_object(module), ENTRY)


@contextmanager
def _without_places() -> Iterator[None]:
    """What is compiled meanwhile does not have the places of Numba's sources, which are elsewhere on every machine:
    they are for errors of Python, and there is none in a browser."""
    convention: Any = CPUCallConv
    told = convention.build_excinfo_struct
    convention.build_excinfo_struct = lambda self, exc, arguments, place, name: told(self, exc, arguments, None, name)
    try:
        yield
    finally:
        convention.build_excinfo_struct = told


def _entry(name: str, arguments: list[str]) -> str:
    """A function in LLVM's language that takes a table of slots, and calls another with them."""
    body = list[str]()
    for k, kind in enumerate(arguments):
        body += [f"%at{k} = getelementptr i64, ptr %slots, i64 {k}", f"%slot{k} = load i64, ptr %at{k}"]
        casts = {"ptr": f"inttoptr i64 %slot{k} to ptr", "i64": f"add i64 %slot{k}, 0"}
        body.append(f"%value{k} = " + casts.get(kind, f"trunc i64 %slot{k} to {kind}"))
    passed = ", ".join(f"{kind} %value{k}" for k, kind in enumerate(arguments))
    body += [f'%status = call i32 @"{name}"({passed})', "ret i32 %status"]
    return f"\ndefine i32 @{ENTRY}(ptr %slots) {{\n" + "\n".join(body) + "\n}\n"


if __name__ == "__main__":
    for variant in sys.argv[2:]:
        (Path(sys.argv[1]) / f"{variant}.wasm").write_bytes(_module(VARIANTS[variant]))
    (Path(sys.argv[1]) / "kernels.json").write_text(json.dumps(description()))
