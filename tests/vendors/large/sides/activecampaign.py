"""ActiveCampaign: imports name those whom they refuse by address alone, and a bounced one is refused on all lists."""

from tests.vendors.large.side import Bad, Person, Side

_BOUNCED = "3"


def _write(person: Person, name: str | None, points: str | None, on: str) -> None:
    person |= {} if name is None else {"firstName": name}
    person |= {} if points is None else {"Points": points}
    person |= {"Favourite quote": "cdpkit"}
    person["lists"] = {**person.get("lists", {}), on: "1"}


def _refused(person: Person, _list: str) -> str | None:
    return "bounced" if _BOUNCED in person["lists"].values() else None


SIDE = Side(
    settings={"job_polls": 0, "false_polls": 0},
    list="Empty",
    first="firstName",
    points="Points",
    note="Note",
    source="Favourite quote",
    batch=250,
    pushes=("POST /api/3/import/bulk_import",),
    bad={
        "forgotten": Bad("forgotten.{}@example.com", "excluded"),
        "odd": Bad("odd({})@example.com", "email_invalid"),
        "unidentified": Bad(None, None),
    },
    write=_write,
    refused=_refused,
)
