"""Settings and options as a vendor declares them against those that a file gives."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from cdpkit import vendors
from cdpkit.config.vendor_settings import option_problems, resolve_options, resolve_settings, settings_problems
from cdpkit.errors import ConfigurationError
from cdpkit.kit.declare import LIMITS_FACTOR, Setting, describe
from cdpkit.kit.kinds import Address, Choice, Chosen, Dates, DateSpan, Number, Range, Secret, Switch
from cdpkit.problem import Problem

SETTINGS = (
    Setting("base_url", "where the API is", Address(), default="https://api.example.com"),
    Setting("api_key", "the key of the project", Secret(), required=True),
    Setting("region", "where the account is", Choice(("us", "eu")), default="us"),
    Setting("account", "its number", required=True),
    Setting("webhook_secret", "of the webhook, where there is one", Secret()),
    Setting("token_url", "where tokens come from, if elsewhere", Address()),
    LIMITS_FACTOR,
)
OPTIONS = (
    Setting("lists", "which lists", Chosen("lists"), default=()),
    Setting("bucket", "which bucket", Chosen("buckets", several=False)),
    Setting("all", "everybody", Switch(), default=False),
    Setting("channel", "which channel", default="email"),
    Setting("page", "people a page", Number("people", least=1, most=500, whole=True), default=100),
    Setting("share", "how many", Number(), default=0.5),
    Setting("score", "how sure", Range(least=1, most=8, whole=True)),
    Setting("period", "of which days", DateSpan(), applies={"all": (False,)}),
)
DEFAULTS = {
    "lists": (),
    "bucket": None,
    "all": False,
    "channel": "email",
    "page": 100,
    "share": 0.5,
    "score": None,
    "period": None,
}
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
GIVEN = {"api_key": "env:CDPKIT_KEY", "account": "7"}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDPKIT_KEY", "sk-7")


def found(folder: Path, **given: Any) -> list[str]:
    """The problems with settings; the same are in the error of `resolve_settings`, and no secret is."""
    problems = [str(problem) for problem in settings_problems(SETTINGS, GIVEN | given, folder)]
    with pytest.raises(ConfigurationError) as caught:
        resolve_settings(SETTINGS, GIVEN | given, folder)
    assert list(map(str, caught.value.problems)) == problems
    assert all(problem in str(caught.value) for problem in problems)
    assert "sk-" not in f"{caught.value} {caught.value.__cause__}"
    return problems


def test_settings_that_fit(tmp_path: Path) -> None:
    """Defaults are filled in, secrets are looked up at that moment and are masked."""
    resolved = resolve_settings(SETTINGS, GIVEN, tmp_path)
    assert settings_problems(SETTINGS, GIVEN, tmp_path) == []
    assert resolved == {
        "base_url": "https://api.example.com",
        "api_key": SecretStr("sk-7"),
        "region": "us",
        "account": "7",
        "webhook_secret": None,
        "token_url": None,
        "limits_factor": 1.0,
    }
    assert "sk-7" not in f"{resolved}"
    (tmp_path / "key").write_text("sk-8\n", encoding="utf-8")
    given = GIVEN | {
        "webhook_secret": "file:key",
        "region": "eu",
        "limits_factor": 50,
        "base_url": "http://[::1]:80/v1",
    }
    more = resolve_settings(SETTINGS, given, tmp_path)
    assert (more["webhook_secret"], more["region"], more["limits_factor"]) == (SecretStr("sk-8"), "eu", 50.0)
    assert resolve_settings(SETTINGS, GIVEN | {"webhook_secret": ""}, tmp_path)["webhook_secret"] is None


def test_every_vendor_has_a_limits_factor(tmp_path: Path) -> None:
    """A number above 0."""
    assert all(vendors.get(name).settings[-2] == LIMITS_FACTOR for name in vendors.names())
    assert resolve_settings((LIMITS_FACTOR,), {"limits_factor": 0.5}, tmp_path) == {"limits_factor": 0.5}
    for factor in (0, -1.0, "2", True, float("inf"), float("nan")):
        assert found(tmp_path, limits_factor=factor) == [
            "settings.limits_factor: is no number above 0; write one without quotes, such as 1.0"
        ]


def test_settings_that_are_missing_or_unknown(tmp_path: Path) -> None:
    """All of them are named, with what the setting is, and with those that exist."""
    problems = settings_problems(SETTINGS, {"apikey": "sk-7", "account": " "}, tmp_path)
    assert problems == [
        Problem(
            "settings.apikey",
            "no setting 'apikey'; there are: api_key, base_url, region, account, webhook_secret, token_url, "
            "limits_factor",
            "correct the name",
        ),
        Problem(
            "settings.api_key",
            "is missing: the key of the project",
            "add api_key = a reference (env:NAME, file:path or keyring:service/name) below [settings]",
        ),
        Problem("settings.account", "is empty: its number", "write a text"),
    ]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("region", "mars-sk-1", "is none of its choices; write one of us, eu"),
        ("region", 3, "is no text; write one of us, eu in quotes"),
        ("account", 7, "is no text; write a text in quotes"),
        ("account", ["sk-7"], "is no text; write a text in quotes"),
        ("api_key", 7, "is no text; write a reference (env:NAME, file:path or keyring:service/name) in quotes"),
        (
            "api_key",
            "",
            "is empty: the key of the project; write a reference (env:NAME, file:path or keyring:service/name)",
        ),
        *(
            (name, value, 'is no http or https address; write one such as "https://api.example.com"')
            for name in ("base_url", "token_url")
            for value in (
                "api.example.com",
                "ftp://sk-7",
                "https://",
                "http://[sk-7",
                "http://h:sk-7",
                "https://a b",
                " https://h",
                "https:h",
            )
        ),
    ],
)
def test_settings_that_do_not_fit(tmp_path: Path, name: str, value: object, message: str) -> None:
    """The place and what has to be there, never the value."""
    assert found(tmp_path, **{name: value}) == [f"settings.{name}: {message}"]


def test_secrets_that_are_none(tmp_path: Path) -> None:
    """A literal one is refused and not shown; a reference that leads nowhere is named."""
    literal, *more = found(tmp_path, api_key="sk-9")
    assert literal.startswith("settings.api_key: a secret must be given as a reference (env:NAME, file:path or")
    assert more == []
    variable, path = found(tmp_path, api_key="env:CDPKIT_NOWHERE", webhook_secret="file:nowhere")  # noqa: S106 - none
    assert variable == (
        "settings.api_key: env:CDPKIT_NOWHERE leads to no secret: there is no environment variable CDPKIT_NOWHERE; "
        "set it before Python is started"
    )
    assert path == (
        f"settings.webhook_secret: file:nowhere leads to no secret: there is no file {tmp_path / 'nowhere'}; "
        "make it with the secret as its only content, or mend the path"
    )


def test_options_that_fit() -> None:
    """Defaults are filled in; names are tuples, whole numbers are numbers too, and spans have their ends."""
    assert resolve_options(OPTIONS, {}) == DEFAULTS
    given = {"lists": ["VIP", "New"], "bucket": "b-1", "channel": "sms", "page": 5, "share": 1, "score": {"from": 2}}
    read = {"lists": ("VIP", "New"), "score": (2, None), "period": Dates(first=date(2026, 1, 1))}
    assert resolve_options(OPTIONS, given | {"period": {"from": "2026-01-01"}}) == DEFAULTS | given | read
    assert resolve_options(OPTIONS, {"period": {"days": 30}})["period"] == Dates(days=30)
    days = {"from": date(2026, 1, 1), "to": date(2026, 1, 31)}
    assert resolve_options(OPTIONS, {"period": days})["period"] == Dates(date(2026, 1, 1), date(2026, 1, 31))


SPAN = "write a table such as { from = 2026-01-01, to = 2026-01-31 } or { days = 30 }"
ENDS = "write a table such as { from = 1, to = 5 }"


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("lists", ("VIP", 3, ["VIP", 3]), 'is no list of texts; write one such as ["VIP"]'),
        ("bucket", (3, ["b-1"]), "is no text; write a text in quotes"),
        ("all", ("true", 1, 0), "is not on or off; write true or false, without quotes"),
        ("channel", (3, ["email"], True), "is no text; write a text in quotes"),
        ("channel", ("", " "), "is empty: which channel; write a text"),
        (
            "page",
            (1.5, "5", True, 0, 501, 10**400),
            "is no whole number from 1 and up to 500; write one without quotes, such as 1",
        ),
        ("share", ("0.5", False, float("nan")), "is no number; write one without quotes, such as 1.0"),
        ("score", (3, {}, {"least": 1}), f"is no range; {ENDS}"),
        ("score", ({"from": 0}, {"to": 1.5}), f"has an end that is no whole number from 1 and up to 8; {ENDS}"),
        ("score", ({"from": 5, "to": 2},), f"ends before it begins; {ENDS}"),
        (
            "period",
            ("2026", {"days": 0}, {"from": "2026-02-30"}, {"from": MOMENT}, {"to": 3}),
            f"is no span of days; {SPAN}",
        ),
        ("period", ({"from": "2026-02-01", "to": "2026-01-01"},), f"ends before it begins; {SPAN}"),
    ],
)
def test_options_that_do_not_fit(name: str, values: tuple[object, ...], message: str) -> None:
    """The goal, its part and the option, and what to write; each kind says what it expects."""
    for value in values:
        problems = option_problems(OPTIONS, {name: value}, "goal 'VIPs': target")
        assert [str(problem) for problem in problems] == [f"goal 'VIPs': target.{name}: {message}"]
        with pytest.raises(ConfigurationError, match=f"^the options cannot be used: goal 'VIPs': target.{name}: "):
            resolve_options(OPTIONS, {name: value}, "goal 'VIPs': target")


def test_an_option_applies_where_another_has_certain_values() -> None:
    """Elsewhere it cannot be given, and need not be, whether it is required or not."""
    declared = (OPTIONS[2], Setting("list", "which list", required=True, applies={"all": (False,)}))
    assert resolve_options(declared, {"all": True}) == {"all": True, "list": None}
    assert resolve_options(declared, {"list": "VIP"}) == {"all": False, "list": "VIP"}
    assert [str(problem) for problem in option_problems(declared, {}, "goal 'In': source")] == [
        "goal 'In': source.list: is missing: which list; add list = a text to goal 'In': source"
    ]
    for value in ("VIP", 3):
        assert [str(problem) for problem in option_problems(declared, {"all": True, "list": value}, "source")] == [
            "source.list: does not apply: it needs that all is false; remove it, or change that"
        ]


def test_an_option_cannot_be_a_secret() -> None:
    """What a goal holds is shown in the history."""
    (problem,) = option_problems((Setting("key", "a key", Secret()),), {"key": "env:CDPKIT_KEY"}, "source")
    assert str(problem) == "source.key: holds a secret, which no goal can have; make it a setting of the connection"


def test_a_declaration_is_described_as_plain_data() -> None:
    """In the same words for every kind, beside what the kind itself has; JSON can hold it."""
    described = {setting.name: describe(setting) for setting in (*SETTINGS, *OPTIONS)}
    assert json.loads(json.dumps(described)) == described
    assert described["period"] == {
        "name": "period",
        "label": "Period",
        "help": "of which days",
        "kind": "date span",
        "secret": False,
        "unit": "",
        "choices": [],
        "required": False,
        "default": None,
        "applies": {"all": [False]},
    }
    assert (described["api_key"]["label"], described["api_key"]["secret"]) == ("API key", True)
    assert (described["region"]["choices"], described["region"]["default"]) == (["us", "eu"], "us")
    assert (described["lists"]["things"], described["lists"]["several"]) == ("lists", True)
    page = described["page"]
    assert (page["unit"], page["least"], page["most"], page["whole"]) == ("people", 1, 500, True)


def test_options_that_are_unknown() -> None:
    """Those that exist are named."""
    (problem,) = option_problems(OPTIONS, {"list": ["VIP"]}, "source")
    assert str(problem) == (
        "source.list: no option 'list'; there are: lists, bucket, all, channel, page, share, score, "
        "period; correct the name, or remove it"
    )
    with pytest.raises(ConfigurationError, match=r"options\.x: no option 'x'; there are: none yet;"):
        resolve_options((), {"x": 1})
