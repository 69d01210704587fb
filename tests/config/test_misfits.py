"""What a connection file may not hold, and the words of the refusal: the file, the place, what must be there."""

from pathlib import Path

import pytest

from cdpkit.config.connections import ConnectionFile
from cdpkit.config.goal_edits import set_enabled
from cdpkit.config.goals import read_goal
from cdpkit.errors import ConfigurationError
from cdpkit.place import Folder

MAIL = '[{ from = "email", to = "email" }]'


def written(folder: Path, content: str | bytes) -> ConnectionFile:
    """A connection file with this content."""
    file = ConnectionFile(Folder(folder), "news")
    file.path.local.parent.mkdir(exist_ok=True)
    file.path.local.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def imports(more: str = "", name: str = "In") -> str:
    """A goal with one more line."""
    return f"[[goals]]\nkind = 'import_profiles'\nname = '{name}'\nidentifiers = {MAIL}\n{more}\n"


def exports(more: str = "", name: str = "Out", segment: str = "vips", identifiers: str = MAIL) -> str:
    """Likewise."""
    return (
        f"[[goals]]\nkind = 'export_profiles'\nname = '{name}'\nsegment = '{segment}'\n"
        f"identifiers = {identifiers}\n{more}\n"
    )


def maps(*mappings: str) -> str:
    """A line of mappings."""
    return f"mappings = [{', '.join(f'{{ {mapping} }}' for mapping in mappings)}]"


