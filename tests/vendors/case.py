"""What the conformance suite has to know of a vendor; each has a module of its name in `tests.vendors.cases`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from cdpkit import vendors
from cdpkit.sandbox.imitation import Imitation

Person = Mapping[str, Any]
"""Somebody at the vendor, as a line of its imitation's `/_sandbox/people`."""


def as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Case:
    """A vendor, as the suite meets it.

    Attributes:
        sandbox: Settings of its imitation that make many small pages and no waiting.
        wrong: Settings of a connection that the vendor does not take.
        identifier: The vendor's identifier that holds an e-mail address.
        people: A text field that invented people have.
        target: The options of an export that puts people on these lists, and takes leavers off.
        list: The name of a list on which nobody is at the start.
        fields: For each kind of value (text, number, decimal, boolean, date, datetime, list) a field that takes it.
        stored: For kinds that the vendor stores in another form than JSON has: that form.
        refused: An address that the vendor refuses, and its word for that.
        imitation: Its imitation, where that is no part of the sandbox.
        logins: Endpoints of the imitation that are no calls of the vendor's own: those where tokens come from.
        address_of: The address of a person; None without one.
        lists_of: The ids of the lists that a person is on.
        connection: Settings of a connection beside the address of the imitation, of the addresses of all that is there
            and the seed of its people.
        everyone: The options that pull everybody, where the vendor itself names none.
        imports_lists: Whether imports choose among the lists on which exports put people.
        flat: A person with all fields side by side.
        served: Whether it is reached over HTTP, and has an imitation that counts calls; else the suite has a stage of
            its own for it, and what is about calls and lists does not hold of it.
    """

    sandbox: Mapping[str, Any]
    wrong: Mapping[str, str]
    identifier: str
    people: str
    target: Callable[[list[str]], dict[str, Any]]
    list: str
    fields: Mapping[str, str]
    refused: tuple[str, str]
    address_of: Callable[[Person], str | None]
    lists_of: Callable[[Person], set[str]]
    stored: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    imitation: Imitation | None = None
    logins: frozenset[str] = frozenset()
    connection: Callable[[Mapping[str, Mapping[str, str]], int], Mapping[str, Any]] = lambda *_: {}
    everyone: Mapping[str, Any] | None = None
    imports_lists: bool = True
    flat: Callable[[Person], Person] = as_it_is
    served: bool = True

    def shown(self, kind: str, value: Any) -> Any:
        """A value of some kind as the vendor stores it."""
        return self.stored.get(kind, as_it_is)(value)


TOYS = {"toy": "tests.vendors.toy:VENDOR"}
"""Vendors of the tests that take part in the suite, as entry points name them."""


def case_of(vendor: str) -> Case:
    """The case of a vendor; without one the suite fails."""
    found: Case = import_module(f"tests.vendors.cases.{vendor}").CASE
    return found


def exchanging() -> list[str]:
    """The vendors that people come from and go to; others are asked about people, and have suites of their own."""
    found = {name: vendors.get(name) for name in vendors.names()}
    both = [name for name, vendor in found.items() if vendor.importer is not None and vendor.exporter is not None]
    return [*(name for name in both if case_of(name).served), *TOYS]


def everywhere() -> list[str]:
    """The same, and those that have no server."""
    return [*exchanging(), *(name for name in vendors.names() if not case_of(name).served)]


def with_lists(names: Iterable[str]) -> list[str]:
    """The vendors whose imports choose among the lists on which exports put people."""
    return [name for name in names if case_of(name).imports_lists]
