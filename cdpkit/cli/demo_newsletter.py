"""The part of the demo with a second vendor: an imitation of Campaign Monitor, in by its lists and out to one."""

from collections.abc import Callable

from cdpkit import Run, Workspace
from cdpkit.errors import ConfigurationError
from cdpkit.sandbox.process import Sandbox, start

Say = Callable[[str], None]

VENDOR = CONNECTION = "campaign_monitor"
KEY_FILE = "campaign_monitor.key"
LIST, IMPORT, EXPORT = "Empty", "Subscribers", "Gold readers"
PORT, PEOPLE, LIMITS_FACTOR = 8722, 300, 100


def started() -> Sandbox:
    """An imitation of Campaign Monitor in a process of its own, at a port of its own where that is free."""
    try:
        return start(VENDOR, port=PORT, people=PEOPLE, limits_factor=LIMITS_FACTOR)
    except ConfigurationError:  # the port is taken
        return start(VENDOR, people=PEOPLE, limits_factor=LIMITS_FACTOR)


def port_of(running: Sandbox) -> int:
    """Where it listens."""
    return int(running.addresses[VENDOR]["base_url"].rpartition(":")[2])


def sync(workspace: Workspace, running: Sandbox, segment: str, say: Say) -> Run:
    """Make the connection with its goals, check it, and run both."""
    address = running.addresses[VENDOR]
    key = workspace.path / KEY_FILE
    key.touch(mode=0o600)
    key.write_text(address["api_key"], encoding="utf-8")
    settings = {"base_url": address["base_url"], "api_key": f"file:{KEY_FILE}", "limits_factor": LIMITS_FACTOR}
    connection = workspace.connect(VENDOR, CONNECTION, settings)
    connection.goals.add(
        kind="import_profiles",
        name=IMPORT,
        source={"all": True},
        identifiers={"EmailAddress": "email"},
        mappings=[{"from": "Tier", "to": "tier", "rule": "set_if_empty"}],
        save_lists_to="newsletter_lists",
    )
    connection.goals.add(
        kind="export_profiles",
        name=EXPORT,
        segment=segment,
        target={"lists": [LIST], "on_enter": True, "on_leave": True, "create_fields": True},
        identifiers={"email": "EmailAddress"},
        mappings=[{"from": "interests", "to": "Hobbies"}, {"from": "plan", "to": "Plan"}],
    )
    say("The same kinds of goals, another vendor: the import also keeps on which lists somebody is, and the export")
    say(f'puts the segment "{segment}" on the list {LIST}, in custom fields that it makes there.')
    say(f"Check: {connection.check() or 'nothing stands in the way'}.")
    run = connection.run()
    for line in run.report().splitlines()[1:]:
        say(line)
    return run
