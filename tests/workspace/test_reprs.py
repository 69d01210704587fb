"""What an object of the public surface shows when a person looks at it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from IPython.core.completer import IPCompleter, provisionalcompleter
from pydantic import BaseModel

import cdpkit
import cdpkit.goals
from cdpkit.config.goals import read_goal
from cdpkit.config.guards import GuardSettings
from cdpkit.config.schedule import ScheduleSettings
from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.problem import Problem
from cdpkit.store.verify import Finding
from cdpkit.workspace.check_list import CheckList
from tests.runs.sync.place import LIST, Place, place
from tests.show.page import Page
from tests.workspace.surface import classes

_OF_OTHERS = {"answer", "settings", "created"}
"""Those that are shown by DuckDB, Python and Polars."""
_ADDRESS = re.compile(r"<.* at 0x|object at 0x")


HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e"
"""What somebody may have written into a form."""


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A workspace in which there is something of everything."""
    with place(tmp_path_factory.mktemp("reprs")) as made:
        made.load({"customer": "1", "email": "pro1@example.com", "plan": "pro"})
        made.ws.load([{"c": "2", "plan": HOSTILE}], {"c": "customer"}, [{"from": "plan", "to": "plan"}])
        made.ws.objectives.add("newsletter", description="News, once a month")
        made.ws.processors.add("first_two", first_two)
        made.ws.groups.define("household", "plan", {"size": "number"})
        made.ws.groups["household"].load([{"h": HOSTILE, "size": 3}], "h", [{"from": "size"}])
        made.importing(active=False)
        made.exporting()
        made.conn.run().raise_for_state()
        yield made


def first_two(rows: Any) -> Any:
    """Keep two rows."""
    return rows.head(2)


def preview(at: Place) -> cdpkit.Preview:
    """Of a load that creates and changes somebody."""
    rows = [{"c": "3", "plan": HOSTILE}, {"c": "1", "plan": "free"}]
    return at.ws.preview_load(rows, {"c": "customer"}, [{"from": "plan", "to": "plan"}])


def compared(at: Place) -> object:
    """What else a load would do under another rule."""
    asked = preview(at)
    return asked.compare(asked.again(mappings=[{"from": "plan", "to": "plan", "rule": "set_if_empty"}]))


def merged() -> cdpkit.Merged:
    """Of one row."""
    email = cdpkit.Property("email", "email", identifier=True)  # type: ignore[arg-type]  # as a person writes it
    return cdpkit.merge(pl.DataFrame(), [{"email": "a@example.com"}], {"email": "email"}, properties=[email])


