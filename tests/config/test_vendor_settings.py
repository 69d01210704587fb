"""Settings and options as a vendor declares them against those that a file gives."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from cdpkit.config.vendor_settings import option_problems, resolve_options, resolve_settings, settings_problems
from cdpkit.errors import ConfigurationError
from cdpkit.kit.vendor import Option, Setting
from cdpkit.problem import Problem

SETTINGS = (
    Setting("base_url", "where the API is", default="https://api.example.com"),
    Setting("api_key", "the key of the project", secret=True),
    Setting("region", "where the account is", default="us", choices=("us", "eu")),
    Setting("account", "its number"),
    Setting("webhook_secret", "of the webhook, where there is one", secret=True, default=""),
    Setting("token_url", "where tokens come from, if elsewhere", default=""),
)
OPTIONS = (
    Option("lists", "which lists", default=()),
    Option("all", "everybody", default=False),
    Option("channel", "which channel", default="email"),
    Option("page", "people a page", default=100),
    Option("share", "how many", default=0.5),
)
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
        "webhook_secret": SecretStr(""),
        "token_url": "",
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
    assert resolve_settings(SETTINGS, GIVEN | {"webhook_secret": ""}, tmp_path)["webhook_secret"] == SecretStr("")


def test_every_vendor_has_a_limits_factor(tmp_path: Path) -> None:
    """A number above 0."""
    assert resolve_settings((), {"limits_factor": 0.5}, tmp_path) == {"limits_factor": 0.5}
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
            "correct the name, or remove it",
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
    """Defaults are filled in; lists of names are tuples, whole numbers are numbers too."""
    assert resolve_options(OPTIONS, {}) == {"lists": (), "all": False, "channel": "email", "page": 100, "share": 0.5}
    given = {"lists": ["VIP", "New"], "all": True, "channel": "", "page": 5, "share": 1}
    assert resolve_options(OPTIONS, given) == given | {"lists": ("VIP", "New")}
    assert option_problems(OPTIONS, given) == []


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("lists", ("VIP", 3, ["VIP", 3], None), 'write a list of texts such as ["VIP"]'),
        ("all", ("true", 1, 0, None), "write true or false, without quotes"),
        ("channel", (3, ["email"], True), "write a text in quotes"),
        ("page", (1.5, "5", True), "write a whole number, without quotes"),
        ("share", ("0.5", False, float("nan")), "write a number, without quotes"),
    ],
)
def test_options_that_do_not_fit(name: str, values: tuple[object, ...], expected: str) -> None:
    """The goal, its part and the option, and what to write."""
    for value in values:
        problems = option_problems(OPTIONS, {name: value}, "goal 'VIPs': target")
        assert [str(problem) for problem in problems] == [f"goal 'VIPs': target.{name}: does not fit; {expected}"]
        with pytest.raises(
            ConfigurationError, match=f"^the options cannot be used: goal 'VIPs': target.{name}: does not fit"
        ):
            resolve_options(OPTIONS, {name: value}, "goal 'VIPs': target")


def test_options_that_are_unknown() -> None:
    """Those that exist are named."""
    (problem,) = option_problems(OPTIONS, {"list": ["VIP"]}, "source")
    assert str(problem) == (
        "source.list: no option 'list'; there are: lists, all, channel, page, share; correct the name, or remove it"
    )
    with pytest.raises(ConfigurationError, match=r"options\.x: no option 'x'; there are: none yet;"):
        resolve_options((), {"x": 1})
