"""The import rules of docs/developer/architecture.md, and what else holds the house together."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDERS = ("ganglion", "model", "hdl", "sim", "fpga", "web")
SOURCES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
LIBRARY = [path for path in SOURCES if path.parent != ROOT / "ganglion"]
"""All but the command line."""

MAY_IMPORT = {
    "ganglion.model.spec": {"ganglion.model.spec"},
    "ganglion.model": {"ganglion.model"},
    "ganglion.hdl": {"ganglion.hdl", "ganglion.model.spec"},
    "ganglion.hdl.lib": {"ganglion.hdl.lib", "ganglion.model.spec"},
    "ganglion.hdl.router": {"ganglion.hdl.router", "ganglion.hdl.lib", "ganglion.model.spec"},
    "ganglion.hdl.access": {"ganglion.hdl.access", "ganglion.hdl.lib", "ganglion.model.spec"},
    "ganglion.hdl.deliver": {"ganglion.hdl.deliver", "ganglion.hdl.access", "ganglion.hdl.lib", "ganglion.model.spec"},
    "ganglion.hdl.update": {"ganglion.hdl.update", "ganglion.hdl.access", "ganglion.hdl.lib", "ganglion.model.spec"},
    "ganglion.hdl.learn": {
        "ganglion.hdl.learn",
        "ganglion.hdl.deliver",
        "ganglion.hdl.update",
        "ganglion.hdl.access",
        "ganglion.hdl.lib",
        "ganglion.model.spec",
    },
    "ganglion.sim": {"ganglion.sim", "ganglion.model", "ganglion.hdl"},
    "ganglion.fpga": {"ganglion.fpga", "ganglion.hdl", "ganglion.sim", "ganglion.model"},
    "ganglion.web.playground": {"ganglion.web.playground", "ganglion.model"},
    "ganglion.web.portal": {
        "ganglion.__version__",
        "ganglion.web.portal",
        "ganglion.jobs",
        "ganglion.fpga",
        "ganglion.sim",
        "ganglion.model",
    },
    "ganglion.jobs": {
        "ganglion.__version__",
        "ganglion.jobs",
        "ganglion.web",
        "ganglion.fpga",
        "ganglion.hdl",
        "ganglion.sim",
        "ganglion.model",
    },
    "ganglion": {"ganglion"},
}
"""Whom each package may import; the longest name that fits a module counts."""

HDL_MAY_KNOW = {
    "errors",
    "fields",
    "formats",
    "learning_fields",
    "learning_memories",
    "memories",
    "noise_constants",
    "packets",
    "params",
    "registers",
}
"""Modules of `model.spec` that the chip may use: what is declared, never what is computed."""

BUILDS = {"build", "header"}
"""Modules of `sim` that may import the chip."""


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts if parts[0] == "ganglion" else ("ganglion", *parts))
    return name.removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """Everything a file imports, as full module names (of `from a import b`: a.b)."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports do not read like paths"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def violations(module: str, imported: str) -> str | None:
    """Why a module may not import something, or None where it may."""
    if imported.split(".")[0] in FOLDERS[1:]:
        return "our folders are imported as ganglion.*"
    if not imported.startswith("ganglion"):
        return None
    package = max((p for p in MAY_IMPORT if f"{module}.".startswith(f"{p}.")), key=len)
    if not any(f"{imported}.".startswith(f"{allowed}.") for allowed in MAY_IMPORT[package]):
        return f"{package} may import {', '.join(sorted(MAY_IMPORT[package]))} only"
    if package.startswith("ganglion.hdl") and imported.startswith("ganglion.model.spec."):
        known = imported.removeprefix("ganglion.model.spec.").split(".")[0]
        if known not in HDL_MAY_KNOW:
            return "the chip knows what is declared in the specification, and must not borrow the answer"
    if package == "ganglion.sim" and imported.startswith("ganglion.hdl") and module.split(".")[-1] not in BUILDS:
        return f"in sim only {', '.join(sorted(BUILDS))} import the chip"
    return None


def test_imports_keep_the_rules() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {imported}: {why}"
        for path in SOURCES
        for imported in imports(path)
        if (why := violations(module_of(path), imported))
    ]
    assert not wrong, "\n".join(wrong)


def speech(source: str) -> list[str]:
    """What a file says to people by itself: calls of `print`, and all of rich but its tables and texts."""
    said = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            said.append(f"line {node.lineno} prints")
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            said += [f"line {node.lineno} imports {name}" for name in names if name and name.split(".")[0] == "rich"]
    return [words for words in said if not words.endswith(("rich.table", "rich.text"))]


def test_only_the_command_line_prints() -> None:
    said = [f"{path.relative_to(ROOT)}: {words}" for path in LIBRARY for words in speech(path.read_text())]
    assert not said, "library code tells a `Progress`, and hands back what a job shows:\n" + "\n".join(said)


def test_the_rules_see_what_they_forbid() -> None:
    assert speech("from rich.progress import Progress") == ["line 1 imports rich.progress"]
    assert speech("import rich.console") and speech("import rich") and speech("print(1)")
    assert not speech("from rich.table import Table\nself.print(1)\nimport richer")
    assert violations("ganglion.hdl.core", "ganglion.model.spec.reference.Reference")
    assert violations("ganglion.model.spec.trace", "ganglion.model.compiler.image")
    assert violations("ganglion.model.compiler.pack.encode", "ganglion.hdl.core")
    assert violations("ganglion.sim.rtl", "ganglion.hdl.core")
    assert violations("ganglion.hdl.core", "model.spec.params")
    assert violations("ganglion.hdl.lib.streams", "ganglion.hdl.core")
    assert violations("ganglion.hdl.router.router", "ganglion.hdl.lane")
    assert violations("ganglion.hdl.lib.arith", "ganglion.model.spec.arithmetic")
    assert not violations("ganglion.hdl.core", "ganglion.hdl.router.router")
    assert not violations("ganglion.sim.build", "ganglion.hdl.verilog")
    for module in ("ganglion.model.lockstep", "ganglion.sim.verify", "ganglion.fpga.report"):
        assert violations(module, "ganglion.jobs.run"), "the front door: nothing behind it comes back out"
    assert violations("ganglion.jobs.run", "ganglion.cli.show")
    assert not violations("ganglion.jobs.run", "ganglion.fpga.host.board.Board")


def test_the_package_is_the_folders_of_the_house() -> None:
    """Tools that read an import as a path (type checkers, editors, setuptools) find `ganglion.model`."""
    links = {folder: ROOT / "ganglion" / folder for folder in FOLDERS[1:]}
    assert not [name for name, link in links.items() if not link.is_symlink() or link.resolve() != ROOT / name]
