"""Mutants of Python: one node of a function's syntax tree is another one."""

import ast
import copy
import random
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CodeType

SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
"""Operators, and what each of them becomes."""

RENAMED = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "all": "any", "any": "all"}
"""Functions, and what each of them becomes."""

PASSED_OVER = (ast.Raise, ast.JoinedStr, ast.Assert)
"""What is in these is no behaviour: messages (a wrong one is for other tests), and what the code claims of itself."""

WITHOUT_EFFECT = {
    "advance": "tells how far something is",
    "task": "tells how far something is",
    "prefetch": "asks for a cache line",
    "fetch_row": "asks for cache lines",
}
"""Functions whose calls, with their arguments, and bodies are passed over, since no result depends on them, and why."""

CLAIMS = {"strict"}
"""Arguments by name that are passed over: what `zip` is told to claim of its arguments holds."""


@dataclass(frozen=True)
class Change:
    """A node of a function, and what it becomes."""

    path: Path
    function: str
    """Its qualified name."""
    lines: range
    """Lines of the statement that the node is in, or of the head of a statement that has a body."""
    what: str
    """Told apart from all other changes of the function."""
    code: CodeType
    """Of the function, changed."""


def named_changes(path: Path, wanted: Collection[tuple[str, str]]) -> list[Change]:
    """Those changes of a module of which function, as in `Survivor.module`, and description are wanted."""
    tree = ast.parse(path.read_text())
    return [
        _change(path, tree, name, k, what)
        for name, function in _functions(tree)
        if any(f"{path.stem}.{name}" == place for place, _ in wanted)
        for k, what in enumerate(descriptions(function))
        if (f"{path.stem}.{name}", what) in wanted
    ]


def changes(path: Path, count: int, seed: int) -> list[Change]:
    """So many changes of a module, or all that there are, in the order of the source.

    Args:
        path: the source.
        count: how many.
        seed: of the choice.
    """
    tree = ast.parse(path.read_text())
    functions = dict(_functions(tree))
    places = [(name, k) for name, function in functions.items() for k in range(len(list(_edits(function))))]
    chosen = sorted(random.Random(f"{seed} {path.name}").sample(range(len(places)), min(count, len(places))))
    told = {name: descriptions(function) for name, function in functions.items()}
    return [_change(path, tree, name, k, told[name][k]) for name, k in (places[at] for at in chosen)]


def sites(path: Path) -> int:
    """How many changes of a module there are."""
    return sum(len(list(_edits(function))) for function in functions_of(path).values())


def functions_of(path: Path) -> dict[str, ast.FunctionDef]:
    """Functions of a module and methods of its classes, by their qualified names."""
    return dict(_functions(ast.parse(path.read_text())))


def descriptions(function: ast.FunctionDef) -> list[str]:
    """What each change of a function does: the node and what it becomes, and where that is not all, in which statement;
    of those that are still alike, which of them it is."""
    told, before = [], ast.unparse(function)
    for node, statement, edit, undo in _edits(function):
        was = _short(node)
        edit()
        what = f"`{was}` becomes `{_short(node)}`"
        undo()
        told.append(what if node is statement else f"{what} in `{_short(statement)}`")
    assert ast.unparse(function) == before, "all edits are undone"
    count, times = Counter(told), Counter[str]()
    for k, what in enumerate(told):
        times[what] += 1
        if count[what] > 1:
            told[k] = f"{what}, number {times[what]}"
    return told


def _change(path: Path, tree: ast.Module, name: str, k: int, what: str) -> Change:
    function = dict(_functions(tree))[name]
    _, statement, edit, undo = list(_edits(function))[k]
    edit()
    # The function alone, in its class: from a copy, since those that are undone have no lines of their own.
    alone: ast.stmt = copy.deepcopy(function)
    undo()
    assert isinstance(alone, ast.FunctionDef)
    alone.decorator_list = []
    for owner in reversed(name.split(".")[:-1]):
        alone = ast.ClassDef(name=owner, bases=[], keywords=[], body=[alone], decorator_list=[])
    module = ast.fix_missing_locations(ast.Module(body=[*_future(tree), alone], type_ignores=[]))
    return Change(path, name, _lines(statement), what, _code_of(compile(module, str(path), "exec"), name))


def _future(tree: ast.Module) -> list[ast.stmt]:
    """What changes how a module is compiled."""
    return [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]


