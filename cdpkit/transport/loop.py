"""Many generators, one thread: each goes on when its answer is there."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from cdpkit.errors import CdpkitError, ConfigurationError, UnknownNameError
from cdpkit.kit.effects import Call, Effect, Effects, Keep, Reply, Tell, Together, Wait
from cdpkit.transport.interrupt import Interrupt
from cdpkit.transport.login import Badge
from cdpkit.transport.outbox import Ended, Order, Outbox
from cdpkit.transport.pages import check_name
from cdpkit.transport.stop import EVERY, Hearing

K = TypeVar("K")
T = TypeVar("T")

Step = Callable[[], Effect]
"""Goes on with a generator, up to what it asks for next."""


@dataclass(eq=False, slots=True)
class Task:
    """A generator under way; the repr holds no reply.

    Attributes:
        effects: The generator.
        done: Called with its result.
        single: Whether it asked for one call, not for several together.
        missing: How many answers it still waits for.
        given_up: How many of its calls will have none, because all ends.
        results: The answers, in the order in which it asked.
    """

    effects: Effects[Any]
    done: Callable[[Any], None]
    single: bool = True
    missing: int = 0
    given_up: int = 0
    results: list[Reply | CdpkitError | None] = field(default_factory=list, repr=False)


class Loop:
    """Runs generators to their ends.

    A task is begun only while no call waits to be sent: so the next one is ready when its moment comes, and hardly
    more is begun than can be sent.
    """

    def __init__(
        self,
        outbox: Outbox[Task],
        *,
        limits: Iterable[str],
        keep: Callable[[Mapping[str, Any]], None],
        at_once: int,
        tell: Callable[[str], None] = lambda _: None,
        hurry: float = 1.0,
        badge: Badge | None = None,
        hearing: Hearing | None = None,
    ) -> None:
        self._outbox = outbox
        self._hearing = hearing
        self._longest = EVERY if hearing is not None and hearing.stop is not None else None
        self._limits = frozenset(limits)
        self._keep = keep
        self._tell = tell
        self._at_once = at_once
        self._hurry = hurry
        self._badge = badge
        self._renewal: Task | None = None
        self._open: dict[Task, None] = {}
        self._ending = False

    def run(self, tasks: Iterable[tuple[K, Effects[T]]], done: Callable[[K, T], None]) -> None:
        """Run all of them; see `Driver.each`."""
        with Interrupt(self._outbox.wake, self._hearing) as interrupt:
            try:
                self._work((Task(effects, partial(done, key)) for key, effects in tasks), interrupt)
            except BaseException as error:
                self._end(error, interrupt)
                raise
            finally:
                self._outbox.abandon()
                for task in list(self._open):
                    self._drop(task)

    def _work(self, rest: Iterator[Task], interrupt: Interrupt) -> None:
        more = True
        while True:
            interrupt.check()
            self._outbox.dispatch()
            if self._outbox.parked and self._badge is not None and self._renewal is None:
                self._renewal = Task(self._badge.fetch(), self._renewed)
                self._begin(self._renewal)
            elif more and len(self._open) < self._at_once and not self._outbox.waiting:
                task = next(rest, None)
                if task is None:
                    more = False
                else:
                    self._begin(task)
            elif self._open:
                self._receive(self._outbox.next(self._longest))
            else:
                return

    def _end(self, error: BaseException, interrupt: Interrupt) -> None:
        """Let those go to their ends that have answers, or calls in flight; close the others."""
        self._ending = True
        given_up = self._outbox.stop(leave_reading=isinstance(error, KeyboardInterrupt))
        for task in list(self._open):
            if not task.missing:
                self._later(error, interrupt, partial(self._drop, task))
        for ended in given_up:
            self._later(error, interrupt, partial(self._receive, ended))
        while (last := self._outbox.last()) is not None:
            self._later(error, interrupt, partial(self._receive, last))

    def _later(self, error: BaseException, interrupt: Interrupt, step: Callable[[], None]) -> None:
        """Do something that must not keep the first error from being raised; only an interrupt by the user does."""
        try:
            step()
        except BaseException as later:
            if isinstance(later, KeyboardInterrupt) and interrupt.strikes:
                raise
            error.add_note(f"after that, another error came up: {type(later).__name__}")

    def _begin(self, task: Task) -> None:
        self._open[task] = None
        self._advance(task, partial(next, task.effects))

    def _renewed(self, error: CdpkitError | None) -> None:
        """There is a token now, or none can be had."""
        self._renewal = None
        for ended in self._outbox.release(error):
            self._receive(ended)

    def _receive(self, event: "Ended[Task] | Task | None") -> None:
        if isinstance(event, Task):
            self._advance(event, partial(event.effects.send, None))
        elif event is not None and event.order.owner in self._open:
            task = event.order.owner
            task.results[event.order.index] = event.result
            task.missing -= 1
            task.given_up += event.given_up
            if not task.missing:
                self._answer(task)

    def _answer(self, task: Task) -> None:
        first = task.results[0]
        if task.given_up == len(task.results):
            self._drop(task)
        elif not task.single:
            self._advance(task, partial(task.effects.send, tuple(task.results)))
        elif isinstance(first, CdpkitError):
            self._advance(task, partial(task.effects.throw, first))
        else:
            self._advance(task, partial(task.effects.send, first))

    def _advance(self, task: Task, step: Step | None) -> None:
        """Go on with a task until it has to wait, or has ended."""
        while step is not None:
            try:
                effect = step()
            except StopIteration as end:
                del self._open[task]
                result = end.value
                break
            except BaseException:
                del self._open[task]
                raise
            step = self._ask(task, effect)
        else:
            return
        task.done(result)

    def _ask(self, task: Task, effect: Effect) -> Step | None:
        """Take what a task asks for; returns how it goes on where it need not wait."""
        if isinstance(effect, Keep | Tell):
            if isinstance(effect, Keep):
                self._keep(effect.state)
            else:
                self._tell(effect.text)
            return partial(task.effects.send, None)
        if self._ending:
            self._drop(task)
            return None
        if isinstance(effect, Wait):
            self._outbox.remind(task, effect.seconds / self._hurry, effect.what)
            return None
        calls = effect.effects if isinstance(effect, Together) else (effect,)
        if not calls:
            return partial(task.effects.send, ())
        try:
            self._check(task, calls)
        except CdpkitError as error:
            return partial(task.effects.throw, error)
        task.single = not isinstance(effect, Together)
        task.missing = len(calls)
        task.given_up = 0
        task.results = [None] * len(calls)
        for index, call in enumerate(calls):
            self._outbox.add(Order(task, index, call))
        return None

    def _check(self, task: Task, calls: Iterable[Call]) -> None:
        login = self._badge is not None and task is not self._renewal
        for call in calls:
            if call.authorised and not login:
                raise ConfigurationError(f"{call.what} asks to be authorised, and there is no token for it")
            if call.limit not in self._limits:
                raise UnknownNameError("limit", call.limit, self._limits)
            check_name(call)

    def _drop(self, task: Task) -> None:
        self._open.pop(task, None)
        task.effects.close()
