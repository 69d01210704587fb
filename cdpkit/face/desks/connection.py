"""The form of a connection: header, set up and run, and its goals as tabs."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cdpkit.errors import CdpkitError, ChangedError
from cdpkit.face.desk import Drawn, answers, heard
from cdpkit.face.desks import drawn_connection as drawn
from cdpkit.face.desks.goals import GoalsDesk
from cdpkit.face.desks.login import LoginDesk
from cdpkit.face.desks.making import MakingDesk
from cdpkit.face.desks.running import RunningDesk
from cdpkit.face.forms import connection as forms
from cdpkit.face.forms.goal import GoalForm
from cdpkit.runs.status import Status, status_of
from cdpkit.workspace.connection import Connection


class ConnectionDesk(GoalsDesk, MakingDesk, RunningDesk, LoginDesk):
    """A connection that is being set up.

    Nothing is stored before `save`, but for secrets and properties, which are made when somebody says so.
    """

    def __init__(self, conn: Connection) -> None:
        super().__init__(conn)
        self.tab: int | None = None
        self._clash: ChangedError | None = None
        self._status: Status | None = None

    def view(self) -> Drawn:
        """See `Desk`."""
        goal, settings = None if self.tab is None else self.form.goal(self.tab), self.home.settings.read()
        return {
            "name": self.conn.name,
            "vendor": self.vendor.title,
            "about": self.vendor.help,
            "head": {key: list(value) if isinstance(value, tuple) else value for key, value in self.form.head.items()},
            "objectives": list(settings.objectives),
            "exposed": settings.expose_segments if self.vendor.exporter is not None else None,
            "status": drawn.status(self._stands(), self.form),
            "unsaved": self.form.unsaved,
            "clash": drawn.clash(self._clash),
            "tab": None if goal is None else goal.id,
            "tabs": [self._tab(each) for each in self.form.goals],
            "kinds": drawn.kinds_of(self.vendor),
            "offers": {offer["kind"]: offer["name"] for offer in self.offers()},
            "settings": self._settings() if goal is None else [],
            "schedule": drawn.schedule(self.form.saved.schedule),
            "login": self.login(),
            "goal": None if goal is None else self.drawn_goal(goal),
            "choices": self.version(goal),
            **(self.running() if goal is None else {}),
        }

    def open_goal(self, id: int) -> None:
        """See `GoalsDesk`."""
        self.open(id)

    def forget_problems(self) -> None:
        """See `OfConnection`."""
        self._status = None
        super().forget_problems()

    def _stands(self) -> Status:
        """How the connection stands as it is stored; the vendor's fields count where they are known."""
        if self._status is None:
            discovery = None if self.found is None else self.found.found.discovery
            self._status = status_of(self.home, self.conn.name, discovery=discovery)
        return self._status

    def _settings(self) -> list[Drawn]:
        return drawn.settings(self.vendor, self.form.settings, self.home.root.nearby, self.found)

    def _tab(self, goal: GoalForm) -> Drawn:
        told = len(self.problems(goal))
        return {**drawn.tab(goal), "problems": told}

    @heard
    def open(self, id: int | None) -> None:
        """Show a goal; None shows set up and run."""
        self.tab = id
        if id is not None and self.found is None and not self.work.at_work:
            self.look()

    @heard
    def tell(self, key: str, value: Any) -> None:
        """Fill in something of the head."""
        if key in forms.HEAD:
            self.form = forms.telling(self.form, key, value)

    @heard
    def set(self, name: str, value: Any) -> None:
        """Fill in a setting."""
        self.form = forms.setting(self.form, name, value)

    @heard
    def keep_secret(self, name: str, value: str) -> None:
        """Put a secret where secrets are kept, and hold the reference to it alone."""
        self.form = forms.setting(self.form, name, self.keep(name, value))

    @heard
    def save(self) -> None:
        """Store what was filled in; whatever somebody else has stored since is shown, and not written over."""
        form = self.form
        try:
            if form.changed_head or form.changed_settings:
                self.conn.change(form.changed_settings, **form.changed_head, expected=form.saved)
            for gone in form.gone:
                self.conn.goals.remove(gone.name)
            for goal in form.goals:
                self._store(goal)
            self._put_in_order()
        except ChangedError as error:
            self._clash = error
            raise
        except CdpkitError:
            self.form = forms.upon(form, self.conn.file.read())
            raise
        self._read()

    def _store(self, goal: GoalForm) -> None:
        goals, saved = self.conn.goals, goal.saved
        if saved is None:
            goals.add(goal.given())
        elif goal.unsaved:
            if goal.name != saved.name:
                goals.rename(saved.name, goal.name)
                saved = saved.model_copy(update={"name": goal.name})
            goals.replace(goal.name, goal.given(), expected=saved)

    def _put_in_order(self) -> None:
        wanted = [goal.name for goal in self.form.goals]
        if list(self.conn.goals) == wanted:
            return
        for name in wanted:
            self.conn.goals.move(name)

    @heard
    def discard(self) -> None:
        """Take what is stored in the place of what was filled in."""
        self._read()

    @heard
    def keep_mine(self) -> None:
        """Lay what was filled in upon what somebody else has stored; the next save writes it."""
        self.form, self._clash = forms.upon(self.form, self.conn.file.read()), None
        self.forget_problems()

    @answers
    def code(self) -> None:
        """Say the calls that do the same as what was filled in."""
        self.say({"say": "code", "text": drawn.code(self.conn, self.vendor, self.form, self.tab)})

    def _read(self) -> None:
        self.form = forms.read_form(self.conn.file.read(), self.form)
        self._clash = None
        self.forget_problems()

    def finished(self, message: Mapping[str, Any]) -> None:
        """Keep the values of forms in step with what a run has made."""
        self.forget_problems()
        self.form = replace(self.form)
        super().finished(message)
