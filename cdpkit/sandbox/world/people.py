"""Invented people: a pure function from ids and a seed to columns, so that a million of them cost nothing until asked.

Nobody is stored. An address holds its person's id, so that a person is found by computing, not by searching.
"""

import re
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime

import polars as pl

from cdpkit.sandbox.world.mixing import mixed, salt

FIRST = (
    ("ann", "Ann"), ("bob", "Bob"), ("chloe", "Chloë"), ("dirk", "Dirk"), ("eva", "Éva"), ("francois", "François"),
    ("gina", "Gina"), ("hugo", "Hugo"), ("ines", "Inés"), ("jorgen", "Jørgen"), ("kim", "Kim"), ("lukasz", "Łukasz"),
    ("mo", "Mo"), ("nora", "Nora"), ("omar", "Omar"), ("pia", "Pia"), ("quinn", "Quinn"), ("rosa", "Rosa"),
    ("sam", "Sam"), ("tess", "Tess"),
)  # fmt: skip
LAST = (
    ("adams", "Adams"), ("baker", "Baker"), ("claes", "Claes"), ("devos", "De Vos"), ("garcia", "García"),
    ("jansen", "Jansen"), ("muller", "Müller"), ("nowak", "Nowak"), ("o'brien", "O'Brien"), ("peeters", "Peeters"),
    ("rossi", "Rossi"), ("smith", "Smith"), ("oz", "Öz"),
)  # fmt: skip
AWKWARD = ('Ann "Annie"', "Jean\nLuc", "back\\slash", "李娜", "😀 Sam", "tab\there", "Émile, junior", "עדי")
CITIES = ("Ghent", "Brussels", "Liège", "Köln", "Łódź", "São Paulo", "New York", "Paris")
STREETS = ("Elm Street", "Rue de l'Église", "Hauptstraße", "Kerkstraat", "Calle Mayor")
FAVOURITES: tuple[list[str], ...] = (
    ["red"],
    ["red", "blue"],
    ["green"],
    [],
    ["blue", "green", "red"],
    ["💚", 'say "hi"'],
)

BEYOND_DOUBLES = 9_007_199_254_740_993
"""2**53 + 1: the first whole number that a reader of doubles gets wrong."""

_HOLDING = {
    "email": re.compile(r"\.(\d{1,12})@example\.(?:com|org|net)\Z"),
    "userId": re.compile(r"u-(\d{7,12})\Z"),
    "phone": re.compile(r"\+3247(\d{7,12})\Z"),
}
"""Identifiers, and where in one the id of its person stands."""

_FORGOTTEN = re.compile(r"forgotten(?:\.\d+@example\.com|-\d+)\Z")
_CLAIMED = re.compile(r"conflict\.\d+@example\.com\Z")
_POSSIBLE = re.compile(r"[^\s@<>(),;:\"\[\]\\]+@(?:[^\s@.]+\.)+[^\s@.]+\Z")
_START = int(datetime(2023, 1, 1, tzinfo=UTC).timestamp())
_DAY = 86_400


