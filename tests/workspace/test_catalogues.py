"""The catalogues of a workspace: add, change, remove, frame, and looking one up, alike in all of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cdpkit
from cdpkit.config.token_file import TokenFile
from cdpkit.errors import ChangedError, ConfigurationError, UnknownNameError, WorkspaceError

GOAL: dict[str, Any] = {
    "kind": "export_profiles",
    "name": "VIPs",
    "segment": "vips",
    "target": {"lists": ["VIP"]},
    "identifiers": {"email": "email"},
    "mappings": [{"from": "plan", "to": "plan"}],
}
KEY = {"api_key": "file:key.txt"}


@pytest.fixture
def ws(tmp_path: Path) -> cdpkit.Workspace:
    """An empty workspace with a key."""
    made = cdpkit.create(tmp_path / "w")
    (made.path / "key.txt").write_text("sk-7", encoding="utf-8")
    made.properties.add("email", type="email", identifier=True)
    made.properties.add("plan")
    return made


@pytest.fixture
def conn(ws: cdpkit.Workspace) -> cdpkit.Connection:
    """A connection without goals."""
    ws.segments.add("vips", "plan = 'vip'")
    return ws.connect("iterable", "news", KEY)


CATALOGUES = ("properties", "segments", "objectives", "processors", "connections", "goals")


@pytest.mark.parametrize("name", CATALOGUES)
def test_all_have_the_same_verbs(conn: cdpkit.Connection, ws: cdpkit.Workspace, name: str) -> None:
    """A name that is not there is told with those that are."""
    catalogue: Any = conn.goals if name == "goals" else getattr(ws, name)
    assert Mapping in type(catalogue).__mro__
    assert callable(catalogue.add)
    assert callable(catalogue.change)
    assert isinstance(catalogue.frame(), pl.DataFrame)
    assert catalogue.frame().columns[0] == "name"
    assert catalogue.frame()["name"].to_list() == list(catalogue)
    assert callable(catalogue.remove)
    with pytest.raises(UnknownNameError, match="'nobody'; there are: "):
        catalogue["nobody"]


def test_defining_adds_or_changes(ws: cdpkit.Workspace) -> None:
    """A cell that defines a segment or an objective can run again, with the same or with another value."""
    for where in ("plan = 'gold'", "plan = 'gold'", "plan = 'pro'"):
        assert ws.segments.define("vips", where).where == where
    for needs in (True, True, False):
        assert ws.objectives.define("news", needs_consent=needs).needs_consent is needs
    assert (list(ws.segments), list(ws.objectives)) == (["vips"], ["news"])


def test_a_connection_takes_goals_in_a_sentence(ws: cdpkit.Workspace, conn: cdpkit.Connection) -> None:
    """Adding one, and putting another in its place, which leaves nothing of the first."""
    ws.segments.define("vips", "plan = 'gold'")
    assert conn.add_goal(**GOAL).name == "VIPs"
    conn.replace_goal("VIPs", **{key: value for key, value in GOAL.items() if key != "target"})
    assert conn.goals["VIPs"].model_dump()["target"] == {}


def test_a_connection_is_called_and_found_as_people_like(ws: cdpkit.Workspace, conn: cdpkit.Connection) -> None:
    """F7, F9 to F11: title, favorite, labels and description are written to its file, whose comments stay."""
    text = conn.file.path.local.read_text(encoding="utf-8")
    conn.file.path.local.write_text(text.replace("enabled = true", "enabled = true # since May"), encoding="utf-8")
    assert (conn.title, conn.favorite) == ("news", False)
    conn.change(title="The weekly news", favorite=True, labels=["mail", "weekly"], description="Goes out on Fridays")
    assert (conn.title, conn.favorite, conn.labels) == ("The weekly news", True, ("mail", "weekly"))
    assert repr(conn).startswith("Connection('news'), called 'The weekly news', iterable, on, favorite\n  Goes out on")
    written = conn.file.path.local.read_text(encoding="utf-8")
    assert written.index("enabled = true # since May") < written.index("title = ") < written.index("[settings]")
    ws.connections.change("news", title="", favorite=False, labels=(), description="", enabled=False)
    assert (conn.title, conn.favorite, conn.labels, conn.enabled) == ("news", False, (), False)
    assert "title" not in conn.file.path.local.read_text(encoding="utf-8")


def test_an_edit_of_what_somebody_else_has_changed_is_refused(conn: cdpkit.Connection) -> None:
    """With both; what is not touched may have changed meanwhile, and no secret is told."""
    read = conn.file.read()
    conn.change({"limits_factor": 2}, labels=["theirs"])
    conn.change(title="Mine", expected=read)
    with pytest.raises(ChangedError, match="connection 'news' was changed since it was read: labels; look") as caught:
        conn.change(labels=["mine"], expected=read)
    assert (caught.value.expected, caught.value.found) == ({"labels": ()}, {"labels": ("theirs",)})
    with pytest.raises(ChangedError, match=r"settings\.limits_factor"):
        conn.change({"limits_factor": 3}, expected=read)
    text = conn.file.path.local.read_text(encoding="utf-8")
    conn.file.path.local.write_text(text.replace("file:key.txt", "sk-plain"), encoding="utf-8")
    with pytest.raises(ChangedError) as caught:
        conn.change({"api_key": "env:KEY"}, expected=read)
    assert "sk-plain" not in f"{caught.value} {caught.value.expected} {caught.value.found}"
    assert conn.labels == ("theirs",)


def test_a_goal_somebody_else_has_changed_is_not_written_over(conn: cdpkit.Connection) -> None:
    """By replacing or by changing it; the goal as it is now is taken."""
    conn.goals.add(**GOAL)
    read = conn.goals["VIPs"]
    conn.goals.activate("VIPs", active=False)
    with pytest.raises(ChangedError, match="goal 'VIPs' was changed since it was read: active"):
        conn.replace_goal("VIPs", GOAL, expected=read)
    with pytest.raises(ChangedError):
        conn.goals.change("VIPs", create=False, expected=read)
    assert conn.goals.change("VIPs", create=False, expected=conn.goals["VIPs"]).active is False


def test_goals_are_moved(conn: cdpkit.Connection) -> None:
    """F30: in front of another one, or behind all; the catalogue, the file and runs have that order."""
    for name in ("A", "B", "C"):
        conn.goals.add(GOAL, name=name)
    conn.goals.move("C", "A")
    assert list(conn.goals) == ["C", "A", "B"]
    conn.goals.move("C")
    assert list(conn.goals) == ["A", "B", "C"]
    with pytest.raises(UnknownNameError, match="no goal 'D'; there are: A, B, C"):
        conn.goals.move("A", "D")


def test_goals_to_begin_with_are_offered(conn: cdpkit.Connection) -> None:
    """F32: an import and an export with the vendor's name; each until there is a goal of its kind."""
    taken, sent = conn.goals.offered
    identifiers = [{"from": "email", "to": "email"}]
    assert taken == {
        "kind": "import_profiles",
        "name": "Import data into cdpkit",
        "source": {"all": True},
        "identifiers": identifiers,
    }
    assert sent == {"kind": "export_profiles", "name": "Export data to Iterable", "identifiers": identifiers}
    conn.goals.add(taken)
    assert [offer["kind"] for offer in conn.goals.offered] == ["export_profiles"]
    conn.goals.add(sent, segment="vips")
    assert conn.goals.offered == ()