CONNECTION = {
    "labels = 'a'": "labels: is no list; write one in square brackets",
    "labels = ['a', '']": "labels no. 2: is empty; fill it in",
    "enabled = 'yes'": "enabled: is neither true nor false; write one of them, without quotes",
    "settings = 'sk-7'": "settings: is no table; write one such as { name = ... }",
    "goals = 3": "goals: is no list; write one in square brackets",
    "goals = [3]": "goals no. 1: is no table; write one such as { name = ... }",
    "[[goals]]\nname = 'In'": "goal 'In': kind: is missing; write one of: 'enrich_profiles', "
    "'export_events', 'export_profiles', 'import_events', 'import_groups', 'import_profiles'",
    "[[goals]]\nkind = 'import_weather'": "goals no. 1: kind: is none of its choices; write one of: 'enrich_profiles', "
    "'export_events', 'export_profiles', 'import_events', 'import_groups', 'import_profiles'",
    "api_key = 'sk-7'": (
        "there is no key 'api_key' here; the keys are: vendor, enabled, title, favorite, labels, description, "
        "objectives, settings, schedule, goals; correct the name, or remove it; "
        "the vendor's own settings go below [settings]"
    ),
    exports() + exports(name=" OUT "): (
        "there is a goal ' OUT ' already (upper and lower case are the same); rename one"
    ),
}
GOALS = {
    imports("lists = ['a']"): (
        "goal 'In': there is no key 'lists' here; the keys are: kind, name, active, guards, source, segment, "
        "create_profiles, on_multiple_matches, identifiers, mappings, processors, events, save_lists_to, "
        "save_lists_rule; "
        "correct the name, or "
        "remove it; the vendor's own options go into source = { ... }"
    ),
    exports("on_leave = true"): (
        "goal 'Out': there is no key 'on_leave' here; the keys are: kind, name, active, guards, segment, target, "
        "create, identifiers, mappings, skip_unchanged_payload, processors; correct the name, or "
        "remove it; the vendor's own "
        "options go into target = { ... }"
    ),
    imports(name=" "): "goal ' ', name: is empty; fill it in",
    imports("on_multiple_matches = 'first'"): (
        "goal 'In', on_multiple_matches: is none of its choices; write one of: 'newest', 'skip' or 'all'"
    ),
    imports(
        "save_lists_rule = 'sum'"
    ): "goal 'In', save_lists_rule: is none of its choices; write one of: 'add' or 'set_or_clear'",
    imports("processors = [3]"): (
        "goal 'In', processors no. 1: is no processor; write the name of one, or a table such as "
        '{ processor = "trim" }'
    ),
    exports(segment=""): "goal 'Out', segment: is empty; fill it in",
    exports(identifiers="[]"): (
        'goal \'Out\', identifiers: is empty; give at least one pair such as { from = "email", to = "email" }'
    ),
    exports(identifiers="{ a = 'email', b = 'Email' }"): (
        "goal 'Out', identifiers: has 'email' twice on its right side; keep one pair for it"
    ),
    exports(identifiers="[{ from = 'a' }]"): "goal 'Out', identifiers no. 1, to: is missing; add it",
}
MAPPINGS = {
    imports(maps("from = 'a', to = 'b'", "from = 'c', to = 'd', rule = 'max'")): (
        "goal 'In', mappings no. 2, rule: is none of its choices; write one of: 'set', 'set_if_empty', "
        "'set_or_clear', 'add' or 'sum'"
    ),
    imports(maps("from = 'a', to = 'plan'", "from = 'c', to = 'PLAN'")): (
        "goal 'In': property 'plan' is the target of two mappings (save_lists_to counts as one); keep one"
    ),
    imports("save_lists_to = 'l'\n" + maps("from = 'a', to = 'l'")): (
        "goal 'In': property 'l' is the target of two mappings (save_lists_to counts as one); keep one"
    ),
    exports(maps("value = 'lifecycles', to = 'a'")): (
        "goal 'Out', mappings no. 1, value: is none of its choices; write one of: 'property', 'identifier', "
        "'segments', 'viewed_interactions', 'permission_level', 'text'"
    ),
    exports(maps("to = 'a'")): "goal 'Out', mappings no. 1: value = \"property\" needs the key from; add it",
    exports(maps("value = 'text', to = 'a'")): (
        "goal 'Out', mappings no. 1: value = \"text\" needs the key text; add it"
    ),
    exports(maps("text = 'a', to = 'a'")): (
        'goal \'Out\', mappings no. 1: value = "property" takes no text; remove it, or write value = "text"'
    ),
    exports(maps("value = 'permission_level', segments = ['a'], to = 'a'")): (
        "goal 'Out', mappings no. 1: value = \"permission_level\" takes no segments; remove it, or write "
        'value = "segments"'
    ),
    exports(maps("value = 'segments', segments = [], to = 'a'")): (
        "goal 'Out', mappings no. 1: segments is empty; name segments, or remove the key to send all"
    ),
    exports(maps("from = 'a', to = 'c'", "from = 'b', to = 'c'")): (
        "goal 'Out', mappings: two of them fill the vendor's field 'c'; keep one"
    ),
}
ZONE = 'timezone: is no name of a time zone; write one such as "Europe/Brussels" or "UTC"'
SCHEDULES = {
    "every = '15'": 'every: is no number of minutes or hours; write one such as "15 minutes" or "2 hours"',
    "every = '0 minutes'": 'every: is no number of minutes or hours; write one such as "15 minutes" or "2 hours"',
    "times_per_day = '4'": "times_per_day: is no whole number; write one without quotes",
    "times_per_day = 0": "times_per_day: is too small; write 1 or more",
    "days_of_week = ['monday']": (
        "days_of_week no. 1: is none of its choices; write one of: 'mon', 'tue', 'wed', 'thu', 'fri', 'sat' or 'sun'"
    ),
    "days_of_week = []": "days_of_week: is empty; name at least one day",
    "days_of_month = [1, 1]": "days_of_month: names a day twice; keep one",
    "days_of_month = [1, 32]\nat = '24:00'": (
        'days_of_month no. 2: is no day of a month; write one from 1 to 31, or "last"\n'
        '- schedule, at: is no time of day; write one such as "01:30", from "00:00" to "23:59"'
    ),
    "weekday_of_month = 'fifth mon'": (
        "weekday_of_month: is no weekday of a month; write first, second, third, fourth or last, and a day of mon, "
        'tue, wed, thu, fri, sat, sun, such as "first mon"'
    ),
    "every = '1 minute'\ntimezone = 'Mars/Olympus'": ZONE,
    "every = '1 minute'\ntimezone = 'Europe'": ZONE,
    "every = '1 minute'\ntimezone = '/etc/passwd'": ZONE,
    "every = '1 minute'\ntimezone = ''": ZONE,
}
WHOLE_SCHEDULES = {
    "at = '01:00'": ("says no time; give one of every, times_per_day, days_of_week, days_of_month, weekday_of_month"),
    "every = '1 minute'\ntimes_per_day = 3": "has every and times_per_day; keep one",
    "times_per_day = 3\nat = '01:00'": "times_per_day has no time of day; remove at",
    "days_of_month = [1]": 'days_of_month needs a time of day; add one such as at = "01:30"',
    "minutes = 15": (
        "there is no key 'minutes' here; the keys are: every, times_per_day, days_of_week, days_of_month, "
        "weekday_of_month, at, timezone, catch_up; correct the name, or remove it"
    ),
}
MISFITS = {
    "": "vendor: is missing; add it",
    "vendor = ' '": "vendor: is empty; fill it in",
    "vendor = 3": "vendor: is no text; write one in quotes",
    **{f"vendor = 'x'\n{text}": message for text, message in (CONNECTION | GOALS | MAPPINGS).items()},
    **{f"vendor = 'x'\n[schedule]\n{text}": f"schedule, {message}" for text, message in SCHEDULES.items()},
    **{f"vendor = 'x'\n[schedule]\n{text}": f"schedule: {message}" for text, message in WHOLE_SCHEDULES.items()},
}


