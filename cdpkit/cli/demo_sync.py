"""The part of the demo that syncs: an imitation of Iterable, a connection to it, preview, run, and run again."""

from collections.abc import Callable

import polars as pl

from cdpkit import Connection, Run, Workspace
from cdpkit.errors import ConfigurationError
from cdpkit.sandbox.process import Sandbox, start
from cdpkit.workspace.texts import text_table

Say = Callable[[str], None]

VENDOR = CONNECTION = "iterable"
KEY_FILE = "sandbox.key"
LIST, EXPORT, EVENTS = "VIP", "Gold readers", "What gold readers did"
PORT = 8721
"""Where the demo's sandbox is, so that the connection's file stays right; another one only where this is taken."""
LIMITS_FACTOR = 100
"""Iterable takes one call a second to its export jobs; a demo has not that much time, so both sides are told."""

IMPORT = {
    "kind": "import_profiles",
    "name": "Users",
    "source": {"all": True},
    "identifiers": {"email": "email"},
    "mappings": [
        {"from": "firstName", "to": "first_name", "rule": "set_if_empty"},
        {"from": "lastName", "to": "last_name", "rule": "set_if_empty"},
        {"from": "tier", "to": "tier", "rule": "set"},
        {"from": "ltv", "to": "lifetime_value", "rule": "set"},
    ],
}
TILL = pl.DataFrame(
    {
        "email": ["lena,bel@example.com", "forgotten.7@example.com"],
        "plan": ["gold", "gold"],
        "interests": [["books"], ["books"]],
    }
)
"""A comma for a dot, and somebody of whom Iterable had to erase everything: it refuses both, each with its reason."""
CANCELLED = 3


def export_of(segment: str) -> dict[str, object]:
    """The goal that sends a segment."""
    return {
        "kind": "export_profiles",
        "name": EXPORT,
        "segment": segment,
        "target": {"lists": [LIST], "on_enter": True, "on_leave": True, "create_fields": True},
        "identifiers": {"email": "email"},
        "mappings": [
            {"from": "plan", "to": "plan"},
            {"from": "interests", "to": "interests"},
            {"value": "text", "text": "cdpkit demo", "to": "source"},
        ],
    }


def started() -> Sandbox:
    """An imitation of Iterable in a process of its own."""
    try:
        return start(VENDOR, port=PORT, limits_factor=LIMITS_FACTOR, job_polls=0)
    except ConfigurationError:  # the port is taken
        return start(VENDOR, limits_factor=LIMITS_FACTOR, job_polls=0)


def port_of(running: Sandbox) -> int:
    """Where it listens."""
    return int(running.addresses[VENDOR]["base_url"].rpartition(":")[2])


def connect(workspace: Workspace, running: Sandbox, segment: str, say: Say) -> Connection:
    """Make the connection and its goals, and check it."""
    address = running.addresses[VENDOR]
    key = workspace.path / KEY_FILE
    key.touch(mode=0o600)
    key.write_text(address["api_key"], encoding="utf-8")
    connection = workspace.connect(
        VENDOR,
        CONNECTION,
        {"base_url": address["base_url"], "api_key": f"file:{KEY_FILE}", "limits_factor": LIMITS_FACTOR},
    )
    say("An imitation of Iterable's API, with 1,000 invented users, now runs on this machine.")
    say(f"The connection is a file, connections/{CONNECTION}.toml, that says where the key is.")
    fields, lists = connection.fields.height, connection.lists.height
    say(f"Asked what it has, Iterable names {fields} fields and {lists} lists. Two goals are added:")
    connection.goals.add(**IMPORT)
    connection.goals.add(**export_of(segment))
    say("- import all users, as new profiles or into those that have their address;")
    say(f'- export the segment "{segment}", put who enters it on the list {LIST},')
    say("  and take off that list who leaves the segment.")
    say(f"Check: {connection.check() or 'nothing stands in the way'}.")
    return connection


def first_run(workspace: Workspace, connection: Connection, say: Say) -> tuple[Run, Run]:
    """Preview, run exactly that, and show whom Iterable refused; returns the load of the till, and the run."""
    till = workspace.load(
        TILL,
        identifiers={"email": "email"},
        mappings=[{"from": "plan", "to": "plan"}, {"from": "interests", "to": "interests", "rule": "add"}],
    )
    say(f"{TILL.height} more of them come from the till, typed in in a hurry.")
    preview = connection.preview()
    say("Preview; the export sees the profiles as the import is going to leave them:")
    _tell(preview.report(), 1, say)
    say("Run, exactly what the preview showed; the import did that, and the export:")
    run = connection.run(preview=preview)
    report = run.report()
    _tell(report, next(i for i, line in enumerate(report.splitlines()) if EXPORT in line) + 1, say)
    say("Whom a vendor refuses nobody knows before. Those are listed with its own reasons:")
    refused = run.rejected.group_by("reason").agg(pl.len().alias("profiles")).sort("reason")
    for line in text_table(refused.columns, refused.iter_rows()):
        say(f"  {line}")
    return till, run


def second_run(workspace: Workspace, connection: Connection, till: Run, say: Say) -> Run:
    """Take the till's people back, and run again: nothing is sent."""
    workspace.undo(till.id)
    say("The load from the till is taken back: who was refused would be tried again.")
    run = connection.run()
    _tell(run.report(), 1, say)
    back = run.goals[0].counters["unchanged"]
    say(f"Nothing is sent. The {back} came back with the import and matched their profiles.")
    return run


def third_run(workspace: Workspace, connection: Connection, segment: str, say: Say) -> Run:
    """Let some leave the segment: they are taken off the list, and nobody else is touched."""
    leaving = workspace.segments[segment].members().select("email").drop_nulls().head(CANCELLED)
    workspace.load(
        leaving.with_columns(plan=pl.lit("free")),
        identifiers={"email": "email"},
        mappings=[{"from": "plan", "to": "plan"}],
    )
    say(f"{CANCELLED} gold readers cancel, and the export runs alone:")
    run = connection.run(EXPORT)
    _tell(run.report(), 1, say)
    say(f"They are off the list {LIST} and still users. Whom others put there stays there.")
    return run


def send_events(connection: Connection, segment: str, say: Say) -> tuple[Run, Run]:
    """Send the events of the segment, each once, and run it again."""
    connection.goals.add(kind="export_events", name=EVENTS, segment=segment, identifiers={"email": "email"})
    say("A goal of its own sends the events of the segment's profiles, and is run twice:")
    first, again = connection.run(EVENTS), connection.run(EVENTS)
    _tell(first.report(), 1, say)
    _tell(again.report(), 1, say)
    say("Each is sent once, also when a run is killed: Iterable knows them by their ids.")
    return first, again


def _tell(report: str, start: int, say: Say) -> None:
    """A report from a line on; the first one names the run."""
    for line in report.splitlines()[start:]:
        say(line)
