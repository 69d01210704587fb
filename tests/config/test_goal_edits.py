"""Changes of a connection file: what is wanted happens, every comment stays, nobody's change is lost."""

import subprocess
import sys
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import tomlkit

from cdpkit.config.connections import ConnectionFile
from cdpkit.config.goal import GoalSettings
from cdpkit.config.goal_edits import (
    add_goal,
    change_goal,
    copy_goal,
    remove_goal,
    replace_goal,
    set_active,
    set_enabled,
)
from cdpkit.config.goal_order import move_goal
from cdpkit.config.goals import read_goal
from cdpkit.config.toml_file import Document
from cdpkit.errors import ChangedError, ConfigurationError, UnknownNameError
from cdpkit.place import Folder

TABLES = """\
# the newsletter
vendor = "iterable" # ours
enabled = true # since May

# above settings
[settings]
api_key = "env:KEY" # in the vault

# above A
[[goals]] # head of A
kind = "import_profiles"
name = "A" # name of A
source = { lists = ["n"] } # source of A
identifiers = [{ from = "email", to = "email" }]
mappings = [
  # all of them
  { from = "a", to = "b" }, # first
  { from = "c", to = "d" }, # second
  # above the third
  { from = "e", to = "f" } # third
]
# above B
[[goals]]
kind = "export_profiles"
name = "B"
segment = "s" # segment of B
identifiers = { email = "email" }
[goals.target] # target of B
lists = ["x"] # lists of B
# above the mapping
[[goals.mappings]]
from = "p"
to = "q"
# above the other mapping
[[goals.mappings]]
from = "r" # other
to = "s"

# above C
[[goals]]
kind = "import_profiles"
name = "C"
source.lists = ["u"] # lists of C
source.all = true # all of C
identifiers = [{ from = "email", to = "email" }]
# below C
"""

INLINE = """\
vendor = "iterable"
goals = [ # in one list
  { kind = "import_profiles", name = "A", identifiers = [{ from = "a", to = "b" }] }, # beside A
  { kind = "export_profiles", name = "B", segment = "s", identifiers = [{ from = "a", to = "b" }] }, # beside B
  # above C
  { kind = "import_profiles", name = "C", identifiers = [{ from = "a", to = "b" }], source.lists = ["x"] } # beside C
]
# above settings
[settings]
api_key = "env:KEY"
"""

FILES = {
    "tables": TABLES,
    "schedule behind": TABLES + '\n# above schedule\n[schedule]\nevery = "1 minute" # often\n',
    "no settings": TABLES.replace('[settings]\napi_key = "env:KEY" # in the vault\n', ""),
    "between": TABLES.replace("\n# above C", '\n[schedule]\nevery = "1 minute" # often\n\n# above C'),
    "no line break at the end": TABLES.rstrip("\n"),
    "Windows": TABLES.replace("\n", "\r\n"),
    "inline": INLINE,
}


def goal(**changes: Any) -> GoalSettings:
    """A goal that shares some mappings with those above."""
    given = {
        "kind": "export_profiles",
        "name": "New",
        "segment": "s",
        "target": {"lists": ["x"], "more": 1},
        "identifiers": {"email": "email"},
        "mappings": [{"from": "p", "to": "q"}, {"value": "text", "text": "t", "to": "n"}, {"from": "r", "to": "s"}],
    }
    return read_goal(given | changes)


def written(folder: Path, text: str) -> ConnectionFile:
    """A connection file with this text."""
    file = ConnectionFile(Folder(folder), "news")
    file.path.local.parent.mkdir(exist_ok=True)
    file.path.local.write_bytes(text.encode())
    return file


def comments(text: str) -> list[str]:
    """Every comment."""
    return [line.split("# ", 1)[1].strip() for line in text.splitlines() if "# " in line]


def below(text: str, comment: str) -> str:
    """The line below a comment."""
    lines = [line.strip() for line in text.splitlines()]
    return lines[lines.index(f"# {comment}") + 1]


