"""Built-in processors that change texts, addresses, telephone numbers and dates."""

import datetime as dt
import hashlib

import polars as pl
import pytest

from cdpkit.core.processors import StepSpec, parse_steps, process
from cdpkit.core.properties import SOURCE_ROW
from cdpkit.errors import ConfigurationError


def no_sql(rows: pl.DataFrame, _text: str) -> pl.DataFrame:
    return rows


def run(rows: pl.DataFrame, *specs: StepSpec) -> pl.DataFrame:
    steps = parse_steps(specs, {})
    return process(rows.with_row_index(SOURCE_ROW).cast({SOURCE_ROW: pl.Int64}), steps, functions={}, sql=no_sql,
                   today=dt.date(2024, 5, 17)).rows  # fmt: skip


def changed(values: list[object], /, **spec: object) -> list[object]:
    """Column `a` after one step on it."""
    return run(pl.DataFrame({"a": values}, strict=False), {"fields": ["a"], **spec})["a"].to_list()


def phone(values: list[object], **spec: object) -> list[object]:
    return changed(values, processor="normalize_phone", **spec)


def dates(values: list[object], *formats: str, **spec: object) -> list[object]:
    return changed(values, processor="parse_dates", formats=list(formats), **spec)


def test_trim_takes_every_text_field_when_none_is_named() -> None:
    """Texts and lists of texts are trimmed, the rest is left alone."""
    rows = pl.DataFrame({"a": [" x ", None], "b": [["y ", None], []], "n": [1, 2], "*": ["z ", ""]})
    expected = pl.DataFrame({"a": ["x", None], "b": [["y"], []], "n": [1, 2], "*": ["z", ""]})
    assert expected.to_dict(as_series=False) == run(rows, "trim").drop(SOURCE_ROW).to_dict(as_series=False)


def test_a_named_field_must_hold_text() -> None:
    """Numbers are refused with the type and the way out."""
    with pytest.raises(ConfigurationError, match="field 'a' holds Int64, not text; leave it out"):
        changed([1], processor="trim")


def test_fields_without_any_value_pass() -> None:
    """A column of nulls may be anything and stays."""
    assert changed([None], processor="trim") == [None]


def test_categorical_text_is_text() -> None:
    """Categories are changed as the texts that they are."""
    rows = pl.DataFrame({"a": pl.Series(["X"], dtype=pl.Categorical)})
    assert run(rows, {"processor": "change_case", "fields": ["a"], "case": "lower"})["a"].to_list() == ["x"]


@pytest.mark.parametrize(("case", "expected"), [("lower", "o'neil"), ("upper", "O'NEIL"), ("title", "O'Neil")])
def test_change_case(case: str, expected: str) -> None:
    """Each case writes the text its way."""
    assert [expected] == changed(["o'NEIL"], processor="change_case", case=case)


def test_null_words_are_emptied() -> None:
    """Only the exact words in any case go, in lists they are dropped."""
    given: list[object] = ["null", " None ", "NaN", "nano", "n/a", None]
    assert changed(given, processor="drop_null_words") == [None, None, None, "nano", "n/a", None]
    assert changed([["null", "x"]], processor="drop_null_words") == [["x"]]


def test_convert_values_keeps_or_empties_others() -> None:
    """Values outside the table follow the option."""
    table = {"NL": "Netherlands", "BE": "Belgium"}
    assert changed(["NL", "DE", None], processor="convert_values", values=table) == ["Netherlands", "DE", None]
    assert changed(["BE", "DE"], processor="convert_values", values=table, others="empty") == ["Belgium", None]
    assert changed([["DE", "BE"]], processor="convert_values", values=table, others="empty") == [["Belgium"]]


def test_hash_is_sha256_of_the_trimmed_lower_case_text() -> None:
    """Hashes are those of hashlib, empty values stay empty."""
    expected = hashlib.sha256(b"ann@x.org").hexdigest()
    assert [expected, None, None] == changed([" Ann@X.org", None, " "], processor="hash")
    assert [[expected]] == changed([["ANN@x.org", ""]], processor="hash")


def test_normalize_email() -> None:
    """Addresses lose white space and capitals."""
    assert changed([" Ann@X.org ", None], processor="normalize_email") == ["ann@x.org", None]


def test_domain_typos_are_mended() -> None:
    """Known typos are mended, the part before the @ is left alone."""
    given: list[object] = ["Ann@Gmial.com", "b@gmail.com", "gmial.com", "c@exmaple.org", None]
    expected = ["Ann@gmail.com", "b@gmail.com", "gmial.com", "c@example.org", None]
    typos = {"Exmaple.org": "example.org"}
    assert expected == changed(given, processor="email_domain_typos", typos=typos)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("+31 (0)20-123.45/67", "+31201234567"),
        ("0031 20 1234567", "+31201234567"),
        ("020 1234567", "+31201234567"),
        ("20 1234567", "+31201234567"),
        ("\u202a+31 20 1234567\u202c", "+31201234567"),
        ("", None),
        (None, None),
    ],
)
def test_phone_numbers_become_international(given: str | None, expected: str | None) -> None:
    """Punctuation, 00 and the national prefix make way for + and the country code."""
    assert [expected] == phone([given, "+31201234567"], country_code="31")[:1]


def test_phone_numbers_without_country_code_stay_national() -> None:
    """No code is guessed."""
    assert phone(["020-1234567"]) == ["0201234567"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("447911123456.0", "447911123456"),
        ("555-0126 / 555-0127", None),
        ("+31201234567, +31201234568", None),
        ("020/1234567", "0201234567"),
        ("12.345.678,00", None),
        ("12345678.90", None),
        ("2024-01-05", None),
        ("05/01/2024", None),
        ("01.23.45.67.89", "0123456789"),
    ],
)
def test_what_only_has_digits_like_a_number_is_none(given: str, expected: str | None) -> None:
    """The zero of a float goes; two numbers in a cell, an amount and a date are no telephone number."""
    assert phone([given], on_error="empty") == [expected]