def test_adding_twice(ws: cdpkit.Workspace, conn: cdpkit.Connection) -> None:
    """The very same again changes nothing, as when a cell is run twice; another one of the name is refused."""
    for _ in range(2):
        ws.properties.add("plan")
        ws.segments.add("gold", "plan = 'gold'")
        ws.objectives.add("news", description="News")
        ws.processors.add("own", own())
    with pytest.raises(ConfigurationError, match=r"there is a property 'plan' already.*ws\.properties\.change\('plan'"):
        ws.properties.add("PLAN")
    with pytest.raises(ConfigurationError, match=r"ws\.segments\.change\('gold', where\)"):
        ws.segments.add("gold", "plan = 'silver'")
    with pytest.raises(ConfigurationError, match=r"ws\.objectives\.change\('news', \.\.\.\)"):
        ws.objectives.add("news", needs_consent=False)
    with pytest.raises(ConfigurationError, match=r"ws\.processors\.change\('own', function\)"):
        ws.processors.add("own", lambda rows: rows)
    with pytest.raises(ConfigurationError, match="there is a connection 'news' already"):
        ws.connect("iterable", "news", KEY)
    conn.goals.add(**GOAL)
    with pytest.raises(ConfigurationError, match="there is a goal 'VIPs' already"):
        conn.goals.add(**GOAL)


