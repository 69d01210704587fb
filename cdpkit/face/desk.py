"""Where a view's state lies: what the browser is to draw, and what its messages do. Knows no widget and no kernel.

Messages may come in any thread, beside the cell that runs: every one is carried out under a lock, and nothing else
changes the state.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import RLock
from typing import Any, ClassVar, TypeVar

from cdpkit.errors import CdpkitError
from cdpkit.face.table import Table
from cdpkit.face.work import Finish, Job, Work

Drawn = dict[str, Any]
"""What the browser draws: plain data that JSON can hold, with no secret in it."""
Show = Callable[[Drawn], None]
Say = Callable[[Mapping[str, Any]], None]
Method = TypeVar("Method", bound=Callable[..., None])

_LOOKERS = 8
"""So many front ends are told which of their messages were heard."""
_HEARD, _CHANGES, _ANSWERS = "_heard", "changes", "answers"


def heard(method: Method) -> Method:
    """A method that the browser may call by its name, `send({do: "name", ...})`, with its arguments by name."""
    setattr(method, _HEARD, _CHANGES)
    return method


def answers(method: Method) -> Method:
    """As `heard`, for one that changes nothing, and says something instead of having the view drawn again."""
    setattr(method, _HEARD, _ANSWERS)
    return method


class Desk:
    """A view's state.

    A subclass gives `view`, and methods that are `heard`. After each of them the view is shown anew. An error of ours
    that comes out of one is shown as `failed`, and goes with the next message.
    """

    _handlers: ClassVar[Mapping[str, Callable[..., None]]] = {}

    def __init_subclass__(cls) -> None:
        found = {name: getattr(cls, name) for name in dir(cls) if not name.startswith("__")}
        cls._handlers = {name: method for name, method in found.items() if hasattr(method, _HEARD)}

    def __init__(self) -> None:
        self._lock = RLock()
        self._seq = 0
        self._failed = ""
        self._last: Drawn | None = None
        self._heard = dict[str, int]()
        self._show: list[Show] = []
        self._say: list[Say] = []
        self._tables = dict[str, Table]()
        self._versions = dict[str, int]()
        self.work = Work(self._changed)

    def view(self) -> Drawn:
        """What the browser draws, but for `seq`, `failed`, `heard` and `work`, which every view has."""
        raise NotImplementedError

    def drawn(self) -> Drawn:
        """What the browser draws now; where that cannot be told, what it drew last, and why."""
        with self._lock:
            said = self._seen()
            failed = "\n".join(filter(None, (self._failed, said)))
            state = {"seq": self._seq, "failed": failed, "heard": self._heard, "work": self.work.drawn()}
            return {**(self._last or {}), **state}

    def _seen(self) -> str:
        """See anew what there is to draw; returns why that cannot be, which is raised where nothing was drawn yet.

        What is at work draws from its own thread, where nobody would hear of an error.
        """
        try:
            self._last = self.view()
        except Exception as error:
            if self._last is None:
                raise
            why = str(error) if isinstance(error, CdpkitError) else f"this should not have happened: {_kind(error)}"
            return f"What is shown is as it was before: {why}"
        return ""

    def within(self, outer: "Desk") -> None:
        """Be a part of another view: whoever holds one of both holds both, so that neither waits for the other."""
        self._lock = outer._lock  # noqa: SLF001 - it is a desk too

    def once_known(self, tell: Callable[[], None]) -> None:
        """Call something once all is known that there is to tell: here that is now."""
        tell()

    def join(self, show: Show, say: Say) -> None:
        """Let a front end look on.

        Args:
            show: Is given what is to be drawn, each time it has changed. It may be kept in a saved notebook.
            say: Is given messages that are kept nowhere, such as rows of a table.
        """
        self._show.append(show)
        self._say.append(say)
        show(self.drawn())

    def hear(self, message: object) -> None:
        """Carry out a message of the browser; one that is none is left alone.

        A browser numbers its messages and says by whom they are, so that it can tell from what is shown which of them
        have been heard: what somebody has just clicked is not drawn as it was before.
        """
        if not isinstance(message, Mapping):
            return
        given = {str(name): value for name, value in message.items()}
        by, number = given.pop("_by", None), given.pop("_n", None)
        if isinstance(by, str) and isinstance(number, int):
            self._heard = {by: number, **{each: n for each, n in self._heard.items() if each != by}}
            self._heard = dict([*self._heard.items()][:_LOOKERS])
        self.carry_out(given)

    def carry_out(self, given: dict[str, Any]) -> None:
        """Carry out what a message says."""
        method = self._handlers.get(str(given.pop("do", "")))
        if method is None or not _fits(method, given):
            return
        if getattr(method, _HEARD) == _ANSWERS:
            with self._lock:
                method(self, **given)
            return
        with self.changing():
            method(self, **given)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Change the state: alone, and what is drawn is shown afterwards."""
        with self._lock:
            self._failed = ""
            try:
                yield
            except CdpkitError as error:
                self._failed = str(error)
            except KeyboardInterrupt as error:  # what was at work has heard of the Stop
                self._failed = str(error) or "Stopped."
            except BaseException as error:
                self._failed = f"this should not have happened: {_kind(error)}"
                raise
            finally:
                self._changed()

    def start(self, name: str, job: Job, finish: Finish) -> None:
        """Do what takes long in a thread of its own, one at a time.

        Args:
            name: What it is, for people.
            job: Is given a `Stop`, and what it tells how far it is with.
            finish: Is given what the job returned, under the lock; an error of ours is shown instead.
        """

        def end(result: Callable[[], Any]) -> None:
            with self.changing():
                finish(result())

        self.work.start(name, job, end)

    @heard
    def stop(self) -> None:
        """Stop what is at work."""
        self.work.stop()

    @answers
    def window(self, table: str, asked: int, start: int, n: int, sort: str, down: bool, where: dict[str, Any]) -> None:
        """Send rows of a table, as a message that is kept nowhere; `asked` tells a late answer from the last one."""
        if table in self._tables:
            rows = self._tables[table].window(start, n, sort=sort, down=down, where=where)
            self.say({"say": "window", "table": table, "asked": asked, "start": start, **rows})

    def offer(self, name: str, table: Table) -> Drawn:
        """Have a table ready for windows, in the place of an earlier one; returns what the view says of it."""
        if self._tables.get(name) is not table:
            self._tables[name] = table
            self._versions[name] = self._versions.get(name, 0) + 1
        return {"table": name, "version": self._versions[name], **table.head()}

    def say(self, message: Mapping[str, Any]) -> None:
        """Send something to the browser that is kept nowhere."""
        for say in self._say:
            say(message)

    def _changed(self) -> None:
        with self._lock:
            self._seq += 1
            drawn = self.drawn()
            for show in self._show:
                show(drawn)


def _kind(error: BaseException) -> str:
    """What kind of error it is; its words may have a person's value in them."""
    return type(error).__name__


def _fits(method: Callable[..., None], given: Mapping[str, Any]) -> bool:
    try:
        inspect.signature(method).bind(None, **given)
    except TypeError:
        return False
    return True
