"""The documentation as a site, which `make docs` builds: these pages, and an API reference from the docstrings."""

import inspect
import re
import sys
from types import ModuleType
from typing import Any

import numpy.typing as npt
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx
from sphinx.ext.napoleon import Config, GoogleDocstring
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.typing import stringify_annotation

import ganglion

project = "Ganglion"
author = "The Ganglion authors"
project_copyright = author
release = version = ganglion.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary"]
root_doc = "index"
exclude_patterns = ["generate"]
templates_path = ["_templates"]

html_theme = "furo"
html_title = f"Ganglion {version}"

myst_heading_anchors = 4  # links to headings are written as GitHub makes them
nb_execution_mode = "force"
nb_execution_in_temp = True  # what a tutorial writes is no page
nb_execution_raise_on_error = True
nb_execution_timeout = 300

autosummary_ignore_module_all = False
autodoc_default_options = {
    "members": True,
    "imported-members": True,
    "undoc-members": True,
    "inherited-members": "BaseException, Enum, Generic, int, Module, object, Protocol, str, tuple",  # but not of these
}
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
highlight_language = "none"
smartquotes_action = "D"  # dashes alone: quotes are often those of code
default_role = "code"  # docstrings mark code as Markdown does


def constants_of(module: ModuleType) -> list[str]:
    """Names that a module has from elsewhere, and that are no class, function or module: autodoc leaves these out."""
    known = {name for _, name in ModuleAnalyzer.for_module(module.__name__).find_attr_docs()}
    known |= set() if module is ganglion else set(ganglion.__all__)
    return [name for name in module.__all__ if name not in known and not is_code(getattr(module, name))]


def is_code(thing: object) -> bool:
    return inspect.isclass(thing) or inspect.isroutine(thing) or inspect.ismodule(thing)


modules = [ganglion, *(thing for name in ganglion.__all__ if inspect.ismodule(thing := getattr(ganglion, name)))]
autosummary_context = {"constants": {module.__name__: constants_of(module) for module in modules}}

ARRAY = re.compile(r"~numpy\.ndarray\[tuple\[~typing\.Any, \.\.\.\], ~numpy\.dtype\[~numpy\.(\w+)\]\]")
ARRAY_LIKE = stringify_annotation(npt.ArrayLike, "smart")


def name_arrays(_: Sphinx, __: str, ___: str, ____: Any, _____: Any, *texts: str | None) -> tuple[str | None, ...]:
    """The aliases of NumPy in place of what they stand for, in arguments and in what is returned."""
    return tuple(text and ARRAY.sub(r"NDArray[\1]", text.replace(ARRAY_LIKE, "ArrayLike")) for text in texts)


def leave_to_the_front_door(app: Sphinx, what: str, name: str, *_: Any) -> bool | None:
    """Each thing is documented once: what `ganglion` has itself is skipped in its modules."""
    module = app.env.current_document.autodoc_module
    return True if what == "module" and module != "ganglion" and name in ganglion.__all__ else None


def point_to_the_front_door(_: Sphinx, what: str, name: str, module: Any, __: Any, lines: list[str]) -> None:
    """A module says which of its names it has from there."""
    if what == "module" and name != "ganglion":
        shared = [f":py:obj:`ganglion.{known}`" for known in module.__all__ if known in ganglion.__all__]
        lines.extend([f"Also here: {', '.join(shared)}."] if shared else [])


def fetch_comment(_: Sphinx, what: str, name: str, thing: Any, __: Any, lines: list[str]) -> None:
    """A constant has its docstring, the string behind it, in the module that defines it."""
    constant = name.rpartition(".")[2]
    for module in [m for m in sys.modules if m.startswith("ganglion.") and what == "data"]:
        if getattr(sys.modules[module], constant, None) is thing:
            comments = ModuleAnalyzer.for_module(module).find_attr_docs()
            if ("", constant) in comments:
                lines[:] = comments["", constant]


FULL_NAME = re.compile(r"(?<![`:\w])`(ganglion\.[\w.]+)`(?!`)")


def link_names(_: Sphinx, __: str, ___: str, ____: Any, _____: Any, lines: list[str]) -> None:
    """A full name leads to where the thing is documented, and shows as its last part."""
    lines[:] = [FULL_NAME.sub(r":py:obj:`~\1`", line) for line in lines]


def read_sections(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Args, Raises and the like; not of attributes, where Napoleon takes what is before a colon for a type."""
    if what not in ("attribute", "data", "property"):
        config = Config(napoleon_use_rtype=False)
        lines[:] = GoogleDocstring(lines, config, app, what, name, thing, options).lines()


def setup(app: Sphinx) -> None:
    app.add_lexer("points", TextLexer)  # the list of cover points, which a test finds by this word
    app.connect("autodoc-process-signature", name_arrays)
    app.connect("autodoc-skip-member", leave_to_the_front_door)
    app.connect("autodoc-process-docstring", fetch_comment)
    app.connect("autodoc-process-docstring", link_names)
    app.connect("autodoc-process-docstring", read_sections)
    app.connect("autodoc-process-docstring", point_to_the_front_door)
