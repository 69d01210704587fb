"""What a run keeps on disk while it is at work, so that it goes on where it was when it is killed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from cdpkit.errors import CdpkitError
from cdpkit.kit.effects import Call, Effect, Effects, Keep, Together
from cdpkit.place import Place
from cdpkit.place.sealed import sealed
from cdpkit.runs.kept import kept_json

T = TypeVar("T")

RUNS_FOLDER = "runs"


def run_folder(root: Place, run_id: str) -> Place:
    """Where a run keeps what it fetches and plans."""
    return root / RUNS_FOLDER / run_id


@dataclass(frozen=True, slots=True)
class GoalFolder:
    """The folder of one goal of a run: how far a pull is, the plan of an export and its journal.

    Attributes:
        path: The folder; pages are in it.
        prefix: Its place below the folder of the run.
    """

    path: Place
    prefix: str

    @classmethod
    def of(cls, root: Place, run_id: str, nth: int) -> "GoalFolder":
        """The folder of the nth goal."""
        return cls(run_folder(root, run_id) / str(nth), f"{nth}/")

    def below(self, name: str) -> "GoalFolder":
        """A folder in it."""
        return GoalFolder(self.path / name, f"{self.prefix}{name}/")

    def read(self, name: str) -> Any:
        """What was kept under a name; None where nothing was.

        Raises:
            KeptError: It is damaged, and was put aside.
        """
        return kept_json(self.path / name)

    def keep(self, name: str, value: Mapping[str, Any]) -> None:
        """Keep a value under a name, whole or not at all."""
        (self.path / name).write([sealed(value)])


def remove_run_folder(root: Place, run_id: str) -> None:
    """Remove what a run kept."""
    run_folder(root, run_id).delete()


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
        return Together(tuple(_page_named(call, prefix) for call in effect.effects))
    return _page_named(effect, prefix) if isinstance(effect, Call) else effect


def _page_named(call: Call, prefix: str) -> Call:
    return call if call.page is None else replace(call, page=f"{prefix}{call.page}")
