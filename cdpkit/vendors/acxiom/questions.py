"""Questions to Acxiom: parameters as it takes them, which class they can answer, and the request as it is sent."""

from collections.abc import Mapping

import polars as pl

from cdpkit.kit.declare import Settings
from cdpkit.kit.enriching import QUESTIONS, EnrichAsked
from cdpkit.kit.lists import chosen
from cdpkit.vendors.acxiom.documents import ALWAYS, BUNDLES, CLASSES, DEAD, listed, named

_NAME = ("firstName", "middleName", "lastName", "generationalSuffix")
_STREET = (
    "primaryNumber", "preDirectional", "street", "streetSuffix", "postDirectional", "unitDesignator", "secondaryNumber",
)  # fmt: skip
PARAMETERS = (
    "name", *_NAME, "streetAddress", *_STREET, "city", "state", "zipCode", "email", "emailMD5", "phone",
    "businessName",
)  # fmt: skip
TOGETHER: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("name", _NAME),
    ("streetAddress", _STREET),
    ("email", ("emailMD5",)),
)
"""What cannot be asked by at once: a whole, and its parts."""

ENOUGH: Mapping[str, tuple[frozenset[str], ...]] = {
    "person": tuple(map(frozenset, (("email",), ("phone",), ("name", "zip"), ("name", "street", "city", "state")))),
    "household": tuple(map(frozenset, (("name", "zip"), ("last", "street", "zip"), ("street", "zip")))),
    "residency": (frozenset(("name", "street", "zip")),),
    "place": tuple(map(frozenset, (("street", "zip"), ("street", "city", "state")))),
    "entity": tuple(map(frozenset, (("email",), ("phone",), ("name", "zip"), ("street", "zip"), ("business", "zip")))),
}
"""By what a class can be found at all: each one of these sets is enough, and a question without any is not paid for."""

_UNSAFE = r"[^A-Za-z0-9._~-]"


def needed(asked: EnrichAsked) -> tuple[str, ...]:
    """The classes of the fields that a goal names."""
    found = {parts.about for field in asked.fields if (parts := named(field))}
    return tuple(about for about in CLASSES if about in found)


def bundles(asked: EnrichAsked, about: str) -> tuple[str, ...]:
    """The bundles that are asked for with a class."""
    own = {parts.bundle for field in asked.fields if (parts := named(field)) and parts.about == about}
    more = {item.id for item in chosen(asked.options["bundles"], asked.discovery.items[BUNDLES.name], BUNDLES)}
    return tuple(sorted({*own, *more, *ALWAYS, *(DEAD if about == "person" else ())}))


def questions(asked: EnrichAsked, people: pl.DataFrame) -> pl.DataFrame:
    """`QUESTIONS` of people, one for each class that what is known of them can answer."""
    fit = people.select("row", *(fitting(people[name], name) for name in asked.parameters))
    has = _has(asked.parameters)
    known = fit.with_columns(pl.any_horizontal(pl.lit(value=False), *each).alias(name) for name, each in has.items())
    parts = [pl.DataFrame(schema=QUESTIONS)]
    for about in needed(asked):
        enough = [pl.all_horizontal(pl.col(f"has {each}") for each in sorted(group)) for group in ENOUGH[about]]
        some = known.filter(pl.any_horizontal(enough))
        parts.append(some.select("row", pl.lit(about).alias("about"), _request(asked, about).alias("request")))
    return pl.concat(parts).select(*QUESTIONS)


def fitting(values: pl.Series, name: str) -> pl.Series:
    """Values as the parameter takes them; null where one does not fit, and empty ones."""
    text = pl.col(name).str.replace_all(r"\s+", " ").str.strip_chars()
    digits = text.str.replace_all(r"\D", "")
    forms = {
        "state": _only(text.str.to_uppercase(), r"^[A-Z]{2}$"),
        "zipCode": pl.coalesce(
            _only(pl.when(text.str.contains(r"^[\d -]+$")).then(digits), r"^\d{5}(\d{4})?$"),
            _only(text.str.to_uppercase(), r"^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$"),
        ),
        "phone": _only(
            pl.when(text.str.contains(r"^\+?[\d ().-]+$")).then(digits.str.replace(r"^1(\d{10})$", "$1")), r"^\d{10}$"
        ),
        "email": _only(text, r"^[^@\s]+@[^@\s]+\.[^@\s]+$"),
        "emailMD5": _only(text.str.to_lowercase(), r"^[0-9a-f]{32}$"),
        "secondaryNumber": text.str.replace(r"(?i)^(apt|unit|suite|ste|#)\.? *", ""),
    }
    made = _only(forms.get(name, text), r"\S")
    return values.to_frame(name).select(made.alias(name)).to_series()


def _only(text: pl.Expr, pattern: str) -> pl.Expr:
    return pl.when(text.str.contains(pattern)).then(text)


def _has(parameters: tuple[str, ...]) -> dict[str, list[pl.Expr]]:
    """What is known of somebody, as conditions of which one is enough."""

    def there(*names: str) -> list[pl.Expr]:
        return [pl.all_horizontal(pl.col(name).is_not_null() for name in names)] if {*names} <= {*parameters} else []

    return {
        "has name": there("name") + there("firstName", "lastName"),
        "has last": there("name") + there("lastName"),
        "has street": there("streetAddress") + there("primaryNumber", "street"),
        "has zip": there("zipCode"),
        "has city": there("city"),
        "has state": there("state"),
        "has email": there("email") + there("emailMD5"),
        "has phone": there("phone"),
        "has business": there("businessName"),
    }


def _request(asked: EnrichAsked, about: str) -> pl.Expr:
    """The relative address of a question: parameters in the order of their names, values written safely."""
    given = [
        pl.concat_str(pl.lit(f"{name}="), _encoded(pl.col(name))) for name in PARAMETERS if name in asked.parameters
    ]
    fixed = f"bundle={','.join(bundles(asked, about))}&limit=1&matchLevel={asked.options['match_level']}"
    start = pl.lit(f"/{path(asked.settings, about)}/match?{fixed}&")
    return start + pl.concat_str(given, separator="&", ignore_nulls=True)


def _encoded(value: pl.Expr) -> pl.Expr:
    """As in an address; a value with anything unusual in it has all of its bytes written as numbers."""
    bytes_ = value.str.encode("hex").str.to_uppercase().str.replace_all(r"(..)", "%$1")
    return pl.when(value.str.contains(_UNSAFE)).then(bytes_).otherwise(value)


def path(settings: Settings, about: str) -> str:
    """The word of a class in requests; contracts differ."""
    own = {left.strip(): right.strip() for left, _, right in map(_parted, listed(settings["paths"]))}
    return own.get(about, CLASSES[about])


def _parted(text: str) -> tuple[str, str, str]:
    return text.partition("=")
