"""The kernels in WebAssembly: what ships is what the source compiles to."""

import json

import pytest

from ganglion.model.spec.errors import ToolError
from ganglion.web.playground.folder import DATA, PAGE
from ganglion.web.playground.kernels import build_modules
from ganglion.web.playground.module import HEADER, module_of_object

VARIANTS = (pytest.param("narrow", marks=pytest.mark.long), pytest.param("wide", marks=pytest.mark.slow))


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_ships_is_what_the_source_compiles_to(variant: str) -> None:
    built = build_modules([variant])
    description = json.loads(built["kernels.json"])
    shipped = json.loads((PAGE / DATA / "kernels.json").read_text())
    made = shipped.pop("made with"), description.pop("made with")
    assert description == shipped, "make playground writes it again"
    same = built[f"{variant}.wasm"] == (PAGE / DATA / f"{variant}.wasm").read_bytes()
    assert same, f"{variant}.wasm was made with {made[0]}, this is {made[1]}; with the same, make playground"


def test_a_module_is_one_function_and_a_memory_from_outside() -> None:
    kind, function, code = b"\1\4\1\x60\0\0", b"\3\2\1\0", b"\x0a\4\1\2\0\x0b"
    memory = b"\2\x0a\1\3env\1m\2\0\1"
    linking = b"\0\3\2ab"
    module = module_of_object(HEADER + kind + memory + function + code + linking, "run")
    assert module == HEADER + kind + memory + function + b"\7\7\1\3run\0\0" + code
    called = b"\2\x09\1\3env\1f\0\0"
    with pytest.raises(ToolError, match="did not write an object file"):
        module_of_object(b"ELF", "run")
    for wrong in (called + function + code, memory + b"\3\3\2\0\0" + code):
        with pytest.raises(ToolError, match="a module of one kernel"):
            module_of_object(HEADER + kind + wrong, "run")
