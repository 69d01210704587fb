"""What a run keeps on disk while it is at work, so that it goes on where it was when it is killed."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from cdpkit.errors import CdpkitError
from cdpkit.kit.effects import Effect, Effects, Http, Keep, Together

T = TypeVar("T")

RUNS_FOLDER = "runs"


def run_folder(root: Path, run_id: str) -> Path:
    """Where a run keeps what it fetches and plans."""
    return root / RUNS_FOLDER / run_id


@dataclass(frozen=True, slots=True)
class GoalFolder:
    """The folder of one goal of a run: how far a pull is, the plan of an export and its journal.

    Attributes:
        path: The folder; pages are in it.
        prefix: Its place below the folder of the run.
    """

    path: Path
    prefix: str

    @classmethod
    def of(cls, root: Path, run_id: str, nth: int) -> "GoalFolder":
        """The folder of the nth goal, made where it is not there yet."""
        folder = cls(run_folder(root, run_id) / str(nth), f"{nth}/")
        folder.path.mkdir(parents=True, exist_ok=True)
        return folder

    def below(self, name: str) -> "GoalFolder":
        """A folder in it."""
        folder = GoalFolder(self.path / name, f"{self.prefix}{name}/")
        folder.path.mkdir(exist_ok=True)
        return folder

    def read(self, name: str) -> Any:
        """What was kept under a name; None where nothing was."""
        path = self.path / name
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def keep(self, name: str, value: Mapping[str, Any]) -> None:
        """Keep a value under a name, whole or not at all."""
        written = self.path / f".{name}"
        with written.open("w", encoding="utf-8") as file:
            json.dump(value, file)
            file.flush()
            os.fsync(file.fileno())
        written.replace(self.path / name)


def remove_run_folder(root: Path, run_id: str) -> None:
    """Remove what a run kept."""
    shutil.rmtree(run_folder(root, run_id), ignore_errors=True)


def kept_in(effects: Effects[T], folder: GoalFolder) -> Effects[T]:
    """The same effects, with their pages and the state of the last `Keep` (`state.json`) in the folder of the goal."""
    reply: Any = None
    while True:
        try:
            effect = effects.send(reply)
        except StopIteration as end:
            result: T = end.value
            return result
        while True:
            if isinstance(effect, Keep):
                folder.keep("state.json", effect.state)
                reply = None
                break
            try:
                reply = yield _named(effect, folder.prefix)
                break
            except CdpkitError as error:
                try:
                    effect = effects.throw(error)
                except StopIteration as end:
                    ended: T = end.value
                    return ended


def _named(effect: Effect, prefix: str) -> Effect:
    if isinstance(effect, Together):
        return Together(tuple(_page_named(http, prefix) for http in effect.effects))
    return _page_named(effect, prefix) if isinstance(effect, Http) else effect


def _page_named(http: Http, prefix: str) -> Http:
    return http if http.page is None else replace(http, page=f"{prefix}{http.page}")
