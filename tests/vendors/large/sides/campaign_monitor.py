"""Campaign Monitor: an import names whom it refuses with a code; whoever left the list is among them."""

from tests.vendors.large.side import Bad, Person, Side

_GONE = {"Unsubscribed": "unsubscribed", "Bounced": "bounced", "Deleted": "deleted", "Unconfirmed": "unconfirmed"}


def _write(person: Person, name: str | None, points: str | None, on: str) -> None:
    given = {"Name": name, "Points": points, "Favourite quote": "cdpkit"}
    said = {name: person[name] for name in ("ConsentToTrack",) if name in person}  # the same on all lists of a client
    own = person.setdefault("subscriptions", {}).setdefault(on, said)
    own |= {field: value for field, value in given.items() if value is not None}
    person["lists"] = {**person.get("lists", {}), on: "Active"}


def _refused(person: Person, on: str) -> str | None:
    return _GONE.get(person["lists"].get(on, ""))


def _compared(person: Person) -> Person:
    """What each list has; the fields beside the lists only sum that up."""
    return {name: person[name] for name in ("lists", "subscriptions")}


SIDE = Side(
    settings={},
    list="Café & thé ☕",
    first="Name",
    points="Points",
    note="Note",
    source="Favourite quote",
    batch=1000,
    pushes=("POST /api/v3.3/subscribers/{id}/import.json",),
    bad={
        "forgotten": Bad("forgotten.{}@example.com", "suppressed"),
        "odd": Bad("odd({})@example.com", "invalid_email"),
        "clash": Bad("clash.{}@example.com", "type_clash", "many"),
        "unidentified": Bad(None, None),
    },
    write=_write,
    refused=_refused,
    compared=_compared,
)
