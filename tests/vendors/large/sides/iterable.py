"""Iterable: fields keep the type of their first value, and many addresses are refused by name."""

from tests.vendors.large.side import Bad, Person, Side


def _write(person: Person, name: str | None, points: str | None, on: str) -> None:
    person |= {} if name is None else {"firstName": name}
    person |= {} if points is None else {"points": int(points)}
    person |= {"source": "cdpkit", "emailListIds": sorted({*person.get("emailListIds", ()), int(on)})}


SIDE = Side(
    settings={"job_polls": 0},
    list="Empty",
    first="firstName",
    points="points",
    note="note",
    source="source",
    batch=1000,
    pushes=("POST /api/users/bulkUpdate", "POST /api/lists/subscribe"),
    bad={
        "forgotten": Bad("forgotten.{}@example.com", "forgottenEmails"),
        "odd": Bad("odd({})@example.com", "invalidEmails"),
        "clash": Bad("clash.{}@example.com", "type_clash", "many"),
        "conflict": Bad("conflict.{}@example.com", "conflictEmails"),
        "unidentified": Bad(None, None),
    },
    write=_write,
    target={"create_fields": True},
)