@pytest.mark.parametrize(("text", "message"), MISFITS.items())
def test_what_does_not_fit_is_named(tmp_path: Path, text: str, message: str) -> None:
    """Reading and changing say the same; the file stays as it is, and no value is in the error or its cause."""
    file = written(tmp_path, text)
    for call in (file.read, lambda: file.edit(lambda document: document.update(favorite=True))):
        with pytest.raises(ConfigurationError) as caught:
            call()
        several = "\n- " in message
        assert str(caught.value) == f"{file.path}:{chr(10) + '- ' if several else ' '}{message}"
        assert "sk-7" not in f"{caught.value} {caught.value.__cause__}"
    assert file.path.local.read_text(encoding="utf-8") == text


def test_every_misfit_is_named_at_once(tmp_path: Path) -> None:
    """A form shows all of them."""
    goals = imports("active = 'no'") + exports(maps("to = 3"))
    file = written(tmp_path, f"vendor = 3\n{goals}")
    with pytest.raises(ConfigurationError) as caught:
        file.read()
    assert list(map(str, caught.value.problems)) == [
        "vendor: is no text; write one in quotes",
        "goal 'In', active: is neither true nor false; write one of them, without quotes",
        "goal 'Out', mappings no. 1, to: is no text; write one in quotes",
    ]
    assert str(caught.value).splitlines() == [f"{file.path}:", *(f"- {problem}" for problem in caught.value.problems)]


def test_a_goal_that_does_not_fit_is_named_in_python() -> None:
    """In the words of the file."""
    with pytest.raises(ConfigurationError) as caught:
        read_goal({"kind": "import_profiles", "name": "In", "active": "sk-7", "identifiers": [{"from": "a"}]})
    assert str(caught.value) == (
        "goal 'In' does not fit:\n- active: is neither true nor false; write one of them, without quotes\n"
        "- identifiers no. 1, to: is missing; add it"
    )
    assert "sk-7" not in str(caught.value.__cause__)
    with pytest.raises(ConfigurationError, match="goal 'without a name' does not fit: kind: is missing; write one of"):
        read_goal({})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"vendor = 'x'\nsecret live\n", r"is damaged: .*line 2, column 8.*; mend that line, or restore the file"),
        (b"vendor = 'x'\n[settings]\nkey = sk-7\n", r"is damaged: Invalid value \(at line 3, column 7\)"),
        (b"vendor = 'x'\nvendor = 'sk-7'\n", r"is damaged: .*line 2"),
        (b"vendor = '\xff sk-7'\n", "is no UTF-8 text; save it as UTF-8"),
    ],
)
def test_damage_is_named_and_left_alone(tmp_path: Path, content: bytes, message: str) -> None:
    """File, line and column, never what stands there, neither in the message nor in its cause."""
    file = written(tmp_path, content)
    for call in (file.read, lambda: file.edit(lambda document: set_enabled(document, False))):
        with pytest.raises(ConfigurationError, match=message) as caught:
            call()
        assert str(file.path) in str(caught.value)
        for secret in ("sk-7", "live"):
            assert secret not in f"{caught.value} {caught.value.__cause__}"
    assert file.path.local.read_bytes() == content


def test_a_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    """It is named; nothing is made of it."""
    (tmp_path / "connections" / "news.toml").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match=r"news\.toml cannot be read; check who may read it"):
        ConnectionFile(Folder(tmp_path), "news").read()