CHANGES: dict[str, tuple[Callable[[Document], object], list[str]]] = {
    "add": (lambda d: add_goal(d, goal()), ["A", "B", "C", "New"]),
    "copy": (lambda d: copy_goal(d, "A"), ["A", "B", "C", "A (copy)"]),
    "off": (lambda d: set_active(d, "C", False), ["A", "B", "C"]),
    "on": (lambda d: set_active(d, "B", True), ["A", "B", "C"]),
    "disable": (lambda d: set_enabled(d, False), ["A", "B", "C"]),
    "replace A": (lambda d: replace_goal(d, "A", goal()), ["New", "B", "C"]),
    "replace B": (lambda d: replace_goal(d, "B", goal()), ["A", "New", "C"]),
    "replace C": (lambda d: replace_goal(d, "C", goal(name="c")), ["A", "B", "c"]),
    "move A": (lambda d: move_goal(d, "A", None), ["B", "C", "A"]),
    "move B": (lambda d: move_goal(d, "B", "A"), ["B", "A", "C"]),
    "move C": (lambda d: move_goal(d, "C", "B"), ["A", "C", "B"]),
    "stay": (lambda d: move_goal(d, "A", "B"), ["A", "B", "C"]),
    "remove A": (lambda d: remove_goal(d, "A"), ["B", "C"]),
    "remove B": (lambda d: remove_goal(d, "B"), ["A", "C"]),
    "remove C": (lambda d: remove_goal(d, "C"), ["A", "B"]),
}
GONE = {  # comments inside what goes
    "replace A": {"source of A"},
    "replace C": {"lists of C", "all of C"},
    "remove A": {
        *("head of A", "name of A", "source of A", "all of them", "first", "second", "above the third", "third"),
        "beside A",
    },
    "remove B": {
        *("segment of B", "target of B", "lists of B", "above the mapping", "above the other mapping", "other"),
        "beside B",
    },
    "remove C": {"lists of C", "all of C", "beside C"},
}


@pytest.mark.parametrize("kind", FILES)
def test_comments_stay_whatever_is_changed(tmp_path: Path, kind: str) -> None:
    """However the file is written, all goals are as they should be, and each comment is still there."""
    for change, (edit, names) in CHANGES.items():
        file = written(tmp_path, FILES[kind])
        before, old = file.path.local.read_text(encoding="utf-8"), file.read()
        settings = file.edit(lambda document, edit=edit: (edit(document), None)[1])  # type: ignore[misc]
        text = file.path.local.read_text(encoding="utf-8")
        assert [found.name for found in settings.goals] == names
        assert settings == file.read()
        untouched = {found.name: found for found in old.goals} | {"New": goal()}
        for found in settings.goals:
            if found.name in untouched:
                assert found.model_copy(update={"active": True}) == untouched[found.name]
        assert set(comments(before)) - set(comments(text)) <= GONE.get(change, set())
        assert set(comments(text)) <= set(comments(before))
        assert (b"\r\n" in file.path.local.read_bytes()) is ("\r\n" in FILES[kind])


@pytest.mark.parametrize("change", [change for change in CHANGES if not change.startswith("remove")])
def test_a_comment_stays_above_its_table(tmp_path: Path, change: str) -> None:
    """Also where goals are added between a goal and what follows it."""
    file = written(tmp_path, FILES["schedule behind"])
    file.edit(lambda document: (CHANGES[change][0](document), None)[1])
    text = file.path.local.read_text(encoding="utf-8")
    places = {"above settings": "[settings]", "above schedule": "[schedule]", "above B": "[[goals]]"}
    assert {comment: below(text, comment) for comment in places} == places
    assert [text.index(f"# above {name}") < text.index(f"# above {following}") for name, following in ("AB", "BC")]


def test_a_key_that_is_commented_out_stays_in_its_goal(tmp_path: Path) -> None:
    """At the end of the last goal, when another one is added behind it."""
    file = written(tmp_path, TABLES.replace("# below C", '# processors = ["trim"]'))
    file.edit(lambda document: add_goal(document, goal()))
    text = file.path.local.read_text(encoding="utf-8")
    assert text.startswith(TABLES.replace("# below C", '# processors = ["trim"]') + "\n[[goals]]\n")
    file.edit(lambda document: remove_goal(document, "New"))
    assert file.path.local.read_text(encoding="utf-8").rstrip() == text[: text.index('["trim"]')] + '["trim"]'


def test_entries_that_stay_keep_their_comments(tmp_path: Path) -> None:
    """Of a list of mappings one goes, one comes, one changes: the others are not touched."""
    file = written(tmp_path, TABLES)
    mappings = [{"from": "a", "to": "b"}, {"from": "new", "to": "new"}, {"from": "e", "to": "f", "rule": "sum"}]
    changed = {"kind": "import_profiles", "name": "A", "identifiers": {"email": "email"}, "mappings": mappings}
    file.edit(lambda document: replace_goal(document, "A", read_goal(changed)))
    text = file.path.local.read_text(encoding="utf-8")
    assert '{ from = "a", to = "b" }, # first' in text
    assert '{ from = "new", to = "new" }, # second' in text
    assert below(text, "above the third").startswith('{ from = "e", to = "f"')
    fewer = {**changed, "mappings": mappings[2:]}
    file.edit(lambda document: replace_goal(document, "A", read_goal(fewer)))
    assert below(file.path.local.read_text(encoding="utf-8"), "above the third").startswith('{ from = "e", to = "f"')
    read = tomllib.loads(file.path.local.read_text(encoding="utf-8"))
    assert read["goals"][0]["mappings"] == mappings[2:]


