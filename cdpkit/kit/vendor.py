"""What a vendor is: a value that declares its settings, limits and fields, and how people are pulled and pushed.

Each vendor is one folder in `cdpkit.vendors` that ends with `VENDOR = Vendor(...)`. Everything that talks is a
generator of effects (`cdpkit.kit.effects`); everything else is a function from values or whole columns to such.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import SecretStr

from cdpkit.kit.auth import Auth
from cdpkit.kit.declare import ALLOW_HTTP, LIMITS_FACTOR, Setting, Settings
from cdpkit.kit.discovery import LISTS, Discovery, Thing
from cdpkit.kit.effects import Effects
from cdpkit.kit.enriching import Enricher
from cdpkit.kit.event_exporting import EventExporter
from cdpkit.kit.exporting import Exporter
from cdpkit.kit.importing import Importer
from cdpkit.kit.kinds import Address, Secret
from cdpkit.kit.touchpoints import Touchpoints
from cdpkit.problem import Problem

Direction = Literal["import", "export"]
"""Which way data goes, as seen from the workspace."""

Part = Importer | Exporter | Enricher | EventExporter
"""What a vendor can do."""

_BASE = "base_url"
"""The setting that holds the address below which calls are made that name no other."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How often the vendor may be called.

    Attributes:
        calls: So many calls...
        seconds: ...in so many seconds.
        at_once: Most calls in flight.
        source: Where the figure is from.
    """

    calls: float
    seconds: float
    at_once: int = 8
    source: str = ""


def nothing_contradicts(_settings: Settings, _discovery: Discovery) -> list[Problem]:
    """Of a vendor whose settings say nothing that discovery could tell otherwise."""
    return []


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor.

    Attributes:
        name: As connection files call it; the name of its folder.
        title: As people call it.
        help: One line for the gallery.
        own_settings: Those of its own; among them `base_url`, where calls are made that name no other address.
        limits: By the name that calls draw on.
        check: Whether the credentials work; returns nothing or raises.
        discover: Fields, and things to choose.
        importer: None where nothing can be imported.
        exporter: None where nothing can be exported.
        event_importer: How events come, a row an event; None where none do. Its rows need no lists.
        event_exporter: How events go; None where none do.
        enricher: How it is asked about people, each question paid; None where it is not.
        things: The kinds of things that are there to choose.
        auth: How tokens are had for calls that are `authorised`; None where no call is.
        contradictions: What the settings say and the vendor shows to be otherwise; each is a problem.
        touchpoints: What it tells of its mails; None where it tells nothing.
        account: The names of the settings that tell its accounts apart: connections that agree in them reach the same
            people and lists. Its addresses and secrets, where this is empty.
    """

    name: str
    title: str
    help: str
    own_settings: tuple[Setting, ...]
    limits: Mapping[str, Limit]
    check: Callable[[Settings], Effects[None]]
    discover: Callable[[Settings], Effects[Discovery]]
    importer: Importer | None
    exporter: Exporter | None
    event_importer: Importer | None = None
    event_exporter: EventExporter | None = None
    enricher: Enricher | None = None
    things: tuple[Thing, ...] = (LISTS,)
    auth: Auth | None = None
    contradictions: Callable[[Settings, Discovery], list[Problem]] = nothing_contradicts
    touchpoints: Touchpoints | None = None
    account: tuple[str, ...] = ()

    @property
    def settings(self) -> tuple[Setting, ...]:
        """Everything that a connection is told: its own settings, and those that all vendors have."""
        return (*self.own_settings, LIMITS_FACTOR, ALLOW_HTTP)

    @property
    def parts(self) -> tuple[tuple[Direction, Part], ...]:
        """What it can do, each with the way in which data goes by it, as seen from the workspace."""
        all_: tuple[tuple[Direction, Part | None], ...] = (
            ("import", self.importer),
            ("import", self.event_importer),
            ("import", self.enricher),
            ("export", self.exporter),
            ("export", self.event_exporter),
        )
        return tuple((way, part) for way, part in all_ if part is not None)

    @property
    def directions(self) -> tuple[Direction, ...]:
        """Which ways data can go, as seen from the workspace."""
        return tuple(dict.fromkeys(way for way, _ in self.parts))

    @property
    def addresses(self) -> tuple[str, ...]:
        """The names of further settings that hold addresses, such as that of the login."""
        return tuple(each.name for each in self.own_settings if isinstance(each.kind, Address) and each.name != _BASE)

    def same_account(self, one: Settings, other: Settings) -> bool:
        """Whether two connections reach the same account, as far as their settings tell.

        Args:
            one: Settings of a connection; those that cannot be read are left out, and count as the same.
            other: Those of another one.
        """
        telling = [each for each in self.own_settings if isinstance(each.kind, Address | Secret)]
        names = self.account or tuple(each.name for each in telling)
        return all(_told(one[name]) == _told(other[name]) for name in names if name in one and name in other)


def _told(value: object) -> object:
    """A setting in the form in which two of them are compared."""
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value
    return plain.strip().rstrip("/") if isinstance(plain, str) else plain
