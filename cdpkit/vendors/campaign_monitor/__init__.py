"""Campaign Monitor: subscribers come page by page, list by list, and go by imports; leavers are deleted from a list."""

from cdpkit.kit.declare import Setting
from cdpkit.kit.discovery import LISTS
from cdpkit.kit.exporting import ExportAsked, Exporter, Outgoing, Way, Withdrawal
from cdpkit.kit.importing import Importer
from cdpkit.kit.kinds import Address, Choice, Chosen
from cdpkit.kit.lists import chosen
from cdpkit.kit.vendor import Vendor
from cdpkit.vendors.campaign_monitor import (
    api,
    client,
    fields,
    leave,
    login,
    options,
    pull,
    push,
    stage,
    target,
    touched,
    update,
)

_ROOM = 4_000_000
"""Bytes of an import; what the vendor takes is written down nowhere, and a thousand people seldom need as much."""


def _calls(asked: ExportAsked, _people: Outgoing) -> dict[str, int]:
    """A call for each list at least, which are written one after the other."""
    return {"calls": len(asked.options["lists"])}


_IMPORT = Way("import", fields.members, push.push, max_rows=api.MOST, max_bytes=_ROOM, overhead=200, calls=_calls)
_UPDATE = Way("update", fields.members, update.update, max_rows=1, max_bytes=_ROOM, overhead=200, calls=_calls)


def _way(asked: ExportAsked, _: int) -> Way:
    return _IMPORT if asked.options["on_enter"] else _UPDATE


VENDOR = Vendor(
    name="campaign_monitor",
    title=api.AT,
    help="Subscribers and lists of a Campaign Monitor account",
    own_settings=(
        *login.SETTINGS,
        Setting(
            "client",
            "The client whose lists are used; left out, those of all clients",
            Chosen("clients", several=False),
        ),
        Setting(
            "timezone",
            "The zone of times at Campaign Monitor, such as Europe/Brussels; left out, its client tells",
            label="Time zone",
        ),
        Setting(
            "rules_name",
            "By what rules of segments name a custom field, which its documents leave open",
            Choice(("key", "name")),
            default="key",
            label="Name in rules",
        ),
        Setting("base_url", "Where the API is", Address(), default=api.HERE),
    ),
    limits=api.LIMITS,
    check=api.check,
    discover=client.discover,
    contradictions=client.contradictions,
    things=(client.CLIENTS, LISTS, client.STATES),
    auth=login.AUTH,
    account=("base_url",),
    touchpoints=touched.TOUCHPOINTS,
    importer=Importer(
        options=options.SOURCE,
        identifiers=(fields.EMAIL,),
        everyone={"lists": (), "all": True, "states": client.ON_LIST, "days": None, "mail_days": None},
        problems=pull.source_problems,
        pull=pull.pull,
        needs=stage.NEEDS,
        stage=stage.stage,
    ),
    exporter=Exporter(
        options=options.TARGET,
        identifiers=(fields.EMAIL,),
        problems=target.target_problems,
        lists=lambda asked: chosen(asked.options["lists"], asked.discovery.lists),
        compared=fields.compared,
        convert=fields.convert,
        way=_way,
        withdrawal=Withdrawal(leave.withdraw, max_rows=leave.MOST, calls=lambda people: {"calls": people}),
    ),
)
