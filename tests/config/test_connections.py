"""Connection files: the example of the documentation, what is refused and in which words, names, secrets."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from cdpkit.config.connections import ConnectionFile, ConnectionFiles, ConnectionSettings
from cdpkit.config.goal_edits import set_enabled
from cdpkit.config.goals import read_goal
from cdpkit.config.goals.export_profiles import ExportGoalSettings
from cdpkit.config.goals.import_profiles import ImportGoalSettings
from cdpkit.core.goal import OnMultiple, Rule
from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.place import Folder

EXAMPLE = """\
vendor = "iterable"
enabled = true
labels = ["email"]
objectives = ["newsletter"]
[settings]
base_url = "https://api.iterable.com"
api_key = "env:ITERABLE_API_KEY"
[schedule]
every = "15 minutes"                 # or times_per_day = 4 | days_of_week = ["mon", "fri"], at = "01:30" | days_of_month = [1, 15], at = .. | weekday_of_month = "first mon", at = ..
timezone = "Europe/Brussels"
[[goals]]
kind = "import_profiles"             # import_groups | import_profiles | export_profiles
name = "Subscribers"
source = { lists = ["Newsletter"] }  # or { all = true }
create_profiles = true
identifiers = [{ from = "email", to = "email" }]
mappings = [{ from = "firstName", to = "first_name", rule = "set" }, { from = "points", to = "points", rule = "sum" }]
save_lists_to = "iterable_lists"
[[goals]]
kind = "export_profiles"
name = "VIPs"
segment = "vips"
target = { lists = ["VIP"], on_enter = true, on_leave = true }
create = true                        # create at the vendor where none matches
identifiers = [{ from = "email", to = "email" }]
mappings = [{ value = "property", from = "plan", to = "plan" }, { value = "segments", to = "segments" }, { value = "text", text = "cdpkit", to = "source" }]
"""  # noqa: E501 - as the documentation has it

GOAL = """
[[goals]]
kind = "import_profiles"
name = "In"
identifiers = [{ from = "email", to = "email" }]
"""
EXPORT = """
[[goals]]
kind = "export_profiles"
name = "Out"
segment = "vips"
identifiers = [{ from = "email", to = "email" }]
"""


def written(folder: Path, text: str, name: str = "news") -> ConnectionFile:
    """A connection file with this text."""
    file = ConnectionFile(Folder(folder), name)
    file.path.local.parent.mkdir(exist_ok=True)
    file.path.local.write_text(text, encoding="utf-8")
    return file


# Reading


def test_the_documented_example_is_read(tmp_path: Path) -> None:
    """Every key of it arrives, and what is left out has its default."""
    settings = written(tmp_path, EXAMPLE).read()
    assert (settings.vendor, settings.enabled, settings.favorite) == ("iterable", True, False)
    assert (settings.labels, settings.objectives, settings.description) == (("email",), ("newsletter",), "")
    assert settings.settings == {"base_url": "https://api.iterable.com", "api_key": "env:ITERABLE_API_KEY"}
    assert settings.schedule is not None
    assert (settings.schedule.every, settings.schedule.timezone) == ("15 minutes", "Europe/Brussels")
    assert not settings.schedule.catch_up
    subscribers, vips = settings.goals
    assert isinstance(subscribers, ImportGoalSettings)
    assert subscribers.source == {"lists": ["Newsletter"]}
    assert [(pair.source, pair.target) for pair in subscribers.identifiers] == [("email", "email")]
    assert [(mapping.source, mapping.target, mapping.rule) for mapping in subscribers.mappings] == [
        ("firstName", "first_name", Rule.SET),
        ("points", "points", Rule.SUM),
    ]
    assert (subscribers.active, subscribers.create_profiles, subscribers.processors) == (True, True, ())
    assert subscribers.on_multiple_matches is OnMultiple.NEWEST
    assert (subscribers.save_lists_to, subscribers.save_lists_rule) == ("iterable_lists", "add")
    assert isinstance(vips, ExportGoalSettings)
    assert (vips.segment, vips.create, vips.skip_unchanged_payload) == ("vips", True, False)
    assert vips.target == {"lists": ["VIP"], "on_enter": True, "on_leave": True}
    assert [(mapping.value, mapping.source, mapping.text, mapping.target) for mapping in vips.mappings] == [
        ("property", "plan", None, "plan"),
        ("segments", None, None, "segments"),
        ("text", None, "cdpkit", "source"),
    ]
    assert {(mapping.join, mapping.send_empty, mapping.segments) for mapping in vips.mappings} == {(None, False, None)}


def test_every_key_of_a_goal_is_read() -> None:
    """Those that the example leaves out, in Python, with identifiers as a dict."""
    taken = read_goal(
        {
            "kind": "import_profiles",
            "name": "In",
            "active": False,
            "identifiers": {"mail": "email", "id": "customer"},
            "on_multiple_matches": "all",
            "processors": ["trim", {"processor": "first_rows", "rows": 5}],
            "save_lists_to": "lists",
            "save_lists_rule": "set_or_clear",
        }
    )
    assert isinstance(taken, ImportGoalSettings)
    assert [(pair.source, pair.target) for pair in taken.identifiers] == [("mail", "email"), ("id", "customer")]
    assert (taken.active, taken.on_multiple_matches, taken.save_lists_rule) == (False, "all", "set_or_clear")
    assert taken.processors == ("trim", {"processor": "first_rows", "rows": 5})
    values = [
        {"from": "plan", "to": "plan", "join": ", ", "send_empty": True},
        {"value": "identifier", "to": "a"},
        {"value": "identifier", "from": "email", "to": "b"},
        {"value": "segments", "segments": ["vips", "new"], "to": "c"},
        {"value": "viewed_interactions", "to": "d"},
        {"value": "permission_level", "to": "e"},
    ]
    kinds = ["identifier", "identifier", "segments", "viewed_interactions", "permission_level"]
    given = {"kind": "export_profiles", "name": "Out", "segment": "s", "identifiers": {"email": "email"}}
    sent = read_goal({**given, "mappings": values, "skip_unchanged_payload": True, "create": False})
    assert isinstance(sent, ExportGoalSettings)
    assert [mapping.value for mapping in sent.mappings] == ["property", *kinds]
    assert (sent.mappings[0].join, sent.mappings[0].send_empty) == (", ", True)
    assert (sent.mappings[3].segments, sent.skip_unchanged_payload, sent.create) == (("vips", "new"), True, False)


def test_goals_keep_their_order(tmp_path: Path) -> None:
    """As in the file; `tests/runs/test_kinds.py` shows the order in which they run."""
    text = "vendor = 'x'\n" + "".join(
        (EXPORT if kind == "E" else GOAL).replace('"Out"', f'"{name}"').replace('"In"', f'"{name}"')
        for kind, name in [("E", "e1"), ("I", "i1"), ("E", "e2"), ("I", "i2")]
    )
    settings = written(tmp_path, text).read()
    assert [goal.name for goal in settings.goals] == ["e1", "i1", "e2", "i2"]
    assert settings.goal("e2") is settings.goals[2]
    with pytest.raises(UnknownNameError, match="no goal 'E2'; there are: e2, e1, i1, i2"):
        settings.goal("E2")


@pytest.mark.parametrize(
    "schedule",
    [
        'every = "1 minute"',
        'every = "2 hours"',
        "times_per_day = 4",
        'days_of_week = ["mon", "fri"]\nat = "01:30"',
        'days_of_month = [1, 15, "last"]\nat = "23:59"\ncatch_up = true',
        'weekday_of_month = "last sun"\nat = "00:00"\ntimezone = "Europe/Brussels"',
    ],
)
def test_forms_of_a_schedule(tmp_path: Path, schedule: str) -> None:
    """Each of the five is taken, with its time of day where it has one."""
    settings = written(tmp_path, f"vendor = 'x'\n[schedule]\n{schedule}\n").read()
    assert settings.schedule is not None
    assert settings.schedule.timezone in {"UTC", "Europe/Brussels"}
    assert settings.schedule.catch_up is ("catch_up" in schedule)


# Names


def test_names_are_sorted_and_only_of_connections(tmp_path: Path) -> None:
    """Locks, half-written files and notes beside them are none; without a folder there are none."""
    files = ConnectionFiles(Folder(tmp_path))
    assert files.names() == ()
    for name in ("b", "a-1", "C_2"):
        ConnectionFile(Folder(tmp_path), name).create("iterable")
    (tmp_path / "connections" / "notes.txt").write_text("", encoding="utf-8")
    (tmp_path / "connections" / ".hidden.toml").write_text("", encoding="utf-8")
    assert files.names() == ("C_2", "a-1", "b")
    assert files.get("b").read().vendor == "iterable"
    for call in (files.get, lambda name: ConnectionFile(Folder(tmp_path), name).read()):
        with pytest.raises(UnknownNameError, match=r"no connection 'x'; there are: C_2, a-1, b;"):
            call("x")
    with pytest.raises(UnknownNameError):
        ConnectionFile(Folder(tmp_path), "x").edit(lambda document: set_enabled(document, False))
    assert not list(tmp_path.rglob("x.toml*"))


@pytest.mark.parametrize("name", ["", "a b", "../news", "a/b", "a.b", "é"])
def test_names_that_no_connection_may_have(tmp_path: Path, name: str) -> None:
    """Letters, digits, `_` and `-`; a file of another name is listed, and says so when it is read."""
    file = ConnectionFile(Folder(tmp_path), name)
    with pytest.raises(ConfigurationError, match=r"may only have letters, digits, '_' and '-'; rename it"):
        file.read()
    with pytest.raises(ConfigurationError, match=r"may only have letters, digits, '_' and '-'; rename it"):
        file.create("iterable")
    assert list(tmp_path.iterdir()) == []
    written(tmp_path, "vendor = 'x'", "my list")
    assert ConnectionFiles(Folder(tmp_path)).names() == ("my list",)
    with pytest.raises(ConfigurationError, match="connection name 'my list' may only have"):
        ConnectionFiles(Folder(tmp_path)).get("my list").read()


def test_a_connection_is_never_overwritten(tmp_path: Path) -> None:
    """Also not by a name that differs in case, which is the same file on some systems."""
    created = ConnectionFile(Folder(tmp_path), "news").create(
        "iterable", {"api_key": "env:KEY", "limits_factor": 2.0}, enabled=False, labels=["a"], objectives=["o"]
    )
    file = ConnectionFiles(Folder(tmp_path)).get("news")
    assert file.read() == created
    assert (created.settings, created.enabled) == ({"api_key": "env:KEY", "limits_factor": 2.0}, False)
    assert (created.labels, created.objectives) == (("a",), ("o",))
    before = file.path.local.read_bytes()
    for name in ("news", "News"):
        with pytest.raises(
            ConfigurationError,
            match=r"there is a connection 'news' already; change it with ws\.connections\.change\('news'",
        ):
            ConnectionFile(Folder(tmp_path), name).create("braze")
    with pytest.raises(ConfigurationError, match="vendor: is empty"):
        ConnectionFile(Folder(tmp_path), "other").create("")
    assert file.path.local.read_bytes() == before
    assert ConnectionFiles(Folder(tmp_path)).names() == ("news",)


# Secrets


def test_settings_are_never_shown(tmp_path: Path) -> None:
    """Somebody may have written a secret there: neither representations, dumps nor errors hold it."""
    text = EXAMPLE.replace("env:ITERABLE_API_KEY", "sk-7")
    settings = written(tmp_path, text).read()
    assert settings.settings["api_key"] == "sk-7"
    shown = [repr(settings), str(settings), repr(settings.model_dump()), settings.model_dump_json()]
    assert [text for text in shown if "sk-7" in text] == []
    broken = written(tmp_path, text.replace("true", "3") + "rule = 1\n")
    with pytest.raises(ConfigurationError) as caught:
        broken.read()
    with pytest.raises(ValidationError) as inner:
        ConnectionSettings.model_validate({"vendor": 3, "settings": "sk-7"})
    for error in (caught.value, caught.value.__cause__, inner.value):
        assert "sk-7" not in f"{error} {error!r}"
