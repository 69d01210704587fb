"""What an account has at the start: its clients and their lists, and what a list is set to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ACTIVE, UNCONFIRMED, UNSUBSCRIBED, BOUNCED, DELETED = "Active", "Unconfirmed", "Unsubscribed", "Bounced", "Deleted"
STATES = (ACTIVE, UNCONFIRMED, UNSUBSCRIBED, BOUNCED, DELETED)
ALL_LISTS, ONLY_THIS = "AllClientLists", "OnlyThisList"
CREATED = 1_690_000_000.0


@dataclass(frozen=True, slots=True)
class Client:
    """A client of the account.

    Attributes:
        number: Which one.
        name: Its name.
        zone: The zone in which its times are written.
        label: That zone's label.
        country: Where it is.
    """

    number: int
    name: str
    zone: str
    label: str
    country: str


CLIENTS = (
    Client(1, "Northwind Coffee", "Australia/Sydney", "(GMT+10:00) Canberra, Melbourne, Sydney", "Australia"),
    Client(
        2, "Harbour Books", "America/New_York", "(GMT-05:00) Eastern Time (US & Canada)", "United States of America"
    ),
)
_STATES_AT_START = {ACTIVE: 6000, UNSUBSCRIBED: 700, BOUNCED: 150, UNCONFIRMED: 50, DELETED: 200}
SEEDED: tuple[tuple[int, int, str, Mapping[str, int], str, bool], ...] = (
    (3, 1, "Customers", {ACTIVE: 10_000}, ONLY_THIS, False),
    (4, 1, "Newsletter", _STATES_AT_START, ALL_LISTS, False),
    (5, 1, "VIP", {ACTIVE: 500}, ONLY_THIS, False),
    (6, 1, "Café & thé ☕", {ACTIVE: 2500, UNSUBSCRIBED: 100}, ALL_LISTS, False),
    (7, 1, "Empty", {}, ALL_LISTS, False),
    (8, 1, "Double opt-in", {}, ALL_LISTS, True),
    (9, 2, "Newsletter", {ACTIVE: 1500, UNSUBSCRIBED: 100}, ALL_LISTS, False),
)
"""Number, client, title, shares of 10,000 people by state, what unsubscribing reaches, whether people must confirm."""


def facts(reach: str = ALL_LISTS, *, confirmed: bool = False) -> dict[str, Any]:
    """What a list is set to."""
    return {
        "ConfirmedOptIn": confirmed,
        "UnsubscribePage": "",
        "UnsubscribeSetting": reach,
        "ConfirmationSuccessPage": "",
    }
