"""Working all goals of a connection out on what the goals before them would leave, and stopping there."""

from collections.abc import Callable
from functools import partial
from threading import Event

from cdpkit.core.properties import Property
from cdpkit.errors import ConfigurationError
from cdpkit.place.foreign import translated
from cdpkit.runs.folder import GoalFolder, remove_run_folder
from cdpkit.runs.guard import is_here
from cdpkit.runs.home import Home
from cdpkit.runs.ids import run_id
from cdpkit.runs.imports.planned import PlannedImport
from cdpkit.runs.kind import Work
from cdpkit.runs.kinds import plan_goal
from cdpkit.runs.plan import Plan
from cdpkit.runs.preview import Preview, prepared_of
from cdpkit.runs.progress import heard_by, silent
from cdpkit.runs.session import driver_for, open_session, read_connection
from cdpkit.runs.sync import Prepared, SyncRequest, chosen_goals
from cdpkit.transport.stop import Hearing


@translated("the preview cannot be worked out")
def preview_connection(home: Home, name: str, request: SyncRequest, stop: Event | None = None) -> Preview:
    """What a run would do; nothing is stored, nothing is sent.

    Raises:
        CdpkitError: Something does not fit, or the vendor cannot be reached or refuses.
        StopHeard: A program asked to stop.
    """
    connection, vendor = read_connection(home, name)
    goals = chosen_goals(connection, name, request.goal)
    run, plans = run_id(), list[Plan]()
    discard: Callable[[], None] = partial(remove_run_folder, home.root, run)
    hearing = Hearing(stop)
    show = heard_by(silent, hearing)
    driver, settings = driver_for(home, name, connection, vendor, run, hearing)
    finished = False
    try:
        with driver:
            session = open_session(home, name, connection, vendor, driver, settings)
            home.tables.roll_forward()
            on, planned = home.tables.snapshot(), tuple[Property, ...]()
            for nth, goal in enumerate(goals):
                folder = GoalFolder.of(home.root, run, nth)
                hearing.check()
                plan = plan_goal(Work(session, folder, run, request.options, show, on=on, planned=planned), goal)
                plans.append(plan)
                on, planned = plan.afterwards(), (*planned, *plan.new_properties)
        finished = True
    finally:
        if not finished:
            for plan in plans:
                plan.discard()
            discard()
    imports = (plan.plan.prepared for plan in plans if isinstance(plan, PlannedImport))
    understood = [each for prepared in imports for each in prepared.understood]
    return Preview(home, plans, Prepared(run, name, connection, request, tuple(plans)), discard, understood=understood)


def of_connection(preview: Preview, home: Home) -> Prepared:
    """What a preview of a connection holds, to carry out.

    Raises:
        ConfigurationError: It is the preview of a load, or of another workspace.
    """
    prepared = prepared_of(preview)
    if prepared is None:
        raise ConfigurationError("this is the preview of a load; give it to ws.load(preview=preview)")
    if not is_here(home, prepared.plans[0]):
        raise ConfigurationError("this is the preview of another workspace; preview the connection here")
    return prepared
