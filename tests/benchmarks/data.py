"""Made-up profiles of 31 columns, and sources that touch some of them: the same numbers make the same people."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

SEED = 20_240_229
SPREAD = 2_654_435_761
"""A prime that no table's size divides: its multiples, modulo that size, reach every profile once."""

PRIME = 4_294_967_291
SUBSCRIBERS = 40_000
"""People in a file of a vendor's export."""

PLANS = ("free", "silver", "gold", "platinum")
COUNTRIES = ("BE", "NL", "FR", "DE", "LU", "ES", "IT", "PT", "IE", "AT", "DK", "SE")
WORDS = (
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "harbour",
    "island",
    "juniper",
    "kelp",
    "lagoon",
)

RULES = (
    {"from": "plan", "to": "plan", "rule": "set"},
    {"from": "company", "to": "company", "rule": "set_if_empty"},
    {"from": "tags", "to": "tags", "rule": "add"},
    {"from": "points", "to": "points", "rule": "sum"},
)
"""The four mapped fields of every import; a number other than 0 under `sum` changes each profile it reaches."""


@dataclass(frozen=True)
class Column:
    """One column of the made-up profiles: its property, what it holds for the person `n`, and how often nothing."""

    value: pl.Expr
    type: str = "text"
    multi: bool = False
    identifier: bool = False
    empty: float = 0.0


@dataclass(frozen=True)
class Extract:
    """A source made for a table of so many profiles.

    Attributes:
        path: The Parquet file.
        rows: How many.
        reached: How many different profiles, of those that exist, its rows reach.
        new: How many people no profile has yet.
    """

    path: Path
    rows: int
    reached: int
    new: int


def drawn(salt: int, below: int) -> pl.Expr:
    """A whole number for each person, the same at every run."""
    return (pl.col("n").hash(SEED + salt) % below).cast(pl.Int64)


def picked(salt: int, choices: tuple[str, ...]) -> pl.Expr:
    """One of some texts."""
    return pl.lit(pl.Series(choices)).gather(drawn(salt, len(choices)))


def phrase(salt: int, words: int) -> pl.Expr:
    """Some words."""
    return pl.concat_str([picked(salt + 100 * word, WORDS) for word in range(words)], separator=" ")


def day(salt: int, first: date, days: int) -> pl.Expr:
    """A date within so many days."""
    return pl.lit(first) + pl.duration(days=drawn(salt, days))


def email() -> pl.Expr:
    """An address for each person; neighbours have different ones."""
    return pl.format("{}{}@{}.example.com", phrase(6, 1), pl.col("n") * SPREAD % PRIME, picked(1, WORDS))


COLUMNS: Mapping[str, Column] = {
    "email": Column(email(), "email", identifier=True),
    "customer_id": Column(pl.format("C-{}", pl.col("n") + 1_000_000_000), identifier=True),
    "aliases": Column(
        pl.concat_list(pl.format("web{}", pl.col("n")), pl.format("shop{}", pl.col("n"))), multi=True, identifier=True
    ),
    "plan": Column(picked(2, PLANS)),
    "country": Column(picked(3, COUNTRIES)),
    "language": Column(picked(4, ("nl", "fr", "de", "en"))),
    "channel": Column(picked(5, ("web", "shop", "phone")), empty=0.2),
    "gender": Column(picked(6, ("f", "m", "x")), empty=0.3),
    "first_name": Column(phrase(7, 1)),
    "last_name": Column(phrase(8, 2)),
    "street": Column(pl.format("{} {}", phrase(9, 2), drawn(10, 400)), empty=0.1),
    "city": Column(pl.format("{}{}", picked(11, WORDS), drawn(12, 500))),
    "company": Column(pl.format("{} {}", phrase(13, 1), drawn(14, 5_000)), empty=0.4),
    "job": Column(phrase(15, 2), empty=0.5),
    "notes": Column(phrase(16, 6), empty=0.4),
    "points": Column(drawn(17, 10_000), "number"),
    "orders": Column(drawn(18, 60), "number"),
    "visits": Column(drawn(19, 900), "number"),
    "age": Column(drawn(20, 80) + 18, "number", empty=0.3),
    "household": Column(drawn(21, 3_000_000), "number", empty=0.5),
    "balance": Column(drawn(22, 1_000_000) / 100, "decimal"),
    "score": Column(drawn(23, 1_000_000) / 1_000_000, "decimal"),
    "discount": Column(drawn(24, 40) / 100, "decimal", empty=0.6),
    "subscribed": Column(drawn(25, 2) == 0, "boolean"),
    "verified": Column(drawn(26, 5) == 0, "boolean", empty=0.1),
    "birth_date": Column(day(27, date(1940, 1, 1), 25_000), "date", empty=0.3),
    "signup_date": Column(day(28, date(2015, 1, 1), 3_500), "date"),
    "last_order": Column(day(29, date(2023, 1, 1), 700), "date", empty=0.4),
    "last_seen": Column(
        pl.lit(datetime(2024, 1, 1, tzinfo=UTC)) + pl.duration(seconds=drawn(30, 40_000_000)), "datetime"
    ),
    "tags": Column(pl.concat_list(picked(31, WORDS[:6]), picked(32, WORDS[6:])), multi=True, empty=0.2),
    "interests": Column(pl.concat_list(picked(33, WORDS[:4]), picked(34, WORDS[4:])), multi=True, empty=0.5),
}


