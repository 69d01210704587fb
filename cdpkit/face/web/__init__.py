"""What runs in the browser: plain modules, joined as they import each other, and their styles.

A front end loads one module for a widget, so that the modules that a view needs are written behind each other, each
once and in a scope of its own, those that are imported first. `style.css` is for all views; a module may have a style
sheet of its own that is called like it. Several views stand in one page, so that each has its styles for itself: they
are of what lies in `.cdp.cdp-in-NAME` alone. Comments and what indents lines are not sent. No file here may hold a text
over several lines.
"""

import base64
import gzip
import re
from functools import cache
from importlib.resources import files

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./([\w-]+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:function|const|class) (\w+))", re.MULTILINE)
_DEFAULT = re.compile(r"^export default (.+);$", re.MULTILINE)
_COMMENT = re.compile(r"^ *(//[^\n]*|/\*.*?\*/)\n", re.MULTILINE | re.DOTALL)
_ROOT = re.compile(r"\.cdp(?![\w-])")
"""The node in which a view is drawn."""
_VIEW = "cdp-in-VIEW"
"""The class of the node of one view; modules have it as it stands here."""
_OWN = re.compile(r"(^ *|, |\} )((?:button)?\.cdp-)", re.MULTILINE)
"""Where a selector begins: what is ours counts more than what a front end says of all buttons and lists."""
_AROUND = re.compile(r" *([{};,>]) *\n?")
"""Blanks in a style sheet that say nothing; beside other signs they do."""
_INDENT = re.compile(r"^[ \t]+|\n(?=\n)", re.MULTILINE)


_UNPACK = """\
const bytes = Uint8Array.from(atob("PACKED"), (sign) => sign.charCodeAt(0));
const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
const url = URL.createObjectURL(new Blob([await new Response(stream).text()], { type: "text/javascript" }));
const made = await import(url);
URL.revokeObjectURL(url);
export default made.default;
"""


@cache
def module(name: str) -> str:
    """A module with all that it imports, as one."""
    scopes: dict[str, str] = {}
    _scope(name, scopes)
    text = "".join(scopes.values()).replace(_VIEW, _VIEW.replace("VIEW", name))
    return f"{text}export default {_called(name)}.standard;\n"


@cache
def packed(name: str) -> str:
    """The same module, a third as long: it unpacks itself, so that less is sent, and kept in saved notebooks."""
    text = base64.b64encode(gzip.compress(module(name).encode(), mtime=0)).decode()
    return _UNPACK.replace("PACKED", text)


@cache
def style(name: str) -> str:
    """The styles of a module and of all that it imports."""
    scopes: dict[str, str] = {}
    _scope(name, scopes)
    own = (f"{each}.css" for each in scopes if files(__name__).joinpath(f"{each}.css").is_file())
    text = "".join(_AROUND.sub(r"\1", _bare(_OWN.sub(r"\1.cdp \2", _read(each)))) for each in ["style.css", *own])
    return _ROOT.sub(f".cdp.{_VIEW.replace('VIEW', name)}", text)


def _scope(name: str, scopes: dict[str, str]) -> None:
    """Write the scopes of what a module needs, then its own: a function that gives what it exports."""
    if name in scopes:
        return
    text = _bare(_read(f"{name}.js"))
    for _, needed in _IMPORT.findall(text):
        _scope(needed, scopes)
    given = _EXPORT.findall(text)
    text = _IMPORT.sub(lambda found: f"const {found[1]} = {_called(found[2])};", _EXPORT.sub("", text))
    text, standard = _DEFAULT.subn(r"const standard = \1;", text)
    shared = ", ".join([*given, *(["standard"] if standard else [])])
    scopes[name] = f"const {_called(name)} = (() => {{\n{text}return {{ {shared} }};\n}})();\n"


def _called(name: str) -> str:
    return f"of_{name.replace('-', '_')}"


def _bare(text: str) -> str:
    return _INDENT.sub("", _COMMENT.sub("", text))


def _read(name: str) -> str:
    return files(__name__).joinpath(name).read_text("utf-8")
