"""Working all goals of a connection out on what the goals before them would leave, and stopping there."""

from collections.abc import Callable
from functools import partial

from cdpkit.config.goals import ExportGoalSettings
from cdpkit.core.properties import Property
from cdpkit.errors import ConfigurationError
from cdpkit.runs.carry_out import Planned, PlannedExport, PlannedImport, plan_goal
from cdpkit.runs.draft import sweep
from cdpkit.runs.exports.look import ExportLook
from cdpkit.runs.folder import GoalFolder, remove_run_folder
from cdpkit.runs.home import Home
from cdpkit.runs.ids import run_id
from cdpkit.runs.preview import Preview
from cdpkit.runs.session import driver_for, open_session, read_connection
from cdpkit.runs.sync import Prepared, SyncRequest, chosen_goals
from cdpkit.store.exported import next_turn


def preview_connection(home: Home, name: str, request: SyncRequest) -> Preview:
    """What a run would do; nothing is stored, nothing is sent.

    Raises:
        CdpkitError: Something does not fit, or the vendor cannot be reached or refuses.
    """
    connection, vendor = read_connection(home, name)
    goals = chosen_goals(connection, name, request.goal)
    run, plans = run_id(), list[Planned]()
    discard: Callable[[], None] = partial(remove_run_folder, home.root, run)
    driver, settings = driver_for(home, connection, vendor, run)
    finished = False
    try:
        with driver:
            session = open_session(home, name, connection, vendor, driver, settings)
            home.tables.roll_forward()
            start = on = home.tables.snapshot()
            exports = [session.key(goal) for goal in goals if isinstance(goal, ExportGoalSettings)]
            turns = {key: next_turn(home.tables, key) for key in exports}
            planned: tuple[Property, ...] = ()
            for nth, goal in enumerate(goals):
                folder = GoalFolder.of(home.root, run, nth)
                plans.append(plan_goal(session, goal, folder, run, request.options, on, planned))
                last = plans[-1]
                if isinstance(last, PlannedImport):
                    on, planned = last.plan.afterwards(), (*planned, *last.prepared.new_properties)
        finished = True
    finally:
        if not finished:
            for plan in plans:
                if isinstance(plan, PlannedImport):
                    sweep(plan.plan.draft)
            discard()
    return Preview(
        {plan.goal.name: plan.plan for plan in plans if isinstance(plan, PlannedImport)},
        {plan.goal.name: ExportLook(plan) for plan in plans if isinstance(plan, PlannedExport)},
        Prepared(run, name, start.seq, turns, connection, request, tuple(plans)),
        discard,
    )


def of_connection(preview: Preview, home: Home) -> Prepared:
    """What a preview of a connection holds, to carry out.

    Raises:
        ConfigurationError: It is the preview of a load, or of another workspace.
    """
    if preview.prepared is None:
        raise ConfigurationError("this is the preview of a load; give it to ws.load(preview=preview)")
    first = preview.prepared.plans[0].plan.snapshot.layers.table.root.resolve()
    if first != home.tables.snapshot().layers.table.root.resolve():
        raise ConfigurationError("this is the preview of another workspace; preview the connection here")
    return preview.prepared