def people(rows: int, path: Path) -> Path:
    """Write the people numbered from 0: the source of the first load."""
    frame = pl.LazyFrame({"n": pl.int_range(rows, eager=True)})
    columns = [
        pl.when(drawn(salt + 5_000, 1_000) >= 1_000 * column.empty).then(column.value).alias(name)
        for salt, (name, column) in enumerate(COLUMNS.items())
    ]
    frame.select(columns).sink_parquet(path, compression="zstd", compression_level=1)
    return path


def extract(path: Path, table: int, rows: int, salt: int, *, repeated: float = 0.0, new: float = 0.0) -> Extract:
    """Write a source that reaches scattered profiles of a table.

    Args:
        path: Where to.
        table: How many profiles there are.
        rows: How many rows.
        salt: Sources with different ones reach different profiles.
        repeated: The share of rows whose identifiers another row has too.
        new: The share of rows about people whom no profile stands for yet.
    """
    again, unknown = int(rows * repeated), int(rows * new)
    known = rows - again - unknown
    k = pl.col("k")
    who = (
        pl.when(k < known)
        .then((k * SPREAD + salt * 7_919) % table)
        .when(k < known + unknown)
        .then(k + table)
        .otherwise(((k - known - unknown) * SPREAD + salt * 7_919) % table)
    )
    frame = (
        pl.LazyFrame({"k": pl.int_range(rows, eager=True)})
        .with_columns(who.alias("n"))
        .sort(k.hash(SEED + salt))
        .select(
            *(COLUMNS[name].value.alias(name) for name in ("email", "customer_id", "aliases")),
            pl.when(k % 2 == 0).then(email().str.to_uppercase()).otherwise(email()).alias("mixed_email"),
            pl.format("plan {} of {}", k % 5, pl.lit(salt)).alias("plan"),
            pl.format("company {}", k % 5_000).alias("company"),
            pl.concat_list(pl.format("tag{}", k % 20), picked(35, WORDS)).alias("tags"),
            (k % 9 + 1).alias("points"),
        )
    )
    frame.sink_parquet(path, compression="zstd", compression_level=1)
    return Extract(path, rows, known, unknown)


def subscribers(people: int, folder: Path) -> Path:
    """Write the first people as a vendor's export job does: files of lines of JSON, with the fields asked for.

    They are in no order; a file has less than ten megabytes.
    """
    half = folder.with_name(f"{folder.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir()
    rows = extract(half / "rows.parquet", people, people, 3).path
    for nth, first in enumerate(range(0, people, SUBSCRIBERS)):
        part = pl.scan_parquet(rows).slice(first, SUBSCRIBERS)
        part.select(
            "email",
            pl.col("customer_id").alias("userId"),
            pl.lit("2024-05-01 10:00:00 +00:00").alias("profileUpdatedAt"),
            pl.lit([501]).alias("emailListIds"),
            *(rule["from"] for rule in RULES),
        ).sink_ndjson(half / f"file-{1_700_000_000_000 + nth}.json")
    rows.unlink()
    return half.rename(folder)