def test_what_is_not_there_can_be_added(ws: cdpkit.Workspace, conn: cdpkit.Connection) -> None:
    """Who asks for a goal or a connection that does not exist is told how to add it, beside those that exist."""
    with pytest.raises(UnknownNameError, match=r"no goal 'VIPs'; there are: none yet; .*conn\.goals\.add"):
        conn.goals["VIPs"]
    with pytest.raises(UnknownNameError, match=r"no connection 'nws'; there are: news; .*ws\.connect\("):
        ws.connection("nws")


def test_a_run_is_named_by_itself_too(ws: cdpkit.Workspace) -> None:
    """Wherever its id is taken; another object is refused with what is wanted."""
    before = ws.load({"email": ["a@x.de"]}, {"email": "email"})
    run = ws.load({"email": ["b@x.de"]}, {"email": "email"})
    assert ws.run(run).id == run.id
    assert ws.at(before).profiles.select("email").collect()["email"].to_list()[-1] == "a@x.de"
    assert ws.undo(run).name == run.id
    with pytest.raises(ConfigurationError, match="only a sync that was stopped is gone on with"):
        ws.resume(run)
    for take in (ws.undo, ws.run, ws.at, ws.resume):
        with pytest.raises(ConfigurationError, match=r"by its id, a text such as run\.id; this is a GoalRun"):
            take(run.goals[0])  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=r"preview= takes what a preview gave.*not a Run"):
        ws.load(preview=run)  # type: ignore[arg-type]


def own() -> Any:
    """A function that is another object each time, and yet the same."""

    def same(rows: pl.LazyFrame) -> pl.LazyFrame:
        return rows

    return same


def test_an_objective_is_changed_and_removed(ws: cdpkit.Workspace) -> None:
    """What is not named stays."""
    ws.objectives.add("news", description="News")
    changed = ws.objectives.change("news", needs_consent=False)
    assert (changed.needs_consent, changed.description) == (False, "News")
    assert ws.objectives.change("news", description="Other").needs_consent is False
    assert ws.objectives.frame().rows() == [("news", False, "Other")]
    ws.objectives.remove("news")
    for call in (lambda: ws.objectives.remove("news"), lambda: ws.objectives.change("news")):
        with pytest.raises(UnknownNameError, match=r"add it with ws\.objectives\.add\('news'\)"):
            call()


def test_a_processor_is_changed_and_removed(ws: cdpkit.Workspace) -> None:
    """Functions are; what is built in stays as it is."""
    ws.processors.add("own", own())
    ws.processors.change("own", lambda rows: rows)
    assert ws.processors["own"].built_in is False
    ws.processors.remove("own")
    with pytest.raises(UnknownNameError, match=r"ws\.processors\.add\(name, function\)"):
        ws.processors.remove("own")
    for call in (lambda: ws.processors.change("trim", own()), lambda: ws.processors.remove("trim")):
        with pytest.raises(ConfigurationError, match="'trim' is a built-in processor"):
            call()


