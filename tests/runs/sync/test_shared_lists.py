"""Lists that several goals keep: nobody whom one of them wants there is taken off, whichever goal runs when."""

import shutil
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from hypothesis.strategies import booleans, integers, sampled_from, sets

from cdpkit.workspace.connection import Connection
from tests.runs.sync.place import EMAIL, LIST, PLAN, Place, address, pros

GOALS = ("one", "two", "three")
"""Two goals of one connection, and one of another connection to the same account."""
PEOPLE = frozenset(range(4))


def segment(place: Place, name: str, where: str) -> str:
    place.ws.segments.add(name, where)
    return name


def another(place: Place, name: str = "more") -> Connection:
    """A second connection to the same account."""
    return place.ws.connect("iterable", name=name, settings=place.conn.settings)


def test_who_left_one_goal_and_is_in_another_stays_and_the_run_says_so(place: Place) -> None:
    """The list is left with the last goal that wants the person; until then the report names the one that does."""
    segment(place, "with_points", "points > 0")
    place.load(*({**person, "points": 1} for person in pros(1, 2)))
    place.exporting()
    place.exporting(name="Points", segment="with_points")
    place.conn.run().raise_for_state()
    place.load(*pros(1, plan="free"))
    run = place.conn.run()
    assert place.members() == address(1, 2)
    assert run.goals[0].counters["kept_on_lists"] == {"news/Points": 1}
    assert "1  stay on lists: kept there by news/Points" in run.report()
    assert run.state == "succeeded"
    place.load({"customer": "c1", "points": 0})
    assert place.conn.run().counters["withdrawn"] == 1
    assert place.members() == address(2)
    assert place.conn.run().counters["withdrawn"] == 0


@pytest.mark.parametrize("first", ["Pros", "Points"])
def test_the_order_in_which_goals_put_somebody_on_a_list_does_not_matter(place: Place, first: str) -> None:
    """Whom one goal has put there, the other one takes off when both have lost them and the first is gone."""
    segment(place, "with_points", "points > 0")
    place.load(*({**person, "points": 1} for person in pros(1)))
    place.exporting()
    place.exporting(name="Points", segment="with_points")
    place.conn.run(goal=first).raise_for_state()
    place.conn.run().raise_for_state()
    place.conn.goals.activate(first, active=False)
    place.load({"customer": "c1", "plan": "free", "points": 0})
    assert place.conn.run().counters["withdrawn"] == 1
    assert place.members() == set()


def test_a_goal_of_another_connection_to_the_same_account_counts(place: Place) -> None:
    """Each way round; a goal that is off does not count, and a connection to another account neither."""
    place.load(*pros(1))
    place.exporting()
    other = another(place)
    other.add_goal(
        kind="export_profiles",
        name="All",
        segment=segment(place, "everybody", "true"),
        target={"lists": [LIST]},
        identifiers=EMAIL,
        mappings=[PLAN],
    )
    place.conn.run().raise_for_state()
    place.load(*pros(1, plan="free"))
    run = place.conn.run()
    assert (run.counters["withdrawn"], run.counters["kept_on_lists"]) == (0, {"more/All": 1})
    (place.ws.path / "other.txt").write_text("another key")
    place.ws.connections.change("more", settings={"api_key": "file:other.txt"})
    assert place.conn.preview().withdraws.height == 1
    place.ws.connections.change("more", settings={"api_key": "file:key.txt"})
    assert place.conn.preview().withdraws.height == 0
    other.goals.activate("All", active=False)
    assert place.conn.run().counters["withdrawn"] == 1
    assert place.members() == set()


def test_a_goal_of_which_nobody_can_tell_whom_it_wants_keeps_everybody(place: Place) -> None:
    """Nobody is taken off because a segment was removed, or a file was damaged."""
    place.load(*pros(1))
    place.exporting()
    place.exporting(name="Gone", segment=segment(place, "soon_gone", "true"))
    place.conn.run().raise_for_state()
    place.ws.segments.remove("soon_gone")
    place.load(*pros(1, plan="free"))
    run = place.conn.run(goal="Pros")
    assert (run.counters["withdrawn"], run.counters["kept_on_lists"]) == (0, {"news/Gone": 1})
    place.conn.goals.remove("Gone")
    another(place)
    file = place.ws.connection("more").file.path.local
    text = file.read_text()
    file.write_text("no connection")
    assert place.conn.run().counters["kept_on_lists"] == {"more": 1}
    file.write_text(text)
    assert place.conn.run().counters["withdrawn"] == 1


def test_who_is_taken_off_while_a_goal_is_off_is_put_back_when_it_is_on_again(place: Place) -> None:
    """The other goal learns that its member was taken off the list."""
    segment(place, "with_points", "points > 0")
    place.load(*({**person, "points": 1} for person in pros(1)))
    place.exporting()
    place.exporting(name="Points", segment="with_points")
    place.conn.run().raise_for_state()
    place.conn.goals.activate("Points", active=False)
    place.load({"customer": "c1", "plan": "free"})
    place.conn.run().raise_for_state()
    assert place.members() == set()
    place.conn.goals.activate("Points")
    place.conn.run().raise_for_state()
    assert place.members() == address(1)


