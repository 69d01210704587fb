"""What the goals of a connection to Campaign Monitor are told."""

from cdpkit.kit.declare import Setting
from cdpkit.kit.discovery import LISTS
from cdpkit.kit.kinds import Chosen, Number, Switch, Text
from cdpkit.kit.lists import target_options

SEGMENTS = "segments_field"

SOURCE = (
    Setting("lists", "The subscribers of these lists, by name or id; one row a list", Chosen(LISTS.name), default=()),
    Setting("all", "Everybody on any list; one row a person", Switch(), default=False, label="Everybody on any list"),
    Setting(
        "states",
        "Those who are in these states: Active, Unconfirmed, Unsubscribed, Bounced, Deleted",
        Chosen("states"),
        default=("Active",),
    ),
    Setting(
        "days",
        "Only those who came into their state in the last days; changes of their values alone are passed over",
        Number(unit="days", least=1, whole=True),
        label="Days in that state",
    ),
    Setting(
        "mail_days",
        "Count in MailsOpened, MailsClicked, LastOpened, LastClicked what people did with campaigns of the last days",
        Number(unit="days", least=1, whole=True),
        label="Days of mails counted",
    ),
)
"""Of an import's `source`."""

TARGET = (
    *target_options("Lists to which people go, by name or id; at least one"),
    Setting(
        "resubscribe",
        "Make those active again who unsubscribed, bounced, were deleted, or have not confirmed; else they stay away",
        Switch(),
        default=False,
    ),
    Setting(
        "resubscribe_deleted",
        "Make those active again who were deleted from a list by other hands; leavers come back in any case",
        Switch(),
        default=False,
        applies={"resubscribe": (False,)},
    ),
    Setting("create_fields", "Make custom fields that a list has not", Switch(), default=False),
    Setting(
        SEGMENTS,
        "A custom field for the names of segments; for each name a segment is made at Campaign Monitor",
        Text(),
        label="Field for segments",
    ),
    Setting(
        "clear_choices",
        "Empty fields of several options before they are written, where Campaign Monitor adds to what is chosen",
        Switch(),
        default=False,
    ),
    Setting(
        "confirmation_mails",
        "People may be put on lists that ask whoever is new to confirm that by a mail",
        Switch(),
        default=False,
    ),
    Setting(
        "automations",
        "Let automations that start with the subscription start for those who are new",
        Switch(),
        default=False,
    ),
)
"""Of an export's `target`."""
