"""Advice in words of the command line: messages of the package name methods, which here become commands.

What has no command is done in a file, or in Python, and says so. Every text for people that comes from the package goes
through `in_commands`.
"""

import re
from typing import Final

_ARGUMENTS = r"(?:\((?:[^()]|\([^()]*\))*\))"

_COMMANDS: Final[tuple[tuple[str, str], ...]] = (
    (r"conn\.run\(\) or ws\.resume\(run_id\)", "`cdpkit run CONNECTION` or `cdpkit resume RUN_ID`"),
    (r"ws\.(resume|undo)\(['\"]([\w-]+)['\"]\)", r"`cdpkit \1 \2`"),
    (r"ws\.(resume|undo)\(run_id\)", r"`cdpkit \1 RUN_ID`"),
    (r"ws\.runs\b", "`cdpkit runs`"),
    (r"conn\.check\(\)", "`cdpkit check CONNECTION`"),
    (r"conn\.preview\(\)", "`cdpkit preview CONNECTION`"),
    (r"conn\.run\(\)", "`cdpkit run CONNECTION`"),
    (r"conn\.enable\(\)", "enabled = true in its file"),
    (r"conn\.goals\.add\(\.\.\.\)", "[[goals]] in its file"),
    (r"ws\.(?:connect|connections\.add)\(vendor, name=name\)", "a file in the folder connections"),
    (r"ws\.segments\.add" + _ARGUMENTS, "a line below [segments] in cdpkit.toml"),
    (r"ws\.properties\.add" + _ARGUMENTS, "[[properties]] in cdpkit.toml"),
    (r"ws\.objectives\.add" + _ARGUMENTS, "a table below [objectives] in cdpkit.toml"),
    (r"cdpkit\.create" + _ARGUMENTS, "`cdpkit init PATH`"),
    (r"cdpkit\.open" + _ARGUMENTS, "--workspace PATH"),
    (r"\bforce=True", "--force"),
    (r"\bfull=True", "--full"),
    (r"\bresend_in_doubt=True", "--resend-in-doubt"),
)
METHOD = re.compile(r"(?<![\w`.])(?:ws|conn)\.\w+(?:\.\w+)*" + _ARGUMENTS + "?")
"""What is left: a method without a command."""


def in_commands(text: str) -> str:
    """A message of the package as the command line says it."""
    for method, command in _COMMANDS:
        text = re.sub(method, command, text)
    return METHOD.sub(r"\g<0> in Python", text)