@pytest.mark.parametrize(("name", "before", "order"), [("A", None, "BCA"), ("C", "A", "CAB"), ("B", "A", "BAC")])
def test_what_stands_above_a_goal_moves_with_it(tmp_path: Path, name: str, before: str | None, order: str) -> None:
    """So does what is in it; the tables around stay where they are."""
    file = written(tmp_path, FILES["schedule behind"])
    file.edit(lambda document: move_goal(document, name, before))
    text = file.path.local.read_text(encoding="utf-8")
    assert [goal.name for goal in file.read().goals] == [*order]
    for goal in "ABC":
        following = text[text.index(f"# above {goal}") :]
        assert following.index(f'name = "{goal}"') == min(
            following.index(f'name = "{other}"') for other in "ABC" if f'name = "{other}"' in following
        )
    assert below(text, "above settings") == "[settings]"
    assert below(text, "above schedule") == "[schedule]"
    assert "\n\n\n" not in text


def test_moving_back_gives_the_same_file(tmp_path: Path) -> None:
    """But for blank lines between goals, which all have then."""
    file = written(tmp_path, TABLES)
    file.edit(lambda document: move_goal(document, "C", "A"))
    file.edit(lambda document: move_goal(document, "C", None))
    text = file.path.local.read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line] == [line for line in TABLES.splitlines() if line]


def test_several_mappings_on_one_line_become_one_a_line_when_they_change(tmp_path: Path) -> None:
    """So that a change of one of them is seen as such in git; a list that does not change stays as it is."""
    one_line = 'mappings = [{ from = "a", to = "b" }, { from = "c", to = "d" }] # beside'
    head = 'vendor = "iterable"\n[[goals]]\nkind = "import_profiles"\nname = "A"\nidentifiers = { e = "email" }\n'
    text = f"{head}{one_line}\n"
    file = written(tmp_path, text)
    file.edit(lambda document: set_active(document, "A", False))
    assert one_line in file.path.local.read_text(encoding="utf-8")
    mappings = [{"from": "a", "to": "b"}, {"from": "new", "to": "new"}, {"from": "c", "to": "d"}]
    file.edit(lambda document: change_goal(document, "A", {"mappings": mappings}))
    written_now = file.path.local.read_text(encoding="utf-8")
    assert written_now.splitlines()[5:] == [
        "mappings = [",
        '    { from = "a", to = "b" },',
        '    {from = "new", to = "new"},',
        '    { from = "c", to = "d" },',
        "] # beside",
        "active = false",
    ]
    assert tomllib.loads(written_now)["goals"][0]["mappings"] == mappings


def test_what_somebody_else_has_changed_is_not_written_over(tmp_path: Path) -> None:
    """Whoever says what was read is refused, and told both; who says nothing, or what is there, is not."""
    file = written(tmp_path, TABLES)
    read = file.read().goal("B")
    file.edit(lambda document: change_goal(document, "B", {"segment": "t"}))
    for edit in (
        lambda d: replace_goal(d, "B", goal(name="B"), read),
        lambda d: change_goal(d, "B", {"active": False}, read),
    ):
        before = file.path.local.read_bytes()
        with pytest.raises(
            ChangedError, match="goal 'B' was changed since it was read: segment; look at both"
        ) as caught:
            file.edit(edit)
        assert (caught.value.expected["segment"], (caught.value.found or {})["segment"]) == ("s", "t")
        assert file.path.local.read_bytes() == before
    file.edit(lambda document: replace_goal(document, "B", goal(name="B"), file.read().goal("B")))
    assert file.read().goal("B") == goal(name="B")
    with pytest.raises(ChangedError, match="goal 'gone' is gone since it was read") as caught:
        file.edit(lambda document: replace_goal(document, "gone", goal(), read))
    assert caught.value.found is None


def test_a_goal_is_written_as_people_write_it(tmp_path: Path) -> None:
    """Identifiers as a list, one mapping a line, nothing that was not said; only goals, then none."""
    file = ConnectionFile(Folder(tmp_path), "news")
    file.create("iterable", {"api_key": "env:KEY"}, description="Weekly")
    file.edit(lambda document: add_goal(document, goal(processors=["trim"], create=False)))
    assert file.path.local.read_text(encoding="utf-8") == (
        "# Secrets are given as references: env:NAME, file:path or keyring:service/name.\n"
        'vendor = "iterable"\nenabled = true\ndescription = "Weekly"\n\n[settings]\napi_key = "env:KEY"\n\n'
        '[[goals]]\nkind = "export_profiles"\nname = "New"\nsegment = "s"\ntarget = {lists = ["x"], more = 1}\n'
        'create = false\nidentifiers = [{from = "email", to = "email"}]\nmappings = [\n'
        '    {from = "p", to = "q"},\n    {value = "text", text = "t", to = "n"},\n    {from = "r", to = "s"},\n]\n'
        'processors = ["trim"]\n'
    )
    file.edit(lambda document: remove_goal(document, "New"))
    assert file.read().goals == ()
    file.edit(lambda document: remove_goal(document, "B") if "goals" in document else add_goal(document, goal()))
    assert file.read().goals == (goal(processors=()),)