def test_goals_that_know_people_by_other_identifiers_compare_profiles(place: Place) -> None:
    """One goal knows somebody by address, the other by user id."""
    place.load(*pros(1))
    place.exporting()
    place.exporting(name="By id", segment=segment(place, "everybody", "true"), identifiers={"customer": "userId"})
    place.conn.run(goal="Pros").raise_for_state()
    place.load(*pros(1, plan="free"))
    assert place.conn.preview(goal="Pros").withdraws.is_empty()
    place.conn.goals.activate("By id", active=False)
    assert place.conn.preview(goal="Pros").withdraws.height == 1


@dataclass
class Want:
    """What one goal is, and did."""

    connection: Connection
    on: bool = True
    members: set[int] = field(default_factory=set)
    put: set[int] = field(default_factory=set)


class SharedList(RuleBasedStateMachine):
    """People come and go, goals are switched on and off and run in any order."""

    place: Place

    def __init__(self) -> None:
        super().__init__()
        place = self.place
        for name in list(place.ws.connections):
            for goal in list(place.ws.connection(name).goals):
                place.ws.connection(name).goals.remove(goal)
            place.ws.connections.remove(name)
        shutil.rmtree(place.ws.path / "runs", ignore_errors=True)
        place.http.delete(f"/api/lists/{place.lists()[LIST]}").raise_for_status()
        place.add_list(LIST)
        settings = {"base_url": str(place.http.base_url), "api_key": "file:key.txt", "limits_factor": 1000.0}
        made = [place.ws.connect("iterable", name=name, settings=settings) for name in ("news", "more")]
        self.goals = {name: Want(made[name == "three"]) for name in GOALS}
        for name, want in self.goals.items():
            target = {"lists": [LIST], "on_leave": True}
            asked = {"identifiers": EMAIL, "mappings": [PLAN], "target": target, "segment": name}
            want.connection.add_goal(kind="export_profiles", name=name, **asked)
        self.listed = set[int]()
        self._load({name: set() for name in GOALS})

    def _load(self, members: dict[str, set[int]]) -> None:
        rows = [{**pros(n)[0], **{name: n in members[name] for name in GOALS}} for n in sorted(PEOPLE)]
        mappings = [{"from": name, "to": name} for name in ("email", "plan", *GOALS)]
        self.place.ws.load(rows, {"customer": "customer"}, mappings).raise_for_state()
        for name in GOALS:
            self.goals[name].members = members[name]

    @rule(name=sampled_from(GOALS), members=sets(integers(0, max(PEOPLE))))
    def move(self, name: str, members: set[int]) -> None:
        """Other people are in a segment now."""
        self._load({each: members if each == name else want.members for each, want in self.goals.items()})

    @rule(name=sampled_from(GOALS), on=booleans())
    def switch(self, name: str, *, on: bool) -> None:
        """A goal is switched on or off."""
        self.goals[name].connection.goals.activate(name, active=on)
        self.goals[name].on = on

    @rule(name=sampled_from(GOALS))
    def run_one(self, name: str) -> None:
        """One goal runs, where it is on."""
        if self.goals[name].on:
            self.goals[name].connection.run(goal=name).raise_for_state()
            self._ran(name)

    @rule()
    def run_all(self) -> None:
        """All goals that are on run; afterwards the list is what they want."""
        for name, want in self.goals.items():
            if want.on:
                want.connection.run(goal=name).raise_for_state()
                self._ran(name)
        wanted = set[int]().union(*(want.members for want in self.goals.values() if want.on))
        assert wanted <= self.listed

    def _ran(self, name: str) -> None:
        ran = self.goals[name]
        wanted = set[int]().union(*(want.members for want in self.goals.values() if want.on))
        off = (ran.put - ran.members) - wanted
        self.listed = (self.listed - off) | ran.members
        for want in self.goals.values():
            want.put -= off
        ran.put |= ran.members

    @invariant()
    def the_list_is_what_the_goals_that_ran_made_of_it(self) -> None:
        """Nobody whom an active goal wants was taken off; whom nobody wants, the goal that put them there took off."""
        assert self.place.members() == address(*self.listed)


@pytest.fixture
def shared(place: Place) -> Place:
    """A place with a segment for each goal, on a property of its name."""
    for name in GOALS:
        place.ws.properties.add(name, type="boolean")
        place.ws.segments.add(name, f"coalesce({name}, false)")
    return place


def test_a_shared_list_is_what_the_active_goals_want(shared: Place) -> None:
    """Whatever happens in whichever order, against the imitation's own state."""
    machine = type("Machine", (SharedList,), {"place": shared})
    run_state_machine_as_test(
        machine,
        settings=settings(
            deadline=None, max_examples=3, stateful_step_count=8, suppress_health_check=list(HealthCheck)
        ),
    )