SHOWN: dict[str, Callable[[Place], object]] = {
    "workspace": lambda at: at.ws,
    "properties": lambda at: at.ws.properties,
    "property": lambda at: at.ws.properties["email"],
    "segments": lambda at: at.ws.segments,
    "segment": lambda at: at.ws.segments["pros"],
    "objectives": lambda at: at.ws.objectives,
    "objective": lambda at: at.ws.objectives["newsletter"],
    "processors": lambda at: at.ws.processors,
    "processor": lambda at: at.ws.processors["split"],
    "own processor": lambda at: at.ws.processors["first_two"],
    "connections": lambda at: at.ws.connections,
    "connection": lambda at: at.conn,
    "file": lambda at: at.conn.file,
    "file as read": lambda at: at.conn.file.read(),
    "settings": lambda at: at.conn.settings,
    "schedule": lambda _: ScheduleSettings(every="15 minutes"),
    "goals": lambda at: at.conn.goals,
    "guards": lambda _: GuardSettings(withdrawals=0.2),
    "goal": lambda at: at.conn.goals["Pros"],
    "what a vendor has": lambda at: at.conn.discover(),
    "checks": lambda at: at.conn.check(),
    "preview of a load": preview,
    "preview of a sync": lambda at: at.conn.preview(),
    "comparison": compared,
    "profiles": lambda at: at.ws.profiles,
    "events": lambda at: at.ws.events,
    "event types": lambda at: at.ws.event_types,
    "event type": lambda at: at.ws.event_types["order"],
    "event property": lambda at: at.ws.event_types["order"].properties[0],
    "group types": lambda at: at.ws.groups,
    "group type": lambda at: at.ws.groups["household"],
    "groups": lambda at: at.ws.groups["household"].groups,
    "runs": lambda at: at.ws.runs,
    "runs of a connection": lambda at: at.conn.runs,
    "run": lambda at: at.ws.runs.last,
    "goal of a run": lambda at: at.ws.runs.last.goal("Pros"),
    "view of a run": lambda at: at.ws.runs.last.view("rows"),
    "view of a preview": lambda at: preview(at).view("changes"),
    "created": lambda at: at.ws.run(at.ws.runs["run_id"][0]).created,
    "problem": lambda _: Problem("settings.api_key", "is missing", "add it"),
    "option": lambda at: at.ws.processors["split"].options[0],
    "merged": lambda _: merged(),
    "counters of a merge": lambda _: merged().counters,
    "view": lambda at: at.ws.at(at.ws.runs["run_id"][0]),
    "answer": lambda at: at.ws.sql("select count(*) as n from profiles"),
    "look": lambda at: at.ws.peek([{"email": "a@x.de"}]),
    "finding": lambda _: Finding("profiles", "tables/profiles/0.parquet", "is missing", ("6b5h", "6b5k")),
    "verification": lambda at: at.ws.verify(),
    "status": lambda at: at.conn.status,
    "arrow": lambda at: at.conn.status["export"],
    "exchange": lambda at: at.conn.exchange,
    "available": lambda at: at.conn.goals.available("Pros"),
    "gallery": lambda at: at.ws.gallery,
    "vendor": lambda at: at.ws.gallery["iterable"],
    "profile": lambda at: at.ws.profile(customer="1"),
    "event": lambda _: cdpkit.RunEvent("Pros", "send", 1, 2, "profiles"),
}


@pytest.mark.parametrize("what", SHOWN)
def test_an_object_shows_what_it_is(at: Place, what: str) -> None:
    """Never its class with an address in memory, never the secret."""
    example = SHOWN[what](at)
    for shown in (repr(example), str(example)):
        assert shown.strip()
        assert not _ADDRESS.search(shown)
        assert (at.ws.path / "key.txt").read_text() not in shown


def without_bars(html: str) -> str:
    """Bars have colours of their own, which are no text's."""
    return re.sub(r"height:\.5em;[^\"]*background:#\w{6}", "", html)


