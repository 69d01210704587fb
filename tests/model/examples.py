"""Short ways to write the examples: a few properties, rows, loads."""

from collections.abc import Sequence

from cdpkit.core.properties import Property, PropertyType
from tests.model.model import Load, Model, ModelRun

Row = dict[str, object]

EMAIL = Property("email", PropertyType.EMAIL, identifier=True)
EMAILS = Property("emails", PropertyType.EMAIL, identifier=True, multi=True)
CODE = Property("code", identifier=True)
NAME = Property("name")
TAGS = Property("tags", multi=True)
COUNT = Property("count", PropertyType.NUMBER)
TOTAL = Property("total")
PROPERTIES = [EMAIL, EMAILS, CODE, NAME, TAGS, COUNT, TOTAL]


def mail(**values: object) -> Row:
    return {"mail": "a@x.de", **values}


def load(rows: Sequence[Row], *mappings: str, by: str = "email", **options: object) -> Load:
    """A load by the field `mail`; mappings are written `field > property : rule`."""
    parsed = [
        dict(zip(("from", "to", "rule"), one.replace(" ", "").replace(">", ":").split(":"), strict=True))
        for one in mappings
    ]
    made = Load([dict(row) for row in rows], {"mail": by}, parsed)
    for name, value in options.items():
        setattr(made, name, value)
    return made


def fates(run: ModelRun) -> list[str]:
    return [reason or fate for fate, reason in run.fates.values()]


def only(model: Model, name: str) -> object:
    (profile,) = model.profiles.values()
    return profile[name]
