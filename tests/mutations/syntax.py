"""Mutants of Python: one node of a function's syntax tree is another one."""

import ast
import copy
import random
from collections.abc import Callable, Iterator
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

PASSED_OVER = (ast.Raise, ast.JoinedStr, ast.Assert, ast.AnnAssign)
"""What is in these is no behaviour: messages, and types. (A wrong message is for other tests.)"""


@dataclass(frozen=True)
class Change:
    """A node of a function, and what it becomes."""

    path: Path
    function: str
    """Its qualified name."""
    line: int
    what: str
    code: CodeType
    """Of the function, changed."""


def changes(path: Path, count: int, seed: int) -> list[Change]:
    """So many changes of a module, or all that there are, in the order of the source.

    Args:
        path: the source.
        count: how many.
        seed: of the choice.
    """
    tree = ast.parse(path.read_text())
    places = [(name, k) for name, function in _functions(tree) for k in range(len(list(_edits(function))))]
    chosen = sorted(random.Random(f"{seed} {path.name}").sample(range(len(places)), min(count, len(places))))
    return [_change(path, tree, *places[k]) for k in chosen]


def sites(path: Path) -> int:
    """How many changes of a module there are."""
    return sum(len(list(_edits(function))) for _, function in _functions(ast.parse(path.read_text())))


def _change(path: Path, tree: ast.Module, name: str, k: int) -> Change:
    changed = copy.deepcopy(tree)
    function = dict(_functions(changed))[name]
    node, edit = list(_edits(function))[k]
    line, before = node.lineno, ast.unparse(node)
    edit()
    ast.fix_missing_locations(changed)
    what = f"`{_short(before)}` becomes `{_short(ast.unparse(node))}`"
    return Change(path, name, line, what, _code_of(compile(changed, str(path), "exec"), name))


def _short(source: str) -> str:
    """The first line of it."""
    first, _, more = source.partition("\n")
    return f"{first} …" if more else first


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


Edit = tuple[ast.expr | ast.stmt, Callable[[], None]]
"""The node to show, and what changes it in place."""


def _edits(function: ast.FunctionDef) -> Iterator[Edit]:
    """All changes of a function's body, always in the same order."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    for statement in body:
        yield from _of_node(statement)


def _of_node(node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, PASSED_OVER):
        return
    if isinstance(node, ast.expr | ast.stmt):
        for field, value in _new_fields(node):
            yield node, partial(setattr, node, field, value)
    for child in ast.iter_child_nodes(node):
        yield from _of_node(child)


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
