"""The sample files: made again they are the same, and as dirty as their maker says."""

import csv
import io
import json
import re
import runpy
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

FOLDER = Path(__file__).parents[2] / "sample_data"
TEXTS = ["crm.csv", "crm_update.csv", "newsletter.csv", "app_events.ndjson"]
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def lines(name: str) -> list[list[str]]:
    text = (FOLDER / name).read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def records(name: str) -> list[dict[str, str]]:
    header, *rows = lines(name)
    return [dict(zip(header, row, strict=True)) for row in rows if len(row) == len(header)]


@pytest.fixture(scope="module")
def crm() -> list[dict[str, str]]:
    return records("crm.csv")


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / "app_events.ndjson").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def remade(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("remade")
    runpy.run_path(str(FOLDER / "make.py"))["write"](folder)
    return folder


@pytest.mark.parametrize("name", TEXTS)
def test_the_script_writes_the_same_bytes_again(name: str, remade: Path) -> None:
    """Who changes the script commits what it writes."""
    assert (FOLDER / name).read_bytes() == (remade / name).read_bytes()


def test_the_script_writes_the_same_table_again(remade: Path) -> None:
    """Parquet bytes depend on the version of Polars, its values do not."""
    name = "shop_orders.parquet"
    assert_frame_equal(pl.read_parquet(FOLDER / name), pl.read_parquet(remade / name))


def test_the_folder_holds_these_files_and_stays_small() -> None:
    """Everything is installed with the package, so it is below 1.5 MB."""
    files = {path.name: path.stat().st_size for path in FOLDER.iterdir() if path.is_file()}
    assert {*TEXTS, "shop_orders.parquet", "make.py"} == set(files)
    assert sum(files.values()) < 1_500_000


def test_nobody_in_the_files_can_be_written_to() -> None:
    """Every address that could be one ends in a domain that is kept for examples."""
    texts = [(FOLDER / name).read_text("utf-8") for name in TEXTS]
    texts.append(" ".join(pl.read_parquet(FOLDER / "shop_orders.parquet")["email"].drop_nulls()))
    domains = {match.rpartition("@")[2].split(",")[0].lower() for text in texts for match in ADDRESS.findall(text)}
    domains = {re.sub(r"[^a-z.].*", "", domain) for domain in domains}
    assert {"example.com", "example.org", "example.net"} == domains


def test_the_crm_has_the_marks_of_its_origin(crm: list[dict[str, str]]) -> None:
    """A byte order mark, ids with leading zeros, quoted line ends, quotes and commas, emoji and other alphabets."""
    raw = (FOLDER / "crm.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert len(crm) > 3000
    assert all(re.fullmatch(r"\d{6}", row["customer_id"]) for row in crm)
    assert any(row["customer_id"].startswith("0") for row in crm)
    notes = {row["notes"] for row in crm}
    assert all(any(sign in note for note in notes) for sign in ['"', "\n", ",", "🎉", "\t"])
    names = " ".join(row["first_name"] + row["last_name"] for row in crm)
    assert all(sign in names for sign in ["ë", "Ñ", "İ", "Μ", "М", "美", "ل", "נ", "द", "😀"])  # noqa: RUF001, alphabets


def test_the_crm_has_people_twice(crm: list[dict[str, str]]) -> None:
    """Some lines are there twice, some people under two ids with their address in other case or with blanks."""
    whole = Counter(tuple(row.values()) for row in crm)
    assert sum(count > 1 for count in whole.values()) > 20
    spellings: dict[str, set[str]] = {}
    for row in crm:
        spellings.setdefault(row["email"].strip().lower(), set()).add(row["email"])
    several = [texts for key, texts in spellings.items() if "@" in key and len(texts) > 1]
    assert len(several) > 30
    assert any(text != text.strip() for texts in several for text in texts)
    assert any(text != text.lower() for texts in several for text in texts)


def test_the_crm_has_values_that_do_not_fit(crm: list[dict[str, str]]) -> None:
    """Addresses that are blank or none, points that are no numbers, blanks at the end, dates with the day first."""
    emails = [row["email"] for row in crm]
    assert {"", "   "} < set(emails)
    assert sum(bool(email.strip()) and not ADDRESS.fullmatch(email.strip()) for email in emails) > 20
    points = {row["points"] for row in crm}
    assert {"", "n/a", "12,5", "1 200", "99999999999999999999"} < points
    assert any(row["first_name"].endswith(" ") and row["plan"].endswith(" ") for row in crm)
    assert any(re.fullmatch(r"\d\d/\d\d/\d{4}", row["signup_date"]) for row in crm)
    assert {"yes", "no", "Yes", "NO", "no ", ""} == {row["newsletter"] for row in crm}


def test_the_crm_has_ragged_lines() -> None:
    """Three lines have too few fields, three too many."""
    header, *rows = lines("crm.csv")
    assert Counter({5: 3, 13: 3}) == Counter(len(row) for row in rows if len(row) != len(header))


def test_the_update_changes_clears_and_adds(crm: list[dict[str, str]]) -> None:
    """A day later some plans are others, some fields empty, some people new, and most are as they were."""
    before = {row["customer_id"]: row for row in reversed(crm)}
    after = records("crm_update.csv")
    assert len(lines("crm_update.csv")) - 1 == len(after)
    assert sum(row["customer_id"] not in before for row in after) == 80
    known = [(before[row["customer_id"]], row) for row in after if row["customer_id"] in before]
    assert sum(bool(row["plan"]) and row["plan"] != old["plan"].strip() for old, row in known) > 100
    assert sum(bool(old["phone"]) and not row["phone"] for old, row in known) > 5
    assert sum(old == row for old, row in known) > 50


def test_shop_orders_are_typed() -> None:
    """Decimals, whole numbers, lists and times with a zone, each with nulls, and several rows a customer."""
    orders = pl.read_parquet(FOLDER / "shop_orders.parquet")
    expected = {
        "customer_id": pl.String(),
        "email": pl.String(),
        "order_total": pl.Float64(),
        "orders": pl.Int64(),
        "tags": pl.List(pl.String()),
        "last_order": pl.Datetime("us", "Europe/Brussels"),
    }
    assert expected == dict(orders.schema)
    assert all(orders[name].null_count() > 0 for name in ["email", "order_total", "tags", "last_order"])
    assert orders.group_by("customer_id").len()["len"].max() == 4
    assert orders["tags"].list.len().max() == 5


def test_the_newsletter_mixes_cases_and_offsets() -> None:
    """Addresses come in any case, interests as one text, times with several offsets or none."""
    rows = records("newsletter.csv")
    assert any(row["email"].isupper() for row in rows)
    assert any(row["email"].islower() for row in rows)
    assert any(row["interests"].count("|") > 1 for row in rows)
    assert any(row["interests"] == "" for row in rows)
    expected = {"Z", "+01:00", "+05:30", "-08:00", "+00:00", ""}
    assert expected == {row["subscribed_at"].removeprefix(row["subscribed_at"][:19]) for row in rows}


def test_app_events_are_nested_and_miss_keys(events: list[dict[str, Any]]) -> None:
    """A device is an object in an object, screens are lists, and a key is missing where nothing is known."""
    devices = [event["device"] for event in events if "device" in event]
    assert 0 < len(devices) < len(events)
    assert all(isinstance(device["screen"]["width"], int) for device in devices)
    assert [] in [event["screens"] for event in events]
    assert all(any(key not in event for event in events) for key in ["email", "customer_id", "seconds"])
    assert all(value is not None for event in events for value in event.values())
