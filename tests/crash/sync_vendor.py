"""What killing syncs has to know of a vendor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.vendors.case import case_of


@dataclass(frozen=True)
class Party:
    """A vendor to which syncs go that are killed.

    Attributes:
        settings: Of its imitation: no waiting, and many pages.
        list: The name of the list to which people go.
        points: The field of points, which people have there.
        first: The field of names.
        plan: The field of plans.
        score: A field of numbers that nobody has.
        origin: A field of texts that nobody has.
        target: Further options of the export.
        hurried: Whether its clients do not sit through pauses; the imitation then lets them call ten times as often.
    """

    settings: Mapping[str, Any]
    list: str
    points: str
    first: str
    plan: str
    score: str
    origin: str
    target: Mapping[str, Any] = field(default_factory=dict)
    hurried: bool = True


ITERABLE = "iterable"
PARTIES = {
    ITERABLE: Party(
        # A job is completed when its files are written.
        settings={"file_bytes": 100_000, "job_polls": -1},
        list="VIP",
        points="points",
        first="firstName",
        plan="plan",
        score="score",
        origin="origin",
        target={"create_fields": True},
        hurried=False,
    ),
    "activecampaign": Party(
        settings={"job_polls": 0, "false_polls": 0},
        list="VIP",
        points="Points",
        first="firstName",
        plan="Plan",
        score="Clicks",
        origin="Favourite quote",
    ),
    "campaign_monitor": Party(
        settings={"page_rows": 300},
        list="Café & thé ☕",
        points="Points",
        first="Name",
        plan="Plan",
        score="Clicks",
        origin="Favourite quote",
    ),
}
"""By the vendor's name."""


def parts(case: str) -> tuple[str, str]:
    """What a case does, and at which vendor: `sync-import` is Iterable's, `sync-import@activecampaign` another's."""
    what, _, vendor = case.partition("@")
    return what, vendor or ITERABLE


def identifier(vendor: str) -> str:
    """The vendor's identifier that holds an address."""
    return case_of(vendor).identifier