@pytest.mark.parametrize("what", [what for what in SHOWN if what not in _OF_OTHERS])
def test_an_object_shows_itself_in_a_notebook(at: Place, what: str) -> None:
    """As whole HTML: nothing that runs, no stylesheet and no colour that a theme could clash with, no secret."""
    example: Any = SHOWN[what](at)
    html = example._repr_html_()
    page = Page(html)
    assert page.open == []
    assert page.text.strip()
    assert set(page.tags) <= {"div", "pre", "strong", "table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert page.attributes <= {"class", "style", "scope", "tabindex"}
    assert not re.search(r"(?<![-\w])(color|background)", without_bars(html))
    assert not _ADDRESS.search(html)
    assert not {"\x1b", "\u202e"} & set(html)
    assert (at.ws.path / "key.txt").read_text() not in html


def test_whoever_adds_a_public_object_shows_it_here(at: Place) -> None:
    """Every class of which a user can get an object is among those above."""
    shown = {type(example(at)) for example in SHOWN.values()}
    missing = [cls.__name__ for cls in classes() if not any(issubclass(each, cls) for each in shown)]
    assert missing == []


@pytest.mark.parametrize("what", SHOWN)
def test_completion_names_what_is_there(at: Place, what: str) -> None:
    """Each attribute that is offered can be read, each key can be looked up."""
    example: Any = SHOWN[what](at)
    if type(example).__module__.startswith("cdpkit") and not isinstance(
        example, BaseModel | pl.LazyFrame | pl.DataFrame
    ):
        for name in dir(example):
            assert name.startswith("_") or hasattr(example, name)
    for key in getattr(example, "_ipython_key_completions_", list)():
        assert example[key] is not None


@pytest.mark.parametrize(
    ("written", "offered"),
    [
        ('ws.segments["', "pros"),
        ('ws.properties["', "email"),
        ('ws.processors["', "split"),
        ('ws.objectives["', "newsletter"),
        ('ws.connections["', "news"),
        ('conn.goals["', "Pros"),
        ('ws.runs["', "run_id"),
        ("ws.runs.la", ".last"),
        ("ws.segments.de", ".define"),
        ("conn.goals.ad", ".add"),
    ],
)
def test_a_notebook_completes_names(at: Place, written: str, offered: str) -> None:
    """Without running code: what only looks something up is declared so."""
    completer = IPCompleter(  # type: ignore[no-untyped-call]
        namespace={"ws": at.ws, "conn": at.conn}, use_jedi=False
    )
    with provisionalcompleter():
        assert offered in [each.text for each in completer.completions(written, len(written))]


def test_a_workspace_tells_what_it_holds(at: Place) -> None:
    """Numbers of profiles and settings, the connections with their states, the last runs with theirs."""
    shown = repr(at.ws)
    assert "2 profiles, 4 properties, 1 segment, 1 connection" in shown
    assert "properties: customer, email, plan, points" in shown
    assert re.search(r"news +iterable +yes +Subscribers, Pros +succeeded, 20\d\d-", shown)
    assert re.search(r"sync news +succeeded +1 accepted", shown)


def test_an_empty_workspace_tells_the_next_step(tmp_path: Path) -> None:
    """As whoever opens a notebook for the first time needs it."""
    ws = cdpkit.create(tmp_path / "w")
    assert "Next: ws.properties.add('email', identifier=True) says what tells people apart; then ws.load(" in repr(ws)
    ws.properties.add("email", identifier=True)
    assert "Next: ws.load(source, identifiers={field: property}" in repr(ws)


def test_a_damaged_workspace_is_told_not_raised(tmp_path: Path) -> None:
    """Looking never fails, in text, in HTML and in completion."""
    ws = cdpkit.create(tmp_path / "w")
    (ws.path / "cdpkit.toml").write_text("format = ", encoding="utf-8")
    assert "is damaged" in repr(ws)
    assert "is damaged" in ws.segments._repr_html_()
    assert ws.segments._ipython_key_completions_() == []


def test_profiles_show_people(at: Place) -> None:
    """How many there are, and the first of them with what is known of the person in front; still a lazy frame."""
    shown = repr(at.ws.profiles)
    assert re.match(r"2 profiles, 12 columns\n  customer +email +plan +points +profile_id", shown)
    assert "pro1@example.com" in shown
    assert at.ws.profiles.select("customer").collect()["customer"].to_list() == ["1", "2"]
    assert type(at.ws.profiles.select("customer")) is pl.LazyFrame
    assert all(key in at.ws.profiles._repr_html_() for key in at.ws.profiles.collect()["profile_id"])
    assert at.ws.profiles.join(at.ws.profiles, on="customer").collect().height == 2
    assert repr(at.ws.at(at.ws.runs["run_id"][0])).startswith("View of version 5: 1 profile, 12 columns\n  customer")


def test_the_history_is_a_frame_that_knows_its_runs(at: Place) -> None:
    """The last one, and any by the beginning of its id; what is made of it is a frame as any other."""
    runs = at.ws.runs
    assert runs.last.id == at.conn.runs.last.id == runs["run_id"][-1]
    assert runs[runs.last.id[:8]].state == "succeeded"
    assert re.match(r"4 runs\n  run_id +started \(UTC\) +seconds +what +state +numbers\n", repr(runs))
    assert all(run in repr(runs) for run in runs["run_id"])
    assert type(runs.filter(kind="load")) is pl.DataFrame
    assert pl.concat([runs, runs.filter(kind="load")]).height == 7
    assert runs.equals(pl.DataFrame(runs))
    with pytest.raises(UnknownNameError, match="no run 'stat'"):
        runs["stat"]


def test_an_empty_history_tells_how_to_begin(tmp_path: Path) -> None:
    """Instead of an index that does not exist."""
    ws = cdpkit.create(tmp_path / "w")
    assert repr(ws.runs) == "0 runs"
    with pytest.raises(ConfigurationError, match=r"there are no runs yet; ws\.load"):
        ws.runs.last  # noqa: B018 - it raises


def test_a_run_knows_its_goals_by_name(at: Place) -> None:
    """And names those that it has."""
    assert at.ws.runs.last.goal("Pros").counters["accepted"] == 1
    assert re.match(r"goal 'Pros': succeeded\n +1  profiles in the segment\n", repr(at.ws.runs.last.goal("Pros")))
    with pytest.raises(UnknownNameError, match="no goal of the run 'pros'; there are: Pros"):
        at.ws.runs.last.goal("pros")


def test_what_is_looked_up_cannot_be_set(at: Place) -> None:
    """As with any property; and it has its help."""
    with pytest.raises(AttributeError, match="'segments' of a Workspace cannot be set"):
        at.ws.segments = None
    assert cdpkit.Workspace.segments.__doc__ == "Named expressions over the profiles."


def test_a_catalogue_tells_every_line(at: Place) -> None:
    """All of it, aligned; not cut as a frame is when it is printed."""
    assert re.search(r"email +email +identifier, pii", repr(at.ws.properties))
    assert re.search(r"pros +plan = 'pro'", repr(at.ws.segments))
    assert re.search(r"newsletter +yes +News, once a month", repr(at.ws.objectives))
    assert re.search(r"split +Split texts into lists.* +fields, \[separator\]", repr(at.ws.processors))
    assert "first_two" in repr(at.ws.processors)
    assert re.search(r"Pros +export_profiles +yes", repr(at.conn.goals))
    assert re.search(r"news +iterable +yes +off +ready +Subscribers, Pros", repr(at.ws.connections))


def test_a_processor_tells_its_options(at: Place) -> None:
    """What each takes, what it is where it is left out, and whether it may be."""
    shown = repr(at.ws.processors["normalize_phone"])
    assert re.search(r"fields +required +a list of texts", shown)
    assert "exclude" in shown
    assert repr(at.ws.processors["first_two"]) == "Processor('first_two'): Keep two rows."


def test_a_connection_tells_its_goals(at: Place) -> None:
    """Its vendor, whether it is on, and a line a goal."""
    shown = repr(at.conn)
    assert "Connection('news'), iterable, on" in shown
    assert re.search(r"Subscribers +import_profiles +no", shown)


def test_a_damaged_file_is_told_not_raised(tmp_path: Path) -> None:
    """Looking at a connection never fails; what is wrong with its file is what it shows."""
    ws = cdpkit.create(tmp_path / "w")
    conn = ws.connect("iterable", settings={"api_key": "file:key"}) if (ws.path / "key").write_text("k") else None
    assert conn is not None
    conn.file.path.local.write_text("vendor =", encoding="utf-8")
    assert "is damaged" in repr(conn)
    assert "its file cannot be read" in repr(ws.connections)


def test_a_list_of_checks() -> None:
    """It is equal to a list of its problems, false without any, and says which connection it is about."""
    problem = Problem("settings.api_key", "is missing", "add it")
    none, one = CheckList("connection 'news'", []), CheckList("connection 'news'", [problem])
    assert not none
    assert none == []
    assert one == [problem]
    assert repr(none) == "Connection 'news' can run."
    assert repr(one) == "1 problem of connection 'news'\n  settings.api_key: is missing; add it"
    assert one[0:] == (problem,)
    assert len({one, CheckList("other", [problem])}) == 1


def test_the_lists_of_a_vendor_are_a_frame(at: Place) -> None:
    """What is asked of the vendor comes as a frame, which shows itself."""
    assert LIST in repr(at.conn.lists)


def test_goals_and_properties_show_what_makes_them(at: Place) -> None:
    """As a person would write it, to be copied."""
    goal, prop = at.conn.goals["Pros"], at.ws.properties["email"]
    assert repr(goal).startswith("ExportGoal(name='Pros', ")
    assert repr(at.conn.goals["Subscribers"]).startswith("ImportGoal(name='Subscribers', ")
    assert repr(prop) == "Property('email', type='email', identifier=True, pii=True)"
    assert read_goal(eval(repr(goal), vars(cdpkit.goals))) == goal  # noqa: S307 - what the repr itself says
