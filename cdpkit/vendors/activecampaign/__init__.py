"""ActiveCampaign: contacts come page by page, and go by imports or one by one; lists are joined and left for each."""

from cdpkit.kit.declare import Setting
from cdpkit.kit.discovery import LISTS
from cdpkit.kit.exporting import ExportAsked, Exporter, Way, Withdrawal
from cdpkit.kit.importing import Importer
from cdpkit.kit.kinds import Address, Chosen, Secret, Switch
from cdpkit.kit.lists import chosen, target_options
from cdpkit.kit.vendor import Vendor
from cdpkit.vendors.activecampaign import api, bulk, fields, leave, mail, push, stage

_ALONE = Way("alone", fields.members, push.push, max_rows=1, max_bytes=bulk.ROOM, calls=push.calls)
_IMPORT = Way(
    "import", fields.import_members, bulk.push, max_rows=bulk.MOST, max_bytes=bulk.ROOM, calls=lambda *_: {"imports": 1}
)
_STARTING = Way(
    "import that starts automations",
    fields.import_members,
    bulk.push,
    max_rows=bulk.MOST,
    max_bytes=bulk.ROOM,
    repeatable=False,
    calls=lambda *_: {"imports": 1},
)


def _way(asked: ExportAsked, people: int) -> Way:
    """An import makes whoever is not there by then, so a goal that may not create takes it for many alone."""
    if people < (bulk.FEWEST if asked.create else bulk.MOST):
        return _ALONE
    return _STARTING if asked.options["automations"] else _IMPORT


VENDOR = Vendor(
    name="activecampaign",
    title="ActiveCampaign",
    help="Contacts and lists of an ActiveCampaign account",
    own_settings=(
        Setting(
            "base_url",
            "The whole URL that ActiveCampaign shows at Settings > Developer",
            Address(),
            required=True,
            label="URL",
        ),
        Setting(
            "api_key",
            "The key that stands below it; it may do what the groups of its user may",
            Secret(),
            required=True,
            label="API key",
        ),
    ),
    limits=api.LIMITS,
    check=api.check,
    discover=fields.discover,
    importer=Importer(
        options=(
            Setting("all", "All contacts of the account", Switch(), default=False, label="All contacts"),
            Setting("lists", "The contacts of these lists, by name or id", Chosen(LISTS.name), default=()),
            Setting(
                "unsubscribed",
                "Of these lists also those who have left or not confirmed them, or whose mail came back",
                Switch(),
                default=False,
                applies={"all": (False,)},
            ),
        ),
        identifiers=fields.IDENTIFIERS,
        everyone={"all": True, "lists": (), "unsubscribed": False},
        problems=stage.source_problems,
        pull=stage.pull,
        needs=stage.NEEDS,
        stage=stage.stage,
    ),
    exporter=Exporter(
        options=(
            *target_options("Lists on which contacts are put, by name or id"),
            Setting(
                "resubscribe",
                "Put on the lists also those who have left them; else whoever left stays away",
                Switch(),
                default=False,
            ),
            Setting(
                "automations",
                "Let imports of many contacts start the automations of the lists",
                Switch(),
                default=False,
            ),
        ),
        identifiers=fields.IDENTIFIERS,
        problems=fields.target_problems,
        lists=lambda asked: chosen(asked.options["lists"], asked.discovery.lists),
        compared=fields.compared,
        convert=fields.convert,
        way=_way,
        withdrawal=Withdrawal(leave.withdraw, max_rows=bulk.MOST, calls=leave.calls),
    ),
    touchpoints=mail.TOUCHPOINTS,
)