def _lines(statement: ast.stmt) -> range:
    body = getattr(statement, "body", None)
    last = max(statement.lineno, body[0].lineno - 1) if body else statement.end_lineno
    return range(statement.lineno, (last or statement.lineno) + 1)


def _short(node: ast.expr | ast.stmt) -> str:
    """The source of a node, of a statement that has a body its head."""
    if not hasattr(node, "body") or isinstance(node, ast.expr):
        return ast.unparse(node)
    head = copy.copy(node)
    vars(head).update(body=[ast.Pass()], orelse=[])
    return f"{ast.unparse(head).splitlines()[0]} …"


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions of a module and methods of its classes, by their qualified names."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{part.name}", part) for part in node.body if isinstance(part, ast.FunctionDef))


def _code_of(module: CodeType, name: str) -> CodeType:
    """The code of a function, in that of its module."""
    found = module
    for part in name.split("."):
        found = next(c for c in found.co_consts if isinstance(c, CodeType) and c.co_name == part)
    return found


Edit = tuple[ast.expr | ast.stmt, ast.stmt, Callable[[], None], Callable[[], None]]
"""The node to show, the statement that it is in, what changes it in place, and what puts it back."""


def _edits(function: ast.FunctionDef) -> Iterator[Edit]:
    """All changes of a function's body, always in the same order."""
    if function.name in WITHOUT_EFFECT:
        return
    body = function.body[1:] if ast.get_docstring(function) else function.body
    for statement in body:
        yield from _of_node(statement, statement)


def _of_node(node: ast.AST, statement: ast.stmt) -> Iterator[Edit]:
    if isinstance(node, PASSED_OVER) or _is_without_effect(node):
        return
    if isinstance(node, ast.stmt):
        statement = node
    if isinstance(node, ast.expr | ast.stmt):
        for field, value in _new_fields(node):
            change, undo = (partial(setattr, node, field, each) for each in (value, getattr(node, field)))
            yield node, statement, change, undo
    for child in _children(node):
        yield from _of_node(child, statement)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Parts of a node that do something: all but types."""
    if isinstance(node, ast.AnnAssign):
        yield from [node.value] if node.value else []
    elif isinstance(node, ast.FunctionDef):
        yield from [*node.args.defaults, *node.body]
    else:
        yield from ast.iter_child_nodes(node)


def _is_without_effect(node: ast.AST) -> bool:
    if isinstance(node, ast.keyword):
        return node.arg in CLAIMS
    called = node.value if isinstance(node, ast.Expr) else node
    if not isinstance(called, ast.Call):
        return False
    name = called.func.id if isinstance(called.func, ast.Name) else getattr(called.func, "attr", "")
    return name in WITHOUT_EFFECT


def _new_fields(node: ast.expr | ast.stmt) -> Iterator[tuple[str, object]]:
    """What may become of a node: a field of it, and its new value."""
    match node:
        case ast.Compare(ops=ops):
            for k, operator in enumerate(ops):
                yield "ops", [*ops[:k], SWAPPED[type(operator)](), *ops[k + 1 :]]
        case ast.BinOp(op=operator) | ast.BoolOp(op=operator) | ast.AugAssign(op=operator):
            if type(operator) in SWAPPED:
                yield "op", SWAPPED[type(operator)]()
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            # Turned twice, since the operand may be no bool.
            yield "operand", ast.UnaryOp(ast.Not(), operand)
        case ast.UnaryOp():
            yield "op", ast.UAdd()
        case ast.IfExp(test=test) | ast.If(test=test) | ast.While(test=test):
            yield "test", ast.UnaryOp(ast.Not(), test)
        case ast.Constant(value=bool(value)):
            yield "value", not value
        case ast.Constant(value=int(value)):
            yield "value", value + 1
        case ast.Call(func=ast.Name(id=name, ctx=context)) if name in RENAMED:
            yield "func", ast.Name(RENAMED[name], context)
        case ast.Call(func=ast.Attribute(value=owner, attr=name, ctx=context)) if name in RENAMED:
            yield "func", ast.Attribute(owner, RENAMED[name], context)
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute()]):
            yield "targets", [ast.Name("_", ast.Store())]
        case ast.Expr(value=ast.Call()):
            yield "value", ast.Constant(None)
