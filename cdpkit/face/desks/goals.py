"""The goals of a connection's form: their order, their keys, and their rows."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from cdpkit.config.goals import read_goal
from cdpkit.core.goal import Rule
from cdpkit.core.properties import Property
from cdpkit.errors import ConfigurationError
from cdpkit.face.desk import Drawn, answers, heard
from cdpkit.face.desks.base import OfConnection
from cdpkit.face.desks.choices import choices, version
from cdpkit.face.desks.drawn_goal import drawn_goal
from cdpkit.face.desks.notices import notices
from cdpkit.face.forms import connection as forms
from cdpkit.face.forms.events import EVENTS, next_type
from cdpkit.face.forms.goal import GoalForm, choosing, has_rows, having, readable, with_rows
from cdpkit.face.forms.rows import Rows
from cdpkit.kit.declare import label_of
from cdpkit.problem import Problem
from cdpkit.runs import kinds
from cdpkit.runs.available import Available
from cdpkit.runs.goal_problems import goal_problems, known_of
from cdpkit.runs.groups import properties_of
from cdpkit.runs.progress import Observer
from cdpkit.runs.rows import Bulk
from cdpkit.runs.rows import Rows as Asked
from cdpkit.runs.session import Known
from cdpkit.transport.stop import Stop
from cdpkit.workspace.connection import Connection


class GoalsDesk(OfConnection):
    """What a click does to goals; everything is checked by the core, as it is typed."""

    def __init__(self, conn: Connection) -> None:
        super().__init__(conn)
        self._problems = dict[int, tuple[GoalForm, list[Problem]]]()
        self._suggested = dict[int, list[Drawn]]()
        self._catalogue = 0
        self._about: Known | None = None
        self._offered: tuple[dict[str, Any], ...] | None = None
        self._available = dict[int, str]()

    def problems(self, goal: GoalForm) -> list[Problem]:
        """What has to be mended before a goal can run, as far as can be told without asking the vendor."""
        held = self._problems.get(goal.id)
        if held is None or held[0] is not goal:
            held = goal, goal_problems(self._known(), goal.given())
            self._problems[goal.id] = held
        return held[1]

    def forget_problems(self) -> None:
        """See `OfConnection`."""
        self._about = None
        self._offered = None
        self._problems.clear()
        self._catalogue += 1
        super().forget_problems()

    def drawn_goal(self, goal: GoalForm) -> Drawn:
        """A goal as the browser draws it."""
        return {
            **drawn_goal(goal, self.vendor, self.problems(goal), notices(self.home, goal)),
            "available": self._available.get(goal.id, ""),
            "suggested": self._suggested.get(goal.id),
            "remaining": self._remaining(goal),
        }

    def version(self, goal: GoalForm | None) -> str:
        """Tells what there is to choose for a goal from what there was before."""
        return "" if goal is None else version(goal, self._catalogue)

    def offers(self) -> list[Mapping[str, Any]]:
        """The goals with which a connection may begin, of kinds of which it has none yet."""
        had = {goal.kind for goal in self.form.goals}
        if self._offered is None:
            self._offered = self.conn.goals.offered
        return [offer for offer in self._offered if offer["kind"] not in had]

    @answers
    def choices(self, id: int) -> None:
        """Say what there is to choose for a goal: fields, properties, segments, lists, processors."""
        goal = self.form.goal(id)
        if goal is not None:
            said = choices(self.home, goal, self.found)
            self.say({"say": "choices", "version": self.version(goal), "goal": id, **said})

    @heard
    def add_goal(self, kind: str) -> None:
        """Begin a goal of a kind, as it is offered where there is none yet."""
        offer = next((offer for offer in self.offers() if offer["kind"] == kind), None)
        keys = {"kind": kind, "name": label_of(kind)} if offer is None else offer
        self.form = forms.with_new_goal(self.form, keys)
        self.open_goal(self.form.goals[-1].id)

    @heard
    def copy_goal(self, id: int) -> None:
        """Copy a goal."""
        self.form = forms.with_copy(self.form, id)

    @heard
    def remove_goal(self, id: int) -> None:
        """Take a goal away; it goes when the form is saved."""
        self.form = forms.without_goal(self.form, id)

    @heard
    def move_goal(self, id: int, to: int) -> None:
        """Put a goal in another place."""
        self.form = forms.with_goal_at(self.form, id, to)

    @heard
    def fill(self, id: int, key: str, value: Any) -> None:
        """Fill in a key of a goal."""
        if not has_rows(key) and key != "kind":
            self._edit(id, lambda goal: having(goal, key, value))

    @heard
    def choose(self, id: int, key: str, option: str, value: Any) -> None:
        """Fill in an option of the vendor's; one that is as it is anyhow is left out."""

        def edit(goal: GoalForm) -> GoalForm:
            part = kinds.get(goal.kind).part(self.vendor)
            if part is None or key not in {"source", "target"}:
                return goal
            usual = next((each.default for each in part.options if each.name == option), None)
            return choosing(goal, key, option, None if value == usual else value)

        self._edit(id, edit)

    @heard
    def add_row(self, id: int, key: str, values: dict[str, Any]) -> None:
        """Add a row; the one of a mapping begins with the prefix."""

        def edit(goal: GoalForm) -> GoalForm:
            asked = kinds.get(goal.kind).rows if key == "mappings" and not values else None
            begun = values if asked is None else dict(asked.empty(goal.prefix))
            if key == EVENTS and not values:
                begun = {"type": next_type(goal.rows[EVENTS], self.home.settings.read().types())}
            return with_rows(goal, key, goal.rows.get(key, Rows()).added(begun, fresh=not values))

        if has_rows(key):
            self._edit(id, edit)

    @heard
    def set_row(self, id: int, key: str, row: int, name: str, value: Any) -> None:
        """Fill in something of a row."""
        self._rows(id, key, lambda rows: rows.having(row, name, value))

    @heard
    def put_row(self, id: int, key: str, row: int, values: dict[str, Any]) -> None:
        """Fill in a whole row."""
        self._rows(id, key, lambda rows: rows.instead(row, values))

    @heard
    def remove_row(self, id: int, key: str, row: int) -> None:
        """Take a row away."""
        self._rows(id, key, lambda rows: rows.without(row))

    @heard
    def move_row(self, id: int, key: str, row: int, to: int) -> None:
        """Put a row in another place."""
        self._rows(id, key, lambda rows: rows.moved(row, to))

    @heard
    def set_prefix(self, id: int, prefix: str) -> None:
        """Set what stands in front of the properties of new rows."""
        self._edit(id, lambda goal: replace(goal, prefix=prefix))

    @heard
    def add_remaining(self, id: int, rule: str) -> None:
        """Add a row for each field that has none."""

        def edit(goal: GoalForm) -> GoalForm:
            rows, found = _asked(goal), self._found()
            read = read_goal(readable(goal))
            catalogue = self._properties(goal)
            bulk = Bulk(Rule(rule) if rule in set(Rule) else None, goal.prefix)
            made = rows.add_remaining(read, rows.fields(found, read), catalogue, bulk)
            added = made.given()["mappings"][len(read.given().get("mappings", [])) :]
            new = goal.rows["mappings"]
            for values in added:
                new = new.added(values)
            return with_rows(goal, "mappings", new)

        self._edit(id, edit)

    @heard
    def suggest(self, id: int) -> None:
        """Propose rows for fields and properties that are written alike."""
        goal = self.form.goal(id)
        if goal is None:
            return
        rows, read = _asked(goal), read_goal(readable(goal))
        found = rows.suggestions(read, rows.fields(self._found(), read), self._properties(goal))
        self._suggested[id] = [
            {"field": each.field, "property": each.property, "score": each.score} for each in _best(found)
        ]

    @heard
    def count(self, id: int) -> None:
        """Count the profiles that there are for a goal, as it is filled in."""
        goal = self.form.goal(id)
        if goal is None:
            return
        read = read_goal(readable(goal))

        def job(_stop: Stop, _tell: Observer) -> Available | None:
            return self.conn.goals.available(read)

        def finish(found: Available | None) -> None:
            self._available[id] = "" if found is None else str(found)

        self.start("Counting profiles", job, finish)

    @heard
    def accept(self, id: int, fields: list[str]) -> None:
        """Add the rows that were proposed for these fields; none dismisses all."""
        taken = [each for each in self._suggested.pop(id, []) if each["field"] in fields]
        goal = self.form.goal(id)
        if goal is None:
            return
        ends = ("field", "property") if kinds.get(goal.kind).direction == "import" else ("property", "field")

        def add(rows: Rows) -> Rows:
            for each in taken:
                rows = rows.added({"from": each[ends[0]], "to": each[ends[1]]})
            return rows

        self._rows(id, "mappings", add)

    def open_goal(self, id: int) -> None:
        """Show a goal that has come."""

    def _known(self) -> Known:
        """What goals are checked against: read once, until something of it has changed."""
        if self._about is None:
            discovery = None if self.found is None else self.found.found.discovery
            self._about = known_of(self.home, self.conn.name, discovery)
        return self._about

    def _properties(self, goal: GoalForm) -> Mapping[str, Property]:
        return properties_of(self.home.settings.read(), goal.about)

    def _found(self) -> Any:
        if self.found is None:
            raise ConfigurationError(f"{self.vendor.title} has not been asked for its fields yet; ask it first")
        return self.found.found

    def _remaining(self, goal: GoalForm) -> int | None:
        """How many fields have no row; None where nobody knows."""
        rows = kinds.get(goal.kind).rows
        if rows is None or self.found is None:
            return None
        try:
            read = read_goal(readable(goal))
        except ConfigurationError:
            return None
        return len(rows.remaining(read, rows.fields(self.found.found, read)))

    def _edit(self, id: int, edit: Callable[[GoalForm], GoalForm]) -> None:
        self.form = forms.editing(self.form, id, edit)

    def _rows(self, id: int, key: str, edit: Callable[[Rows], Rows]) -> None:
        if has_rows(key):
            self._edit(id, lambda goal: with_rows(goal, key, edit(goal.rows.get(key, Rows()))))


def _asked(goal: GoalForm) -> Asked[Any]:
    rows = kinds.get(goal.kind).rows
    if rows is None:
        raise ConfigurationError(f"goal {goal.name!r} has no rows of mappings")
    return rows


def _best(found: Any) -> list[Any]:
    """Of what is proposed for a field or a property, the best alone."""
    fields, properties, kept = set[str](), set[str](), []
    for each in found:
        if each.field not in fields and each.property not in properties:
            kept.append(each)
            fields.add(each.field)
            properties.add(each.property)
    return kept