def test_the_national_prefix_is_an_option() -> None:
    """In the USA a leading 1 is no digit of the number."""
    assert phone(["1 (555) 123-4567", "555.123.4567"], country_code="+1", national_prefix="1") == ["+15551234567"] * 2


def test_what_is_no_phone_number_follows_the_option() -> None:
    """The value is emptied, kept, or takes its row with it."""
    good, bad = "+31201234567", ["1234567", "+1234567890123456", "call me 12345678", "-"]
    assert [good, None, None, None, None] == phone([good, *bad])
    assert [good] == phone([good, *bad], on_error="exclude")
    assert [good, *bad] == phone([good, *bad], on_error="keep")
    assert [good, None, None, None, None] == phone([good, *bad], on_error="empty")


def test_one_bad_element_is_enough_in_a_list() -> None:
    """A list with a value that does not fit excludes its row, or loses the element."""
    given: list[object] = [["+31201234567", "x"], ["+31201234567", "", None], None, []]
    assert phone(given, on_error="exclude") == [["+31201234567"], None, []]
    assert phone(given, on_error="keep") == [["+31201234567", "x"], ["+31201234567", ""], None, []]
    assert phone(given, on_error="empty") == [["+31201234567"], ["+31201234567"], None, []]


def test_country_codes_are_checked() -> None:
    """A country code is one to three digits."""
    with pytest.raises(ConfigurationError, match="'country_code' must be 1 to 3 digits"):
        phone(["x"], country_code="NL")


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("%d/%m/%Y", " 31/12/2024 ", "2024-12-31"),
        ("%d.%m.%Y %H:%M", "31.12.2024 10:30", "2024-12-31T10:30:00"),
        ("%Y-%m-%d %H:%M:%S.%f", "2024-12-31 10:30:00.250", "2024-12-31T10:30:00.250"),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-12-31T00:30:00+0100", "2024-12-30T23:30:00Z"),
        ("%Y-%m-%dT%H:%M:%S%#z", "2024-12-31T00:30:00Z", "2024-12-31T00:30:00Z"),
        ("%b %d, %Y", "Jan 5, 2024", "2024-01-05"),
        ("%d/%m/%Y", "31/12/23", None),
        ("%d/%m/%Y", "31/12/0023", "0023-12-31"),
        ("%d/%m/%y", "31/12/69", "1969-12-31"),
        ("%d/%m/%y", "31/12/68", "2068-12-31"),
    ],
)
def test_dates_become_iso(text: str, given: str, expected: str | None) -> None:
    """A time is written when the format has one, an offset is turned into UTC; a full year has four digits."""
    assert [expected] == dates([given], text, on_error="empty")


def test_the_first_format_that_fits_reads_a_date() -> None:
    """Formats are tried in order."""
    assert dates(["1/2/2024", "2/13/2024"], "%d/%m/%Y", "%m/%d/%Y") == ["2024-02-01", "2024-02-13"]


def test_times_are_read_in_the_zone() -> None:
    """The hour that summer time skips does not exist, the one it repeats is the earlier."""
    given: list[object] = ["01/07/2024 12:00", "31/03/2024 02:30", "27/10/2024 02:30"]
    expected = ["2024-07-01T10:00:00Z", None, "2024-10-27T00:30:00Z"]
    assert expected == dates(given, "%d/%m/%Y %H:%M", zone="Europe/Paris", on_error="empty")


def test_dates_can_be_dates() -> None:
    """Days are those of the zone."""
    text = "%Y-%m-%dT%H:%M:%S%z"
    given: list[object] = ["2024-12-31T23:30:00+0000"]
    assert [dt.date(2024, 12, 31)] == dates(given, text, to="date")
    assert [dt.date(2025, 1, 1)] == dates(given, text, to="date", zone="Europe/Paris")
    assert [[dt.date(2024, 2, 1)]] == dates([["1/2/2024", ""]], "%d/%m/%Y", to="date")


def test_what_is_no_date_follows_the_option() -> None:
    """The value is emptied, kept, or takes its row with it."""
    given: list[object] = ["1/2/2024", "31/2/2024", "", None]
    assert dates(given, "%d/%m/%Y", on_error="exclude") == ["2024-02-01", None, None]
    assert dates(given, "%d/%m/%Y") == ["2024-02-01", None, None, None]
    assert dates(given, "%d/%m/%Y", on_error="keep") == ["2024-02-01", "31/2/2024", "", None]
    assert dates(given, "%d/%m/%Y", on_error="empty") == ["2024-02-01", None, None, None]


@pytest.mark.parametrize("text", ["%Q/%Y", "%H:%M", "day", "%", "%Y-%m-%d %H", "%F %Z", "%s"])
def test_formats_are_tried_before_the_first_row(text: str) -> None:
    """A format that cannot give a date is a configuration error that shows it."""
    with pytest.raises(ConfigurationError, match=f"format '{text}'"):
        parse_steps([{"processor": "parse_dates", "fields": ["a"], "formats": [text]}], {})


@pytest.mark.parametrize(
    ("options", "message"),
    [({"zone": "Europe/Pari"}, "no time zone"), ({"to": "date", "on_error": "keep"}, "cannot keep")],
)
def test_date_options_are_checked(options: dict[str, str], message: str) -> None:
    """Zones must exist, and a column of dates cannot keep texts."""
    with pytest.raises(ConfigurationError, match=message):
        parse_steps([{"processor": "parse_dates", "fields": ["a"], "formats": ["%F"], **options}], {})
