"""What the tests of README and manual have in common: the texts, their examples, and running them."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.cli.shell import commands

ROOT = Path(__file__).parents[2]
COMMANDS = sorted(commands())
FIRST_WORDS = {words.split()[0] for words in COMMANDS}


def examples(text: str, language: str = "python") -> list[str]:
    """The blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def mentioned_commands(text: str) -> set[str]:
    """The commands of `cdpkit` that a text names as code."""
    return set(re.findall(r"`cdpkit ([a-z]+)", text))


def run_examples(code: str, folder: Path) -> str:
    """Run code in a folder; returns what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
