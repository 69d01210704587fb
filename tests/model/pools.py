"""What random worlds are made of: their properties, and the values of their fields, few so that duplicates abound."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from cdpkit.core.properties import BUILT_IN, Property, PropertyType

EMPTY_TEXTS: tuple[object, ...] = (None, None, "", "  ", "\u00a0")


@dataclass(frozen=True)
class Flavour:
    """One sort of source field.

    Attributes:
        texts: Its values as text; empty ones are added.
        targets: Properties that take most of them.
        misfits: Properties that reject most of them.
        ints: Its values as a column of whole numbers, if it can be one.
        floats: Its values as a column of floats, if it can be one.
    """

    texts: tuple[str, ...]
    targets: tuple[str, ...]
    misfits: tuple[str, ...] = ()
    ints: tuple[int, ...] = ()
    floats: tuple[float, ...] = field(default=())


MAILS = ("a@x.de", "A@x.de", " a@x.de ", "b@x.de", "B@X.DE", "c@x.de", "d@x.de", "é@x.de", "É@x.de")
BAD_MAILS = ("nope", "a@b", "a b@x.de", "@x.de", "a@@x.de", "a@x.", "a@.de")
CODES = ("1", "007", "7", "k1", "K1", " k1 ", "\u00a0k2", "k2", "k3", "ß", "日本")
HUGE = (2**63 - 1, 2**63 - 8, -(2**63), 1, 5, 5, -3)

IDENTIFIER_FLAVOURS: Mapping[str, Flavour] = {
    "email": Flavour((*(MAILS * 6), *BAD_MAILS), ("contact", "tags", "name", "email")),
    "code": Flavour(CODES, ("name", "tags", "code"), ints=(1, 7, 2)),
    "number_id": Flavour(
        (*("7", "007", "+7", " 7 ", "2", "3", "-1", "2", "3") * 2, "x", "7.0", "9223372036854775808", "٣"),
        ("count", "counts", "number_id"),
        ints=(7, 2, 3, -1),
        floats=(7.0, 2.0, 3.0, 3.0, 7.0, 2.0, 2.5, 1e19),
    ),
}
"""By the property that the field identifies."""

FLAVOURS: Mapping[str, Flavour] = {
    "mail": Flavour((*MAILS, *BAD_MAILS[:3]), ("email", "email", "contact", "mails", "name")),
    "code": Flavour(CODES, ("code", "code", "name", "tags"), ("count",)),
    "word": Flavour(
        ("Ann", "ann", " Ann", "Zoë", "日本", "007", "x", "y", "😀"), ("name", "tags", "note"), ("count", "vip", "born")
    ),
    "whole": Flavour(
        ("1", "2", "-3", "+4", "007", " 5 ", "0", "abc", "2.5", "1e3", "٣", "1,000"),
        ("count", "count", "score", "counts", "number_id"),
        ("email",),
        ints=(1, 2, -3, 4, 0),
        floats=(1.0, 2.5, -3.0, 4.0, 0.0),
    ),
    "over": Flavour(("9223372036854775808", "-9223372036854775809", "1", "2", "5.0"), ("count", "counts"), ("note",)),
    "huge": Flavour((*map(str, HUGE), "007", "abc"), ("count", "count", "total", "total", "counts"), ints=HUGE),
    "total": Flavour(("5", "007", " 5 ", "n/a", "n/a", "9223372036854775807", "-2", "+3", "0"), ("total",)),
    "ratio": Flavour(("0.5", "12.25", "3", "1e2", "-0.25", " .5 ", "7.", "n/a", "1e999", "0"), ("ratio",)),
    "decimal": Flavour(
        ("0.5", "1.25", "-2", "3e2", "+.5", "abc", "inf", "nan", "1,5", " 4 ", "0"),
        ("score", "score", "scores"),
        ("count", "counts"),
        ints=(1, -2, 4),
        floats=(0.5, 1.0, -2.25, 4.0, float("inf")),
    ),
    "peak": Flavour(("1e308", "-1e308", " 1e308", "1e309"), ("peak",), floats=(1e308, -1e308)),
    "flag": Flavour(("true", "YES", "No", "0", "1", " true ", "maybe"), ("vip",), ("name",), ints=(1, 0, 2)),
    "date": Flavour(
        ("2024-01-05", " 2024-01-05 ", "2023-12-31", "2024-02-30", "2024-1-5", "05.01.2024", "2024-01-05T10:00:00"),
        ("born", "dates"),
        ("count",),
    ),
    "moment": Flavour(
        ("2024-01-05T10:00:00", "2024-01-05T10:00:00Z", "2024-01-05T12:00:00+02:00", "2024-01-06T00:00:00", "nope"),
        ("seen",),
    ),
}
"""Flavours keep sums exact: `score` and `ratio` never meet huge numbers, `total` never meets a fraction, and no
whole number beyond Int64 is added to a text."""

OBJECTIVES = ("news", "ads", "calls")
CONSENT = {
    "consented_objectives": Flavour((*OBJECTIVES * 2, "news", "News", " news"), ("consented_objectives", "tags")),
    "refused_objectives": Flavour((*OBJECTIVES, "ads\u00a0"), ("refused_objectives", "tags")),
}
"""By the built-in property; the fields of worlds that hold consent."""

SUMMABLE = ("count", "score", "peak", "total", "ratio", "number_id")
SHORT_OF_PRECISION = frozenset({"huge", "over"})
"""Flavours whose whole numbers floats cannot tell apart."""


def catalog(rng: random.Random, *, consent: bool = False) -> list[Property]:
    """The properties of a world; its identifiers are multi-valued now and then, and consent has two built-in ones."""
    kind = PropertyType
    return [
        *(property_ for property_ in BUILT_IN if consent and property_.name in CONSENT),
        Property("email", kind.EMAIL, identifier=True, multi=rng.random() < 0.35),
        Property("code", identifier=True, multi=rng.random() < 0.35),
        Property("number_id", kind.NUMBER, identifier=True),
        Property("contact", kind.EMAIL),
        Property("mails", kind.EMAIL, multi=True),
        Property("name"),
        Property("note"),
        Property("tags", multi=True),
        Property("count", kind.NUMBER),
        Property("counts", kind.NUMBER, multi=True),
        Property("score", kind.DECIMAL),
        Property("scores", kind.DECIMAL, multi=True),
        Property("peak", kind.DECIMAL),
        Property("total"),
        Property("ratio"),
        Property("vip", kind.BOOLEAN),
        Property("born", kind.DATE),
        Property("dates", kind.DATE, multi=True),
        Property("seen", kind.DATETIME),
    ]