def test_a_connection_is_changed(ws: cdpkit.Workspace, conn: cdpkit.Connection) -> None:
    """What is named changes, settings by their names; goals and comments stay; what does not fit is refused."""
    conn.goals.add(**GOAL)
    path = conn.file.path.local
    path.write_text("# ours\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    ws.connections.change("news", {"limits_factor": 2}, labels=["mail"], description="News")
    assert conn.settings == {"api_key": "file:key.txt", "limits_factor": 2}
    assert (conn.labels, conn.description, conn.objectives) == (("mail",), "News", ())
    assert (list(conn.goals), path.read_text(encoding="utf-8")[:6]) == (["VIPs"], "# ours")
    ws.connections.change("news", {"limits_factor": None}, labels=[])
    assert (conn.settings, conn.labels, conn.description) == (KEY, (), "News")
    before = path.read_text(encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"settings\.limits_factor: is no number above 0"):
        ws.connections.change("news", {"limits_factor": 0})
    with pytest.raises(ConfigurationError, match=r"settings\.api_key: is missing"):
        ws.connections.change("news", {"api_key": None})
    assert path.read_text(encoding="utf-8") == before


def test_a_connection_is_removed(ws: cdpkit.Workspace, conn: cdpkit.Connection) -> None:
    """Its file is gone; whoever still holds it is told so, and the name is free again."""
    ws.connections.remove("news")
    assert (dict(ws.connections), conn.runs.height) == ({}, 0)
    for call in (lambda: ws.connections.remove("news"), lambda: conn.goals, conn.check):
        with pytest.raises(UnknownNameError, match="no connection 'news'"):
            call()
    assert ws.connect("iterable", "news", KEY).settings == KEY


def test_settings_show_references_and_no_secret(conn: cdpkit.Connection) -> None:
    """What somebody wrote into the file where a reference belongs is masked, and so is what nobody declared."""
    text = conn.file.path.local.read_text(encoding="utf-8")
    conn.file.path.local.write_text(text.replace("file:key.txt", "sk-7") + '\napikey = "sk-8"\n', encoding="utf-8")
    assert conn.settings == {"api_key": "**********", "apikey": "**********"}


def test_goals_are_changed(conn: cdpkit.Connection, ws: cdpkit.Workspace) -> None:
    """Under the keys that are named; None takes one away; a name is changed by `rename` alone."""
    goals = conn.goals
    goals.add(**GOAL, skip_unchanged_payload=True)
    ws.segments.add("others", "plan = 'other'")
    changed: Any = goals.change("VIPs", segment="others", skip_unchanged_payload=None)
    assert (changed.segment, changed.target, changed.skip_unchanged_payload) == ("others", {"lists": ["VIP"]}, False)
    assert "skip_unchanged_payload" not in conn.file.path.local.read_text(encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"goals\.rename\('VIPs', name\)"):
        goals.change("VIPs", name="Other")
    assert goals.change("VIPs", name="VIPs") == changed
    with pytest.raises(ConfigurationError, match="there is no key 'segmnt' here"):
        goals.change("VIPs", segmnt="x")
    assert goals["VIPs"] == changed


def test_goals_are_renamed_copied_switched_and_removed(conn: cdpkit.Connection) -> None:
    """A copy is off; a name that is taken is refused; the order is that of the file."""
    goals = conn.goals
    goals.add(**GOAL)
    assert goals.copy("VIPs").active is False
    assert goals.activate("VIPs (copy)").active is True
    assert goals.activate("VIPs", active=False).active is False
    assert goals.rename("VIPs (copy)", "Others").name == "Others"
    with pytest.raises(ConfigurationError, match="there is a goal 'VIPs' already"):
        goals.rename("Others", "VIPs")
    assert goals.frame().rows() == [
        ("VIPs", "export_profiles", False),
        ("Others", "export_profiles", True),
    ]
    goals.remove("VIPs")
    assert list(goals) == list(conn.goals) == ["Others"]
    with pytest.raises(UnknownNameError, match="no goal 'VIPs'; there are: Others"):
        goals.remove("VIPs")


def test_what_a_login_kept_goes_with_its_connection(ws: cdpkit.Workspace, conn: cdpkit.Connection) -> None:
    """No token is left behind, which the next connection of the name would log in with."""
    ws.connect("iterable", "other", KEY)
    for name in (conn.name, "other"):
        TokenFile(ws._home.root, name, "iterable").save({"refresh_token": "r1"})
    ws.connections.remove(conn.name)
    assert TokenFile(ws._home.root, conn.name, "iterable").load() is None
    assert TokenFile(ws._home.root, "other", "iterable").load() == {"refresh_token": "r1"}
    ws.connections.remove("other")


def test_a_goal_of_a_segment_that_does_not_exist_is_refused(conn: cdpkit.Connection) -> None:
    """Added, changed or replaced: the message begins with the nearest name."""
    wrong = {**GOAL, "segment": "vipps"}
    with pytest.raises(UnknownNameError, match="no segment 'vipps'; there are: vips"):
        conn.goals.add(**wrong)
    conn.goals.add(**GOAL)
    with pytest.raises(UnknownNameError, match="no segment 'vipps'"):
        conn.goals.change("VIPs", segment="vipps")
    with pytest.raises(UnknownNameError, match="no segment 'vipps'"):
        conn.goals.replace("VIPs", **wrong)


IMPOSSIBLE = ("CON", "nul", "-x", "a\nb", "a\x1b[2Jb", "x" * 300, " ")


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_names_that_cannot_be_one_are_refused(conn: cdpkit.Connection, ws: cdpkit.Workspace, name: str) -> None:
    """For everything that has a name, before anything is written; what is not shown is shown escaped."""
    tries: dict[str, Any] = {
        "connection": lambda: ws.connect("iterable", name, KEY),
        "goal": lambda: conn.goals.add(**{**GOAL, "name": name}),
        "load": lambda: ws.load(pl.DataFrame({"email": ["a@x.de"]}), {"email": "email"}, goal=name),
        "objective": lambda: ws.objectives.add(name),
        "segment": lambda: ws.segments.add(name, "true"),
        "property": lambda: ws.properties.add(name),
        "workspace": lambda: cdpkit.create(ws.path.parent / name),
    }
    for attempt in tries.values():
        with pytest.raises(ConfigurationError) as refused:
            attempt()
        assert "\x1b" not in str(refused.value)
    assert (len(ws.connections), len(conn.goals), len(ws.objectives), len(ws.segments)) == (1, 0, 0, 1)


@pytest.mark.parametrize("name", ["news/VIPs", "load:x"])
def test_a_load_and_a_goal_of_a_connection_never_share_what_they_know(ws: cdpkit.Workspace, name: str) -> None:
    """Keys of connections' goals have a slash, which names of loads have not."""
    with pytest.raises(ConfigurationError, match="leave it out"):
        ws.load(pl.DataFrame({"email": ["a@x.de"]}), {"email": "email"}, goal=name)


def test_a_secret_that_is_not_there_yet_is_a_warning(ws: cdpkit.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked up when it is used; the check says whether it is there."""
    monkeypatch.delenv("NOT_THERE", raising=False)
    with pytest.warns(UserWarning, match="there is no environment variable NOT_THERE") as warned:
        made = ws.connect("iterable", "later", {"api_key": "env:NOT_THERE"})
    assert warned[0].filename == __file__
    assert "NOT_THERE" in str(made.check())
    with pytest.raises(ConfigurationError, match="must be given as a reference"):
        ws.connect("iterable", "wrong", {"api_key": "sk-7"})


def test_http_to_another_machine_has_to_be_allowed(ws: cdpkit.Workspace) -> None:
    """At connect, and where the file says so; this machine may be reached without encryption."""
    clear = {**KEY, "base_url": "http://api.example.com"}
    with pytest.raises(ConfigurationError, match="allow_http = true"):
        ws.connect("iterable", "clear", clear)
    ws.connect("iterable", "here", {**KEY, "base_url": "http://127.0.0.1:9"})
    allowed = ws.connect("iterable", "clear", {**clear, "allow_http": True})
    ws.connections.change("clear", settings={"allow_http": None, "base_url": "https://api.example.com"})
    text = allowed.file.path.local.read_text()
    allowed.file.path.local.write_text(text.replace("https://", "http://"))
    assert "allow_http" in str(allowed.check())


def test_a_file_that_nests_deeply_is_told(conn: cdpkit.Connection, ws: cdpkit.Workspace) -> None:
    """Neither a connection's file nor the workspace's is read until the stack is full."""
    for file in (conn.file.path.local, ws.path / "cdpkit.toml"):
        text = file.read_text()
        for depth in (40, 5000):
            file.write_text(f"labels = {'[' * depth}{']' * depth}\n{text}")
            with pytest.raises((ConfigurationError, WorkspaceError), match="nest deeper"):
                _ = conn.labels if file.name == "news.toml" else ws.segments["vips"]
        file.write_text(text)
