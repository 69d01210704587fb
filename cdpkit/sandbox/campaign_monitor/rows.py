"""What a call writes of somebody: read from a body, judged, and kept."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cdpkit.sandbox.campaign_monitor.account import Account
from cdpkit.sandbox.campaign_monitor.answers import flag_of, lowered, text_of, unreadable
from cdpkit.sandbox.campaign_monitor.fields import MANY, Field, Unfit
from cdpkit.sandbox.campaign_monitor.start import ACTIVE, BOUNCED, DELETED, UNCONFIRMED, UNSUBSCRIBED
from cdpkit.sandbox.world.lists import MailingList
from cdpkit.sandbox.world.people import possible_address

Values = dict[int, tuple[str, ...]]
"""Values of custom fields, by the field's number."""

INVALID, SUPPRESSED = 1, 204
_REFUSED = {DELETED: 205, UNSUBSCRIBED: 206, BOUNCED: 207, UNCONFIRMED: 208}
_ANSWERS = {"yes", "no", "unchanged"}
_MOBILE = re.compile(r"\+[1-9]\d{6,14}\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """One of the entries of custom fields: a key, a value, and whether that is to be cleared."""

    key: str
    value: str
    clear: bool


@dataclass(frozen=True, slots=True)
class Row:
    """What a body says of somebody; None for what it does not say."""

    email: str
    name: str | None
    entries: tuple[Entry, ...]
    consent: str | None
    mobile: str | None
    sms: str | None


def row_of(given: object, where: str = "subscriber") -> Row:
    """What an object in a body says of somebody.

    Raises:
        AnswerError: It is not what it must be; the whole call is refused for it.
    """
    if not isinstance(given, dict):
        raise unreadable(where)
    members = lowered(given)
    entries = members.get("customfields")
    if entries is not None and not isinstance(entries, list):
        raise unreadable(where)
    consent, sms = (_told(members.get(name), where) for name in ("consenttotrack", "consenttosendsms"))
    name, mobile = members.get("name"), members.get("mobilenumber")
    return Row(
        text_of(members.get("emailaddress"), where).strip(),
        None if name is None else text_of(name, where),
        tuple(_entry(each, where) for each in entries or ()),
        consent,
        None if mobile is None else text_of(mobile, where),
        sms,
    )


def _entry(given: object, where: str) -> Entry:
    if not isinstance(given, dict):
        raise unreadable(f"{where}.CustomFields")
    members = lowered(given)
    key, value = (text_of(members.get(name), f"{where}.CustomFields.{name.title()}") for name in ("key", "value"))
    return Entry(key, value, flag_of(members.get("clear"), f"{where}.CustomFields.Clear"))


def _told(given: object, where: str) -> str | None:
    """What somebody said to a question; a word that is no answer refuses the call."""
    if given is None or given == "":
        return None
    if not isinstance(given, str) or given.lower() not in _ANSWERS:
        raise unreadable(where)
    return given


def wrong_contact(row: Row) -> int | None:
    """The code of a row whose address or telephone is none."""
    if not possible_address(row.email):
        return INVALID
    return 220 if row.mobile and not _MOBILE.match(row.mobile) else None


def refused(account: Account, one: MailingList, number: int | None, email: str) -> int | None:
    """The code of somebody who does not become active by a call that does not ask for it."""
    state = None if number is None else one.state(number)
    if state == ACTIVE:
        return None
    if account.is_suppressed(one, number, email):
        return SUPPRESSED
    return None if state is None else _REFUSED[state]


def changes(
    account: Account, named: Mapping[str, Field], row: Row, before: Mapping[int, tuple[str, ...]], *, replace: bool
) -> Values:
    """The values that a row gives; keys of no field are passed over without a word.

    Args:
        account: Says what becomes of values that do not fit.
        named: The fields of the list by the texts that name them.
        row: What the call says.
        before: The values that there are, for fields of which several options can be chosen.
        replace: Whether the options of a row replace those that were chosen.

    Raises:
        Unfit: A value does not fit, and such values are refused.
    """
    found: Values = {}
    chosen: dict[int, list[Entry]] = {}
    for entry in row.entries:
        field = named.get(entry.key.strip().lower())
        if field is None or not (entry.value or entry.clear):
            continue
        try:
            stored = field.stored(entry.value) if entry.value else None
        except Unfit:
            if account.settings.bad_values == "refuse":
                raise
            continue
        if field.kind == MANY:
            chosen.setdefault(field.number, []).append(entry)
        else:
            found[field.number] = () if stored is None or entry.clear else (stored,)
    for number, entries in chosen.items():
        found[number] = _selection(entries, before.get(number, ()), replace=replace)
    return found


def _selection(entries: Sequence[Entry], before: Iterable[str], *, replace: bool) -> tuple[str, ...]:
    """What is chosen of several options, after all entries of a row."""
    added = [each.value for each in entries if each.value and not each.clear]
    removed = {each.value for each in entries if each.value and each.clear}
    emptied = any(not each.value and each.clear for each in entries)
    kept = [] if emptied or (replace and added) else list(before)
    return tuple(each for each in dict.fromkeys([*kept, *added]) if each not in removed)


def needs_before(account: Account, rows: Iterable[Row]) -> bool:
    """Whether the values that there are matter for what rows do."""
    if account.settings.multiple == "merge":
        return True
    return any(entry.clear and entry.value for row in rows for entry in row.entries)


def keep(account: Account, one: MailingList, number: int, row: Row, values: Values) -> None:
    """Write what a row says of somebody who is on the list."""
    written = account.writing(one, number)
    if row.name is not None:
        written.name = row.name
    written.values.update(values)
    if row.mobile is not None:
        written.mobile = row.mobile
    if row.sms is not None and row.sms.lower() != "unchanged" and written.mobile:
        written.sms = row.sms.capitalize()
    if row.consent is not None:
        account.consents(one, number, row.consent)


def enters(account: Account, one: MailingList, number: int, *, resubscribe: bool) -> None:
    """Let somebody onto a list, or back where that is asked for; whoever must confirm is not active yet."""
    state = one.state(number)
    if state is None:
        account.put(one, number, UNCONFIRMED if one.facts["ConfirmedOptIn"] else ACTIVE)
    elif resubscribe and state != ACTIVE:
        account.put(one, number, ACTIVE)
