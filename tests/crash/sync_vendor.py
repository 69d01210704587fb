"""The vendors with which syncs are killed, and the cases of each."""

from importlib import import_module
from pathlib import Path

from tests.crash.party import Party
from tests.vendors.case import case_of

ITERABLE = "iterable"
PARTIES: dict[str, Party] = {
    path.stem: import_module(f"tests.crash.parties.{path.stem}").PARTY
    for path in sorted(Path(__file__).with_name("parties").glob("*.py"))
}
"""By the vendor's name."""


def parts(case: str) -> tuple[str, str]:
    """What a case does, and at which vendor: `sync-import` is Iterable's, `sync-import@activecampaign` another's."""
    what, _, vendor = case.partition("@")
    return what, vendor or ITERABLE


def identifier(vendor: str) -> str:
    """The vendor's identifier that holds an address."""
    return case_of(vendor).identifier
