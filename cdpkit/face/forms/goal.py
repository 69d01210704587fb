"""The form of a goal, of whatever kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cdpkit.config.goal import GoalSettings
from cdpkit.config.goals import settings_of
from cdpkit.face.forms.events import EVENTS, event_rows, given_events, is_pairs, whole_events
from cdpkit.face.forms.rows import Rows, rows_of

ROWS = ("identifiers", "parameters", "mappings", "processors")
"""The keys whose values are rows, beside `EVENTS`."""
_STEP = "processor"
_NOTHING: tuple[Any, ...] = (None, "", [], {}, ())


@dataclass(frozen=True, slots=True)
class GoalForm:
    """A goal that is being filled in.

    Attributes:
        id: Its number, that no other goal of the form ever has.
        kind: The name of its kind.
        saved: The goal as it was read; None for one that is not there yet.
        values: What is filled in, by key, but for rows.
        rows: The rows, by key.
        prefix: What stands in front of the properties of new rows.
    """

    id: int
    kind: str
    saved: GoalSettings | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    rows: Mapping[str, Rows] = field(default_factory=dict)
    prefix: str = ""

    @property
    def name(self) -> str:
        """How it is called."""
        return str(self.values.get("name", ""))

    @property
    def about(self) -> str:
        """The type of the groups that it is about; empty for profiles."""
        return str(self.values.get("group") or "") if "group" in settings_of(self.kind).model_fields else ""

    @property
    def active(self) -> bool:
        """Whether a run of the connection carries it out."""
        return bool(self.values.get("active", True))

    @property
    def unsaved(self) -> bool:
        """Whether it differs from what is stored."""
        return self.saved is None or self.given() != _filled(_as_rows(self.saved.given()))

    def given(self) -> dict[str, Any]:
        """The goal as `add` and `replace` take it; what is as it is anyhow is left out, unless it was said before."""
        rows = {
            key: [_step(row) if key == "processors" else row for row in rows.values()]
            for key, rows in self.rows.items()
            if key in ROWS
        }
        said = {} if self.saved is None else self.saved.given()
        default = {name: model.default for name, model in settings_of(self.kind).model_fields.items()}
        given = {"kind": self.kind, **self.values, **rows, EVENTS: given_events(self.rows)}
        return {
            key: value
            for key, value in given.items()
            if value not in _NOTHING and (key in said or value != default.get(key))
        }


def form_of(goal: GoalSettings, id: int) -> GoalForm:
    """The form of a goal that is there."""
    return _form(goal.given(), id, goal)


def new_form(keys: Mapping[str, Any], id: int) -> GoalForm:
    """The form of a goal that begins with these keys, `kind` among them."""
    return _form(keys, id, None)


def having(form: GoalForm, key: str, value: Any) -> GoalForm:
    """With another value under a key."""
    return replace(form, values={**form.values, key: value})


def choosing(form: GoalForm, key: str, option: str, value: Any) -> GoalForm:
    """With another value of one of the vendor's own options, of `source` or `target`; what is empty is left out."""
    options = {**form.values.get(key, {}), option: value}
    return having(form, key, {name: chosen for name, chosen in options.items() if chosen not in (None, "", [])})


def has_rows(key: str) -> bool:
    """Whether what is filled in under a key are rows."""
    return key in ROWS or key == EVENTS or is_pairs(key)


def with_rows(form: GoalForm, key: str, rows: Rows) -> GoalForm:
    """With other rows."""
    return replace(form, rows={**form.rows, key: rows})


def readable(form: GoalForm) -> dict[str, Any]:
    """The keys without rows that are not finished, for whoever asks what else could be mapped."""
    keys = form.given()
    for key in ("identifiers", "parameters", "mappings"):
        keys[key] = [row for row in keys.get(key, []) if all(str(row.get(end, "")).strip() for end in ("from", "to"))]
    keys[EVENTS] = whole_events(keys.get(EVENTS, []))
    return {key: value for key, value in keys.items() if value not in _NOTHING}


def _form(keys: Mapping[str, Any], id: int, saved: GoalSettings | None) -> GoalForm:
    filled = _as_rows(keys)
    rows = {key: rows_of(filled.pop(key, [])) for key in ROWS} | event_rows(filled.pop(EVENTS, []))
    return GoalForm(id, filled.pop("kind"), saved, filled, rows)


def _as_rows(keys: Mapping[str, Any]) -> dict[str, Any]:
    """Keys in which each row is a mapping."""
    steps = keys.get("processors", [])
    made = {"processors": [{_STEP: step} if isinstance(step, str) else dict(step) for step in steps]} if steps else {}
    return {**keys, **made}


def _filled(keys: Mapping[str, Any]) -> dict[str, Any]:
    steps: Sequence[Mapping[str, Any]] = keys.get("processors", [])
    events = given_events(event_rows(keys.get(EVENTS, [])))
    written = {**keys, "processors": [_step(step) for step in steps], EVENTS: events}
    return {key: value for key, value in written.items() if value not in _NOTHING}


def _step(row: Mapping[str, Any]) -> Any:
    """A processor as a file has it: its name alone where it is told nothing."""
    return row.get(_STEP, "") if set(row) == {_STEP} else dict(row)