def test_a_copy_is_deep_inactive_and_named(tmp_path: Path) -> None:
    """A second copy has a number, and a taken name is passed over without regard to case."""
    file = written(tmp_path, TABLES.replace('name = "C"', 'name = "a (COPY 2)"'))
    names: list[str] = []
    for _ in range(2):
        file.edit(lambda document: names.append(copy_goal(document, "A")))
    assert names == ["A (copy)", "A (copy 3)"]
    first, *_, copied = file.read().goals
    assert copied == first.model_copy(update={"name": "A (copy 3)", "active": False})
    file.edit(lambda document: set_active(document, "A (copy)", True))
    assert [found.active for found in file.read().goals] == [True, True, True, True, False]


def test_goals_that_are_not_there(tmp_path: Path) -> None:
    """Each change names those that are; nothing is written."""
    file = written(tmp_path, TABLES)
    for change in (
        lambda document: remove_goal(document, "D"),
        lambda document: set_active(document, "a", False),
        lambda document: replace_goal(document, "D", goal()),
        lambda document: copy_goal(document, "D"),
    ):
        with pytest.raises(UnknownNameError, match=r"no goal '.'; there are: A, B, C"):
            file.edit(change)  # type: ignore[arg-type]
    assert file.path.local.read_text(encoding="utf-8") == TABLES


def test_a_change_that_does_not_fit_is_not_written(tmp_path: Path) -> None:
    """A second goal of a name, a key that does not exist, a change that fails on its way."""
    file = written(tmp_path, TABLES)

    def fail(document: Document) -> None:
        set_enabled(document, False)
        raise ZeroDivisionError

    with pytest.raises(ConfigurationError, match="there is a goal 'b' already"):
        file.edit(lambda document: add_goal(document, goal(name="b")))
    with pytest.raises(ConfigurationError, match="there is no key 'colour' here"):
        file.edit(lambda document: document.update(colour="red"))
    with pytest.raises(ZeroDivisionError):
        file.edit(fail)
    assert file.path.local.read_text(encoding="utf-8") == TABLES
    assert {path.name for path in file.path.local.parent.iterdir()} <= {"news.toml", "news.toml.lock"}


def test_goals_that_are_no_tables() -> None:
    """They are not guessed at."""
    for text in ("goals = 3", "goals = [3]"):
        with pytest.raises(ConfigurationError, match=r"goals are no tables; write each below a line \[\[goals\]\]"):
            add_goal(tomlkit.parse(text), goal())


# At once

PROGRAM = """
import sys
from pathlib import Path
from cdpkit.config.connections import ConnectionFile
from cdpkit.config.goal_edits import add_goal
from cdpkit.config.goals import read_goal
from cdpkit.place import Folder
given = {"kind": "export_profiles", "segment": "s", "identifiers": {"email": "email"}}
for number in range(6):
    goal = read_goal({**given, "name": f"{sys.argv[2]}{number}"})
    ConnectionFile(Folder(Path(sys.argv[1])), "news").edit(lambda document: add_goal(document, goal))
"""


def test_two_processes_lose_nothing(tmp_path: Path) -> None:
    """Both add goals as fast as they can."""
    file = ConnectionFile(Folder(tmp_path), "news")
    file.create("iterable")
    children = [subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path), name]) for name in "ab"]
    assert [child.wait() for child in children] == [0, 0]
    names = [found.name for found in file.read().goals]
    assert sorted(names) == sorted(f"{name}{number}" for name in "ab" for number in range(6))
    assert [name for name in names if name[0] == "a"] == [f"a{number}" for number in range(6)]


def test_threads_lose_nothing(tmp_path: Path) -> None:
    """Each has an object of its own; a connection is created once, and can be read at any time."""
    with ThreadPoolExecutor(4) as pool:
        made = [pool.submit(ConnectionFile(Folder(tmp_path), "news").create, "iterable") for _ in range(4)]
        assert sum(future.exception() is None for future in made) == 1
        edits = [
            pool.submit(ConnectionFile(Folder(tmp_path), "news").edit, lambda d, n=n: add_goal(d, goal(name=f"g{n}")))  # type: ignore[misc]
            for n in range(12)
        ]
        while not all(future.done() for future in edits):
            assert ConnectionFile(Folder(tmp_path), "news").read().vendor == "iterable"
        assert [future.exception() for future in edits] == [None] * 12
    goals = ConnectionFile(Folder(tmp_path), "news").read().goals
    assert {found.name for found in goals} == {f"g{n}" for n in range(12)}
