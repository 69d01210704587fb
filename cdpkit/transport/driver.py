"""The driver: serves what vendors ask for, under their limits."""

from collections.abc import Callable, Iterable, Mapping
from random import random as uniform
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from cdpkit.errors import ConfigurationError
from cdpkit.kit.effects import Call, Effects
from cdpkit.kit.vendor import Limit
from cdpkit.place import Place
from cdpkit.transport.address import base_addresses
from cdpkit.transport.carriers import CARRIERS, Carriers
from cdpkit.transport.clock import Clock, RealClock
from cdpkit.transport.group import Calls, Group
from cdpkit.transport.login import Badge, Login
from cdpkit.transport.loop import Loop, Task
from cdpkit.transport.means import CAPS, Caps, Means, Opener
from cdpkit.transport.outbox import Outbox
from cdpkit.transport.pool import Pool
from cdpkit.transport.silence import Tell
from cdpkit.transport.stop import Hearing
from cdpkit.transport.terms import Terms

K = TypeVar("K")
T = TypeVar("T")

PARTING = 1.0
"""Seconds for which a closing driver waits for calls that nobody waits for any more."""


NONE: Final[Mapping[str, str]] = {}


def ignore(state: Mapping[str, Any]) -> None:
    """Remember nothing."""


class Driver:
    """Runs vendors' generators against a server; a context manager that closes its connections and threads.

    Generators, `done` and `keep` run in the calling thread; other threads carry calls and nothing else. A driver is
    used by one thread at a time, and not by a `done` or a generator of its own.
    """

    def __init__(
        self,
        base_url: str | None,
        limits: Mapping[str, Limit],
        *,
        folder: Place,
        vendor: str,
        addresses: Mapping[str, str] = NONE,
        limits_factor: float = 1.0,
        clock: Clock | None = None,
        timeout: float = 60.0,
        attempts: int = 6,
        at_once: int = 16,
        random: Callable[[], float] = uniform,
        keep: Callable[[Mapping[str, Any]], None] = ignore,
        login: Login | None = None,
        caps: Caps = CAPS,
        carriers: Mapping[type[Call], Opener] = CARRIERS,
        allow_http: bool = False,
        tell: Tell | None = None,
        secrets: tuple[str, ...] = (),
        hearing: Hearing | None = None,
        workspace: Place | None = None,
    ) -> None:
        """Opens nothing yet.

        Args:
            base_url: The address below which calls are made that name no other; None where there is none.
            limits: The vendor's limits, by the name that calls draw on.
            folder: Where pages are stored.
            vendor: The vendor's title, for messages.
            addresses: Further addresses, by the name of the setting that holds them.
            limits_factor: Multiplies the rates of all limits; what a vendor waits for is waited for so much shorter.
            clock: Tells the time and lets it pass; None for the machine's.
            timeout: Seconds without an answer after which a call is given up that does not say so itself.
            attempts: Most tries of a call.
            at_once: Most calls in flight, and most generators under way.
            random: Gives numbers in [0, 1), for the pauses between tries.
            keep: Called with the state of each `Keep`.
            login: How a token for authorised calls is had; None where the vendor has none.
            caps: How large answers may be.
            carriers: What carries calls, by their kind.
            allow_http: Whether calls may go to other machines without encryption.
            secrets: What is blotted out where a vendor refuses a call and repeats it.
            hearing: Hears a stop by the program; None where nobody can ask for one.
            tell: Is told what is waited for where an answer does not come, or all is stopped; None for nobody.
            workspace: Where paths of files begin that are no whole ones; None where there is no workspace.

        Raises:
            ConfigurationError: An address is none, or the factor is not above zero.
        """
        self._limits_factor = _checked(limits_factor)
        self._clock: Clock = RealClock() if clock is None else clock
        self._terms = Terms(vendor, timeout, attempts, max(1, at_once), random)
        given = addresses if base_url is None else {"base_url": base_url, **addresses}
        named = base_addresses(given, allow_http=allow_http)
        means = Means(named, folder, caps, allow_http=allow_http, secrets=secrets, workspace=workspace)
        self._carriers = Carriers(carriers, means)
        self._badge = None if login is None else Badge(login)
        self._keep = keep
        self._hearing = hearing
        self._told: dict[str, None] = {}
        self._tell = tell
        self._pool: Pool | None = None
        self._closed = False
        self._groups = {name: Group(limit, limits_factor, self._clock.now()) for name, limit in limits.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def calls(self) -> Mapping[str, Calls]:
        """How many calls drew on each limit until now."""
        return {name: group.calls for name, group in self._groups.items()}

    @property
    def told(self) -> tuple[str, ...]:
        """What generators told people until now, each once."""
        return tuple(self._told)

    def run(self, effects: Effects[T]) -> T:
        """Run one generator to its end, and return what it returns.

        Raises:
            UnavailableError: The server cannot be reached, or is too busy, and the generator does not handle it.
            InDoubtError: A call that must not be made twice has no clear answer, and the generator does not handle it.
        """
        results: list[T] = []
        self.each([(None, effects)], lambda _, result: results.append(result))
        return results[0]

    def each(
        self, tasks: Iterable[tuple[K, Effects[T]]], done: Callable[[K, T], None], *, at_once: int | None = None
    ) -> None:
        """Run many generators, so many under way at once that the limits' whole quota can be used.

        A task is taken from `tasks` only when a call of it can be sent soon. When a generator, `done`, `keep` or
        `tasks` raises, or the user interrupts, no call is sent any more; those in flight are awaited up to their
        time-outs and their answers delivered; generators that end by them are done, the others are closed; then the
        error is raised. An interrupt strikes between two steps of generators; a second one at once.

        Args:
            tasks: Generators, each with a key.
            done: Called with the key and the result of each generator that ends.
            at_once: Most generators under way; None for the driver's own.

        Raises:
            UnavailableError: See `run`.
            InDoubtError: See `run`.
            ConfigurationError: The environment's proxy or certificates cannot be used, or the driver is closed.
        """
        outbox: Outbox[Task] = Outbox(self._groups, self._terms, self._open(), self._clock, self._badge, self._tell)
        most = self._terms.at_once if at_once is None else at_once
        Loop(
            outbox,
            limits=self._groups,
            keep=self._keep,
            tell=lambda text: self._told.update({text: None}),
            at_once=max(1, most),
            hurry=self._limits_factor,
            badge=self._badge,
            hearing=self._hearing,
        ).run(tasks, done)

    def close(self) -> None:
        """Close connections and threads; calls that nobody waits for end by themselves."""
        self._closed = True
        if self._pool is not None and self._pool.close(PARTING):
            self._carriers.close()

    def _open(self) -> Pool:
        if self._closed:
            raise ConfigurationError("this driver is closed; make a new one")
        if self._pool is None:
            self._pool = Pool(self._carriers.send)
        return self._pool


def _checked(limits_factor: float) -> float:
    if not limits_factor > 0:
        raise ConfigurationError(f"limits_factor is {limits_factor:g}; it has to be above zero, 1 for the limits")
    return limits_factor
