"""Groups: households, companies and others, beside the profiles that belong to them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cdpkit
from cdpkit.errors import ConfigurationError, ConflictError, UnknownNameError
from cdpkit.goals import ImportGoal, ImportGroupsGoal, ImportMapping
from cdpkit.workspace.connection import Connection

HOMES = "hid,size,city\nH1,3,Gent\nH2,x,Brugge\n,4,Nowhere\nH1,4,\n"
PEOPLE = "email,hid\na@x.io,H1\nb@x.io,H2\nc@x.io,H9\n"
MAPPED: list[ImportMapping] = [{"from": "size", "to": "size"}, {"from": "city", "to": "city"}]
JOINED = """
    select email, city, size from profiles
    left join group_members using (profile_id) left join groups using (type, group_id) order by email
"""


@pytest.fixture
def ws(tmp_path: Path) -> cdpkit.Workspace:
    """A workspace with households, and nobody in it."""
    made = cdpkit.create(tmp_path / "w")
    made.properties.add("email", identifier=True)
    made.properties.add("household_id")
    made.groups.define("household", "household_id", {"size": "number"})
    return made


@pytest.fixture
def conn(ws: cdpkit.Workspace, tmp_path: Path) -> Connection:
    """A folder with households and people; the goals are in the other order than they have to run."""
    place = tmp_path / "files"
    place.mkdir()
    (place / "homes.csv").write_text(HOMES, encoding="utf-8")
    (place / "people.csv").write_text(PEOPLE, encoding="utf-8")
    made = ws.connect("files", name="crm", settings={"address": str(place), "settle": 0})
    people: list[ImportMapping] = [{"from": "hid", "to": "household_id"}]
    made.goals.add(
        ImportGoal(name="People", source={"files": "people.csv"}, identifiers={"email": "email"}, mappings=people)
    )
    homes = {"files": "homes.csv"}
    made.goals.add(ImportGroupsGoal(name="Homes", group="household", id="hid", source=homes, mappings=MAPPED))
    return made


def test_f31_f203_groups_are_imported_before_the_profiles_that_belong_to_them(
    ws: cdpkit.Workspace, conn: Connection
) -> None:
    """From one connection, as previewed; joined in SQL; the second night adds nothing, and one undo takes all back."""
    assert conn.check() == []
    preview = conn.preview()
    assert [goal.name for goal in preview.goals] == ["Homes", "People"]
    assert "2  groups created" in preview.report()
    assert preview.creates["group_id"].to_list() == ["H1", "H2", None, None, None]
    city = preview.again(goal="Homes", mappings=[{"from": "city", "to": "city"}])
    assert city.creates.columns == ["source_row", "group_id", "city", "goal"]
    run = conn.run(preview=preview)
    assert [(goal.name, goal.counters["created"]) for goal in run.goals] == [("Homes", 2), ("People", 3)]
    assert run.goal("Homes").counters["excluded"] == {"missing_identifier": 1}
    assert run.goal("Homes").counters["rejected"] == {"not_a_whole_number": 1}
    assert run.rejected.select("profile_id", "field", "value").rows() == [("H2", "size", "x")]
    joined = [("a@x.io", "Gent", 4), ("b@x.io", "Brugge", None), ("c@x.io", None, None)]
    assert ws.sql(JOINED).fetchall() == joined
    assert ws.groups["household"].members()["group_id"].sort().to_list() == ["H1", "H2", "H9"]
    assert ws.profile(email="a@x.io").groups.rows() == [
        ("household", "H1", "size", "4"),
        ("household", "H1", "city", "Gent"),
    ]
    assert ws.profile(email="c@x.io").groups.rows() == [("household", "H9", None, None)]
    assert ws.sql("select imported from exchange").fetchall() == [(3,)]
    before = datetime.now(UTC)

    again = conn.run()
    assert [goal.counters["applied"] for goal in again.goals] == [0, 0]
    undone = ws.undo(run)
    assert (undone.counters["groups_deleted"], undone.counters["profiles_deleted"]) == (2, 3)
    assert ws.sql("select (select count(*) from groups), (select count(*) from profiles)").fetchall() == [(0, 0)]
    for moment in (run, before):
        assert ws.at(moment).groups.collect()["group_id"].to_list() == ["H1", "H2"]
        assert ws.at(moment).sql(JOINED).fetchall() == joined


def test_profiles_and_groups_have_properties_of_one_name_and_two_types(ws: cdpkit.Workspace, conn: Connection) -> None:
    """Where a frame tells of both, such a property is text in it."""
    ws.properties.add("size")
    ws.properties.add("city", multi=True)
    people: list[ImportMapping] = [{"from": "email", "to": "size"}, {"from": "hid", "to": "city", "rule": "add"}]
    person: dict[str, Any] = {"source": {"files": "people.csv"}, "identifiers": {"email": "email"}}
    conn.goals.replace("People", ImportGoal(name="People", mappings=people, **person))
    preview = conn.preview()
    shown = [("4", "Gent"), (None, "Brugge"), ("a@x.io", '["H1"]'), ("b@x.io", '["H2"]'), ("c@x.io", '["H9"]')]
    assert preview.creates.select("size", "city").rows() == shown
    assert sorted(conn.run(preview=preview).created.select("size", "city").rows(), key=str) == sorted(shown, key=str)


def test_f203_who_commits_in_between_makes_a_preview_of_groups_old(ws: cdpkit.Workspace, conn: Connection) -> None:
    """And a run that is not from a preview works everything out anew."""
    preview = conn.preview()
    ws.groups["household"].load([{"h": "H1", "size": 9}], "h", [{"from": "size", "to": "size"}])
    with pytest.raises(ConflictError):
        conn.run(preview=preview)
    assert conn.run().goal("Homes").counters["updated"] == 1


def test_a_previewed_load_of_groups_is_stored_as_it_was_shown(ws: cdpkit.Workspace) -> None:
    """And what was refused of it can be mended and taken again."""
    kind = ws.groups["household"]
    rows = [{"h": 17.0, "size": "two", "name": "Peeters"}, {"h": 18.0, "size": "3", "name": "Maes"}]
    preview = kind.preview_load(rows, "h", [{"from": "size"}, {"from": "name"}], goal="crm")
    assert preview.creates.select("group_id", "size", "name").rows() == [("17", None, "Peeters"), ("18", 3, "Maes")]
    run = kind.load(preview=preview)
    assert run.created.select("group", "group_id", "size").rows() == [("household", "17", None), ("household", "18", 3)]
    mended = run.rejects.mend({0: "2"}).load_again()
    assert mended.changes.select("profile_id", "property", "after").rows() == [("17", "size", "2")]
    assert run.rejects.count == 0
    assert ws.profiles.collect().height == 0


def test_groups_stay_where_the_columns_of_profiles_change(ws: cdpkit.Workspace, conn: Connection) -> None:
    """A property that changes its type or goes rewrites the table of the profiles, in which groups lie."""
    conn.run()
    groups = ws.sql("from groups order by group_id").pl()
    ws.properties.add("size")
    ws.load([{"m": "a@x.io", "size": "12"}], {"m": "email"}, [{"from": "size"}])
    ws.properties.change("size", type="number")
    ws.properties.remove("size")
    made = ws.load([{"m": "d@x.io", "shoe": "44"}], {"m": "email"}, [{"from": "shoe"}])
    ws.undo(made)
    ws.compact()
    assert ws.sql("from groups order by group_id").pl().equals(groups)
    assert ws.verify()
    assert "size" not in ws.profiles.collect_schema()


def test_an_undo_does_not_take_the_type_of_a_link_away(ws: cdpkit.Workspace) -> None:
    """It is refused, as the change itself is."""
    ws.properties.add("moved", type="date")
    ws.properties.change("moved", type="text")
    change = ws.runs.filter(kind="change")["run_id"].item()
    ws.groups.define("house", "moved")
    with pytest.raises(ConfigurationError, match="'moved' holds the ids of groups of type 'house'"):
        ws.undo(change)
    ws.groups.define("house", "household_id")
    ws.undo(change)
    assert ws.properties["moved"].type == "date"


def test_types_of_groups_keep_their_groups_apart(ws: cdpkit.Workspace) -> None:
    """The same id in two types is two groups; a profile may belong to several of a type."""
    ws.properties.add("employers", multi=True)
    ws.groups.define("company", "employers", {"size": "number", "sector": "text"})
    for name, size in (("household", 3), ("company", 250)):
        ws.groups[name].load([{"id": "1", "size": size}], "id", [{"from": "size"}])
    ws.load(
        [{"m": "a@x.io", "jobs": [" 1", "2"]}], {"m": "email"}, [{"from": "jobs", "to": "employers", "rule": "add"}]
    )
    assert ws.sql("select type, group_id, size from groups order by type").fetchall() == [
        ("company", "1", 250),
        ("household", "1", 3),
    ]
    assert ws.sql("select type, group_id from group_members order by group_id").fetchall() == [
        ("company", "1"),
        ("company", "2"),
    ]
    assert [kind.count() for kind in ws.groups.values()] == [1, 1]
    ws.groups.remove("company")
    assert ws.sql("select count(*) from groups").fetchall() == [(1,)]
    assert ws.groups.define("company", "employers", {"size": "number"}).groups.collect()["size"].to_list() == [250]


REFUSED: dict[str, tuple[Callable[[cdpkit.Workspace], object], str]] = {
    "no link": (lambda ws: ws.groups.define("company"), "say which property of profiles holds the id"),
    "no such link": (lambda ws: ws.groups.define("company", "employer"), "no property 'employer'; there are"),
    "a link of dates": (lambda ws: ws.groups.define("company", "created_at"), "ids of groups are text or number"),
    "another type of a property": (
        lambda ws: ws.groups.define("company", "household_id", {"size": "text"}),
        "both have a property 'size', which is one column",
    ),
    "its own property otherwise": (
        lambda ws: ws.groups.define("household", properties={"size": "text"}),
        "has a property 'size' already, which is number",
    ),
    "a name that is kept": (
        lambda ws: ws.groups.define("household", properties={"group_id": "text"}),
        "'group_id' is kept by the workspace",
    ),
    "a name with a slash": (
        lambda ws: ws.groups.define("a/b", "household_id"),
        "name of the group type 'a/b' may only have letters",
    ),
    "no such type of values": (
        lambda ws: ws.groups.define("household", properties={"x": "weather"}),
        "no property type 'weather'",
    ),
    "no such type": (lambda ws: ws.groups["company"], "no group type 'company'; there are: household"),
    "a type without a name": (lambda ws: ws.groups[""], "no group type ''; there are: household"),
    "no id": (lambda ws: ws.groups["household"].load([{"a": 1}], mappings=[{"from": "a"}]), "say which field"),
    "a mapping to the id": (
        lambda ws: ws.groups["household"].load([{"a": 1}], "a", [{"from": "a", "to": "group_id"}]),
        "'group_id' is kept by the workspace",
    ),
    "a link that becomes no id": (
        lambda ws: ws.properties.change("household_id", type="date"),
        "holds the ids of groups of type 'household', which are text or number",
    ),
    "its own property written otherwise": (
        lambda ws: ws.groups.define("household", properties={"Size": "number"}),
        "there is a property 'size' already",
    ),
    "a column of the table": (
        lambda ws: ws.groups.define("household", properties={"row": "text"}),
        "'row' is kept by the workspace",
    ),
    "a link that is in use": (lambda ws: ws.properties.remove("household_id"), "used by group type 'household'"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_does_not_fit_is_refused_with_what_to_do(ws: cdpkit.Workspace, what: str) -> None:
    """And nothing of it is written."""
    before = (ws.path / "cdpkit.toml").read_text(encoding="utf-8")
    call, message = REFUSED[what]
    with pytest.raises((ConfigurationError, UnknownNameError), match=message):
        call(ws)
    assert (ws.path / "cdpkit.toml").read_text(encoding="utf-8") == before


def test_what_a_type_had_before_it_was_removed_is_had_again_or_left_alone(ws: cdpkit.Workspace) -> None:
    """Its values are there still: a property of another type, or written otherwise, has no place beside them."""
    ws.groups["household"].load([{"id": "1", "rooms": 5}], "id", [{"from": "rooms"}])
    ws.groups.remove("household")
    with pytest.raises(ConfigurationError, match="groups of the type 'household' from before"):
        ws.groups.define("Household", "household_id")
    kind = ws.groups.define("household", "household_id")
    for rows in ([{"id": "2", "rooms": "many"}], [{"id": "2", "Rooms": 5}]):
        for call in (kind.preview_load, kind.load):
            with pytest.raises(ConfigurationError, match="have it back with"):
                call(rows, "id", [{"from": [*rows[0]][1]}])
    kind = ws.groups.define("household", properties={"rooms": "number"})
    assert kind.groups.collect()["rooms"].to_list() == [5]


def test_a_preview_of_a_type_that_is_another_one_since_is_not_stored(ws: cdpkit.Workspace) -> None:
    """What becomes of a type is in the settings alone, and no commit tells of it."""
    kind = ws.groups["household"]
    made, held = (kind.preview_load([{"id": "1", name: 3}], "id", [{"from": name}]) for name in ("rooms", "size"))
    ws.groups.remove("household")
    for preview in (made, held):
        with pytest.raises(UnknownNameError, match="no group type 'household'"):
            kind.load(preview=preview)
    ws.groups.define("household", "household_id", {"size": "text"})
    for preview in (made, held):
        with pytest.raises(ConflictError, match="changed the group type 'household' since"):
            kind.load(preview=preview)
    assert kind.load([{"id": "1", "size": "large"}], "id", [{"from": "size"}]).counters["created"] == 1


def test_previews_tell_what_runs_make_of_a_property_that_several_goals_fill(
    ws: cdpkit.Workspace, conn: Connection, tmp_path: Path
) -> None:
    """The first makes it, the second goes by its type; one of another type of groups has to be of the same."""
    for name, text in {"one": "h,mail\nH1,a@x.io\n", "two": "h,mail\nH1,B@X.io\nH2,zzz\n"}.items():
        (tmp_path / "files" / f"{name}.csv").write_text(text, encoding="utf-8")
        source = {"files": f"{name}.csv"}
        conn.goals.add(
            ImportGroupsGoal(
                name=name, group="household", id="h", source=source, mappings=[{"from": "mail", "to": "m"}]
            )
        )
    preview = conn.preview()
    shown = [goal.counters for goal in preview.goals]
    assert shown[2]["rejected"] == {"not_an_email_address": 1}
    assert [goal.counters for goal in conn.run(preview=preview).goals] == shown
    company = ws.groups.define("company", "household_id")
    with pytest.raises(ConfigurationError, match="both have a property 'm'"):
        company.preview_load([{"id": "1", "m": 5}], "id", [{"from": "m"}])


def test_a_type_that_was_edited_in_the_file_is_told_of_where_it_matters(ws: cdpkit.Workspace) -> None:
    """Queries go on; a load says what the table has, and what the settings say."""
    ws.groups["household"].load([{"id": "1", "size": 5}], "id", [{"from": "size"}])
    ws._home.settings.edit(lambda document: document["groups"]["household"]["properties"][0].update(type="text"))
    assert ws.sql("select size, (select count(*) from profiles) from groups").fetchall() == [("5", 0)]
    with pytest.raises(ConfigurationError, match="'size' is stored as Int64, but the settings say text; undo that"):
        ws.groups["household"].load([{"id": "1", "size": "x"}], "id", [{"from": "size"}])


def test_a_goal_that_does_not_fit_says_where(ws: cdpkit.Workspace, conn: Connection) -> None:
    """In its own keys, not in those of an import of profiles."""
    ws.segments.add("all", "true")
    conn.goals.replace(
        "Homes", ImportGroupsGoal(name="Homes", group="homes", id="hid", segment="all", source={"files": "homes.csv"})
    )
    found = {place[-1]: problem.what for problem in conn.check() for place in problem.at}
    assert found == {
        "group": "no group type 'homes'; there are: household",
        "segment": "Files is read, and not asked about people",
    }
    conn.goals.replace("Homes", ImportGroupsGoal(name="Homes", group="household", id="hid"))
    with pytest.raises(ConfigurationError, match="used by goal 'Homes'"):
        ws.groups.remove("household")


def test_all_fields_of_a_source_are_stored_under_names_that_groups_may_have(ws: cdpkit.Workspace) -> None:
    """What the table of groups calls something itself gets a mark at its end."""
    ws.groups["household"].load([{"id": "1", "type": "flat", "Group ID": "x"}], "id", [{"from": "*", "to": "*"}])
    assert [*ws.groups["household"].properties] == ["size", "type_", "Group_ID_"]


def test_a_load_of_profiles_does_not_remember_under_the_name_of_one_of_groups(ws: cdpkit.Workspace) -> None:
    """A goal of groups has its type before its name, which no goal of profiles may have."""
    ws.groups["household"].load([{"id": "1", "size": 3}], "id", [{"from": "size"}], goal="homes")
    with pytest.raises(ConfigurationError, match="as the keys of a connection's goals and of loads of groups"):
        ws.load([{"id": "1"}], {"id": "email"}, goal="household:homes")


def test_groups_are_known_by_their_id_however_it_is_written(ws: cdpkit.Workspace) -> None:
    """Blanks around it and a whole number with decimals are the same group; one file tells of it several times."""
    rows = pl.DataFrame({"h": [17.0, 17.0, None], "size": [1, 2, 3]})
    run = ws.groups["household"].load(rows, "h", [{"from": "size", "rule": "sum"}])
    assert run.rows["fate"].to_list() == ["applied", "applied", "excluded"]
    ws.groups["household"].load([{"h": " 17 ", "size": "4"}], "h", [{"from": "size", "rule": "sum"}])
    assert ws.groups["household"].groups.select("group_id", "size").collect().rows() == [("17", 7)]