class _Draw:
    """Draws from the random words of a person; each draw takes other digits."""

    def __init__(self, word: str) -> None:
        self.word = pl.col(word)

    def below(self, count: int, at: int = 0) -> pl.Expr:
        """A number below `count`, from the digits after the `at`-th."""
        digits: pl.Expr = (self.word // (10**at)) % count
        return digits

    def one_in(self, count: int, at: int = 0) -> pl.Expr:
        """True for about one in `count`."""
        return self.below(count, at) == 0

    def of(self, pool: Iterable[object], at: int = 0) -> pl.Expr:
        """A value of the pool."""
        values = pl.Series(list(pool))
        return pl.lit(values).gather(self.below(len(values), at))


def _present(share: pl.Expr, value: pl.Expr) -> pl.Expr:
    return pl.when(~share).then(value)


def _email() -> pl.Expr:
    name, rare = _Draw("w0"), _Draw("w1")
    return pl.concat_str(
        pl.when(rare.one_in(211, 12)).then(pl.lit("a/b.")).otherwise(pl.lit("")),
        name.of(slug for slug, _ in FIRST),
        pl.lit("."),
        name.of((slug for slug, _ in LAST), 4),
        pl.when(rare.one_in(37, 8)).then(pl.lit("+news")).otherwise(pl.lit("")),
        pl.lit("."),
        pl.col("id").cast(pl.String),
        pl.lit("@example."),
        name.of(("com", "org", "net"), 8),
    )


def _last_purchase() -> pl.Expr:
    draw, rare = _Draw("w3"), _Draw("w4")
    moment = pl.from_epoch(_START + draw.below(900 * _DAY, 2).cast(pl.Int64))
    form = (
        pl.when(rare.one_in(499, 12))
        .then(moment.dt.strftime("%Y-%m-%dT%H:%M:%S.134105.000Z"))
        .when(rare.one_in(251, 14))
        .then(moment.dt.strftime("%Y-%m-%d %H:%M:%S +0000"))
        .otherwise(moment.dt.strftime("%Y-%m-%d %H:%M:%S +00:00"))
    )
    return _present(rare.below(5, 10) < 2, form)  # noqa: PLR2004


def _points() -> pl.Expr:
    draw, rare = _Draw("w2"), _Draw("w3")
    value = (
        pl.when(rare.one_in(997, 14))
        .then(BEYOND_DOUBLES + pl.col("id").cast(pl.Int64))
        .when(rare.one_in(23, 12))
        .then(pl.lit(0, pl.Int64))
        .otherwise(draw.below(5000).cast(pl.Int64))
    )
    return _present(rare.one_in(7, 11), value)


def _fields() -> dict[str, pl.Expr]:
    """One expression per column, over `id` and the words `w0` to `w5`."""
    name, rare, draw, more, street = (_Draw(f"w{k}") for k in (0, 1, 2, 4, 5))
    number = pl.col("id").cast(pl.String)
    born = pl.lit(date(1940, 1, 1)) + pl.duration(days=draw.below(22_000, 4))
    created = _START + name.below(900 * _DAY, 10).cast(pl.Int64)
    first = pl.when(rare.one_in(97)).then(rare.of(AWKWARD, 3)).otherwise(name.of(shown for _, shown in FIRST))
    city = more.one_in(4, 9)
    return {
        "email": _email(),
        "userId": pl.concat_str(pl.lit("u-"), number.str.zfill(7)),
        "firstName": _present(rare.one_in(9, 4), first),
        "lastName": _present(rare.one_in(11, 6), name.of((shown for _, shown in LAST), 4)),
        "points": _points(),
        "plan": _present(draw.one_in(10, 6), draw.of(("free", "basic", "pro", "enterprise"), 7)),
        "tier": _present(draw.one_in(3, 8), draw.of(("bronze", "silver", "gold"), 9)),
        "vip": _present(draw.one_in(5, 10), draw.below(5, 11) == 1),
        # Quarters are exact; others come out in two ways, by how many rows are divided at once.
        "ltv": _present(draw.one_in(6, 12), draw.below(40_000, 5).cast(pl.Float64) / 4),
        "birthDate": _present(draw.one_in(4, 13), born.dt.strftime("%Y-%m-%d")),
        "lastPurchase": _last_purchase(),
        "favourites": _present(more.one_in(3), more.of(FAVOURITES, 1)),
        "address.city": _present(city, more.of(CITIES, 2)),
        "address.zip": _present(city, more.below(10_000, 4).cast(pl.String).str.zfill(4)),
        "note": pl.when(rare.one_in(40, 10)).then(rare.of(AWKWARD, 5)),
        "phone": _present(street.one_in(3, 12), pl.concat_str(pl.lit("+3247"), number.str.zfill(7))),
        "address.street": _present(city, street.of(STREETS, 2) + " " + (street.below(250, 4) + 1).cast(pl.String)),
        "created": created,
        "updated": created + more.below(80 * _DAY, 3).cast(pl.Int64),
    }


_FIELDS = _fields()
COLUMNS = tuple(_FIELDS)
"""The names of a person's columns; `created` and `updated` are Unix seconds."""


def people(ids: pl.Series, seed: int, columns: Collection[str] = COLUMNS) -> pl.DataFrame:
    """People of these ids, in this order.

    Args:
        ids: Whole numbers from 0 on.
        seed: Other people for another seed, except for `userId`.
        columns: Those that are wanted; the fewer, the faster.

    Returns:
        A frame with `id` and the columns in the order of `COLUMNS`. Missing values are null; everybody has `email`,
        `userId`, `created` and `updated`. Nested values have dotted names.
    """
    wanted = {name: expression for name, expression in _FIELDS.items() if name in columns}
    needed = sorted({word for expression in wanted.values() for word in expression.meta.root_names()} - {"id"})
    words = [mixed(pl.col("id"), salt(seed, f"word {word[1:]}")).alias(word) for word in needed]
    frame = pl.DataFrame({"id": ids.cast(pl.Int64)})
    return frame.with_columns(words).select("id", **wanted)


def ids_of(name: str, texts: Iterable[str], count: int, seed: int) -> dict[str, int]:
    """The ids of those of the first `count` people who have one of these texts as their `email`, `userId` or `phone`.

    Whoever merely looks like one of them, or lacks the identifier, is not in it.
    """
    pattern = _HOLDING[name]
    claimed = {text: int(match[1]) for text in texts if (match := pattern.search(text)) and int(match[1]) < count}
    if not claimed:
        return {}
    true = people(pl.Series(list(claimed.values()), dtype=pl.Int64), seed, {name})[name].to_list()
    return {text: number for (text, number), real in zip(claimed.items(), true, strict=True) if text == real}


def possible_address(text: str) -> bool:
    """Whether this can be an address."""
    return bool(_POSSIBLE.match(text))


def was_forgotten(identifier: str) -> bool:
    """Whether this identifies somebody who was erased for ever before: `forgotten.1@example.com` or `forgotten-1`."""
    return bool(_FORGOTTEN.match(identifier))


def is_claimed(address: str) -> bool:
    """Whether this address is somebody else's, whoever comes with it: `conflict.1@example.com`."""
    return bool(_CLAIMED.match(address))
