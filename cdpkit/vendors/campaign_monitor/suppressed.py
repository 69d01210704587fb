"""Whom a client suppresses: addresses that get no mail, whatever lists they are on."""

from collections.abc import Collection

from cdpkit.kit import answers, pages
from cdpkit.kit.answers import said
from cdpkit.kit.declare import Settings
from cdpkit.kit.effects import Effects, Reply
from cdpkit.vendors.campaign_monitor.api import DONE, MOST, get, read, refuse


def more(reply: Reply) -> bool:
    """Whether a page is not the last one."""
    told = said(reply)
    number, last = told.get("PageNumber"), told.get("NumberOfPages")
    return isinstance(number, int) and isinstance(last, int) and number < last


def suppressed(settings: Settings, client: str, emails: Collection[str]) -> Effects[set[str]]:
    """Those of some addresses, in small letters, that a client suppresses; all of its list has to be read for it."""
    order = (("orderfield", "email"), ("orderdirection", "asc"))
    first = get(settings, f"/clients/{client}/suppressionlist", ("page", "1"), ("pagesize", str(MOST)), *order)
    found: set[str] = set()
    for reply in (yield from pages.gather(first, pages.by_number("page", more), ok=DONE, refuse=refuse)):
        rows = answers.part(read(reply), "Results", list, reply)
        found |= {str(row.get("EmailAddress")).strip().lower() for row in rows if isinstance(row, dict)}
    return found & set(emails)
