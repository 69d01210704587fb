"""Advice in the words of the command line.

Messages say what to do in Python, as a call: `ws.segments.add('gold', where)`. They are raised by rooms that know of no
commands, and Python's calls can be read by a program; so this is the one place where a call becomes a command:
`cdpkit segments define gold WHERE`. What no command does is said to be Python.
"""

import ast
import json
import re
import shlex
from collections.abc import Iterator, Mapping

_FILE = "connections/NAME.toml"

CALLS: Mapping[str, str] = {
    "cdpkit.create": "`cdpkit init {}`",
    "cdpkit.open": "`--workspace {}`",
    "ws.runs": "`cdpkit runs`",
    "ws.run": "`cdpkit runs`",
    "ws.resume": "`cdpkit resume {}`",
    "ws.undo": "`cdpkit undo {}`",
    "ws.load": "`cdpkit load {}`",
    "ws.preview_load": "`cdpkit load {} --preview`",
    "ws.peek": "`cdpkit peek {}`",
    "ws.sql": "`cdpkit sql {}`",
    "ws.verify": "`cdpkit verify`",
    "ws.profiles": "`cdpkit profiles`",
    "ws.segments": "`cdpkit segments`",
    "ws.segments.frame": "`cdpkit segments`",
    "ws.segments.add": "`cdpkit segments define {}`",
    "ws.segments.change": "`cdpkit segments define {}`",
    "ws.segments.define": "`cdpkit segments define {}`",
    "ws.properties": "`cdpkit properties`",
    "ws.properties.frame": "`cdpkit properties`",
    "ws.properties.add": "`cdpkit properties add {}`",
    "ws.groups.define": "`cdpkit groups define {}`",
    "conn.check": "`cdpkit check CONNECTION`",
    "conn.preview": "`cdpkit preview CONNECTION`",
    "conn.run": "`cdpkit run CONNECTION {}`",
    "conn.enable": "`cdpkit connections change CONNECTION --on`",
    "conn.status": "`cdpkit connections show CONNECTION`",
    "conn.goals.activate": "`cdpkit goals on CONNECTION {}`",
    "conn.goals.rename": "`cdpkit goals rename CONNECTION {}`",
    "conn.goals.remove": "`cdpkit goals remove CONNECTION {}`",
    "conn.login": "`cdpkit login CONNECTION`",
    "conn.reset_login": "`cdpkit login CONNECTION --reset`",
    "conn.goals.add": f"a table [[goals]] in {_FILE} (`cdpkit manual goals`)",
    "ws.connect": f"a file {_FILE} (`cdpkit manual connections`)",
    "ws.connections.change": f"an editor, in {_FILE}",
}
"""What to do instead of a call, with `{}` where its arguments stand."""

OPTIONS: Mapping[str, str] = {
    "force": "--force",
    "full": "--full",
    "reimport": "--reimport",
    "resend_in_doubt": "--resend-in-doubt",
    "create_profiles": "--create",
    "on_multiple_matches": "--on-multiple-matches",
    "goal": "--goal",
    "processors": "--processor",
    "identifiers": "--id",
    "type": "--type",
    "identifier": "--identifier",
    "pii": "--pii",
    "read": "--read",
    "allow": "--allow",
    "multi": "--multi",
    "link": "--link",
    "properties": "--property",
}
"""Arguments that stand for themselves in a message, such as `force=True`."""

_CALL = re.compile(r"`?\b((?:ws|conn|cdpkit)(?:\.[a-z_]+)+)")
_OPTION = re.compile(rf"\b({'|'.join(OPTIONS)})=(?=[\[{{'\"TF\d])")
_NOT_CALLS = ("cdpkit.toml", "cdpkit.errors")


def in_commands(text: str) -> str:
    """A message with commands in the place of calls."""
    return "".join(_options(_calls(text)))


def _calls(text: str) -> str:
    out, at = [], 0
    while found := _CALL.search(text, at):
        name, end = found[1], found.end()
        call, end = (text[end : _closing(text, end)], _closing(text, end)) if text[end : end + 1] == "(" else ("", end)
        if name in _NOT_CALLS:
            said = found[0] + call
        else:
            begins = found[0].startswith("`")
            end += begins and text[end : end + 1] == "`"
            said = _command(name, call)
        out += [text[at : found.start()], said]
        at = end
    return "".join([*out, text[at:]])


def _command(name: str, call: str) -> str:
    """What stands for a call; the call itself, said to be Python, where no command does that."""
    if name not in CALLS:
        return f"{name}{call} in Python"
    return re.sub(r" +(?=`)", "", CALLS[name].format(" ".join(_arguments(call))))


def _arguments(call: str) -> Iterator[str]:
    """The arguments of a call as a shell takes them: names that stand for something in capitals, dots left out."""
    read = _parsed(f"f{call}") if call else None
    if not isinstance(read, ast.Call):
        return
    for argument in read.args:
        match argument:
            case ast.Constant(value=str(text)):
                yield shlex.quote(text)
            case ast.Name(id=name):
                yield name.upper()
    for keyword in read.keywords:
        if keyword.arg is not None and keyword.arg in OPTIONS:
            yield from _option(keyword.arg, keyword.value)


def _options(text: str) -> Iterator[str]:
    """Arguments that stand alone, such as `force=True`, as options."""
    at = 0
    while found := _OPTION.search(text, at):
        value = _value(text, found.end())
        read = _parsed(value)
        if read is None:
            yield text[at : found.end()]
            at = found.end()
            continue
        yield text[at : found.start()] + " ".join(_option(found[1], read))
        at = found.end() + len(value)
    yield text[at:]


def _value(text: str, start: int) -> str:
    """The value that begins at `start`: a list or a mapping whole, with what lies in it."""
    if text[start : start + 1] in ("[", "{"):
        return text[start : _closing(text, start)]
    word = re.compile(r"'[^']*'|\"[^\"]*\"|\w+").match(text, start)
    return word[0] if word else ""


def _option(name: str, value: ast.expr) -> Iterator[str]:
    """An argument as an option: a flag, one with a value, or one for each part of a list or a mapping."""
    option = OPTIONS[name]
    match value:
        case ast.Constant(value=True):
            yield option
        case ast.Constant(value=False):
            yield f"--no-{option.removeprefix('--')}"
        case ast.Constant(value=plain):
            yield f"{option} {shlex.quote(str(plain))}"
        case ast.List(elts=parts):
            yield from (f"{option} {shlex.quote(_said(part))}" for part in parts)
        case ast.Dict(keys=keys, values=values):
            pairs = ((key, part) for key, each in zip(keys, values, strict=True) if key for part in _parts(each))
            yield from (f"{option} {shlex.quote(f'{_said(key)}={_said(part)}')}" for key, part in pairs)


def _parts(value: ast.expr) -> list[ast.expr]:
    """Those of a list, which is given as an option for each; anything else alone."""
    return value.elts if isinstance(value, ast.List | ast.Tuple) else [value]


def _said(value: ast.expr) -> str:
    """A text as it is, anything else as JSON."""
    try:
        plain = ast.literal_eval(value)
    except ValueError:
        return ast.unparse(value)
    return plain if isinstance(plain, str) else json.dumps(plain)


def _parsed(code: str) -> ast.expr | None:
    try:
        return ast.parse(code, mode="eval").body
    except SyntaxError:
        return None


def _closing(text: str, start: int) -> int:
    """Behind the bracket that closes the one at `start`; brackets inside quotes do not count."""
    depth, quote = 0, ""
    for at in range(start, len(text)):
        sign = text[at]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
            if not depth:
                return at + 1
    return len(text)
