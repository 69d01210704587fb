"""What the imitation of Campaign Monitor can be told, and the credentials that it takes."""

from dataclasses import dataclass, field
from typing import Literal

API_KEY = "feedface" * 8
"""The key of the account, invented; the same at every start."""

CLIENT_API_KEY = "beadfeed" * 8
"""The key of the account's first client, which reaches that client alone."""

CLIENT_ID, CLIENT_SECRET = "100200", "not-a-secret-of-anybody"
"""Of the application that asks people to let it in."""

SCOPES = (
    "ViewReports", "ManageLists", "CreateCampaigns", "ImportSubscribers", "SendCampaigns", "ViewSubscribersInReports",
    "ManageTemplates", "AdministerPersons", "AdministerAccount", "ViewTransactional", "SendTransactional", "Automation",
)  # fmt: skip

ACCOUNT_ZONE = "Europe/Brussels"
"""The zone of the account's own clock; each client has another one."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the imitation of Campaign Monitor; the defaults are what is documented or was seen.

    Attributes:
        page_rows: Most rows of a page; more that are asked for are cut off.
        rate: Calls a second beyond which all are refused with 429; how many the vendor takes is written down nowhere.
        address_rate: Writes of one address by itself a minute beyond which they are refused with 429.
        limit_headers: Whether a 429 says when to come again.
        token_seconds: How long a token is good.
        token_calls: How many calls a token is good for; 0 for any number.
        oauth_status: The status of a refusal at the token address.
        rotation: Whether a refresh token is good once, or is given again.
        consent: What the owner of the account answers an application: allow, deny, or a page that asks.
        revoked: Whether the application's access was taken back.
        keys: How custom fields are named where people are read.
        empty_values: Whether a field without a value is left out where people are read.
        date_filter: Whether a date filter takes in the moment itself.
        missing_consent: What an import row without consent to track fails: the call, or itself.
        consent_code: The code of that refusal.
        bad_values: What a value that its field cannot hold does: it is passed over, or fails its row.
        multiple: Whether an import replaces the options that are chosen, or adds to them.
        duplicates: Which row of one address in an import counts.
        repeats: Whether unsubscribing or deleting somebody once more is accepted.
        segments_busy: How many changes of segments are refused first, since the list is being worked on.
        most_fields: Most custom fields of a list.
    """

    page_rows: int = field(default=1000, metadata={"help": "most rows of a page"})
    rate: float = field(default=50.0, metadata={"help": "calls a second that an account may make"})
    address_rate: float = field(default=60.0, metadata={"help": "writes of one address by itself a minute"})
    limit_headers: bool = field(default=False, metadata={"help": "say in headers of a 429 when to come again"})
    token_seconds: float = field(default=1_209_600.0, metadata={"help": "seconds that a token is good"})
    token_calls: int = field(default=0, metadata={"help": "calls that a token is good for; 0 for any number"})
    oauth_status: Literal["400", "200"] = field(
        default="400", metadata={"help": "status of a refusal at the token address", "choices": ("400", "200")}
    )
    rotation: Literal["rotate", "keep"] = field(
        default="rotate", metadata={"help": "what becomes of a used refresh token", "choices": ("rotate", "keep")}
    )
    consent: Literal["allow", "deny", "ask"] = field(
        default="allow", metadata={"help": "what an application is answered", "choices": ("allow", "deny", "ask")}
    )
    revoked: bool = field(default=False, metadata={"help": "take the application's access back"})
    keys: Literal["bracketed", "plain"] = field(
        default="bracketed", metadata={"help": "how reads name custom fields", "choices": ("bracketed", "plain")}
    )
    empty_values: Literal["omit", "blank"] = field(
        default="omit", metadata={"help": "how reads show a field without a value", "choices": ("omit", "blank")}
    )
    date_filter: Literal["inclusive", "exclusive"] = field(
        default="inclusive",
        metadata={"help": "whether a date filter takes in the moment", "choices": ("inclusive", "exclusive")},
    )
    missing_consent: Literal["call", "row"] = field(
        default="call", metadata={"help": "what an import row without consent fails", "choices": ("call", "row")}
    )
    consent_code: int = field(default=-213, metadata={"help": "code of a row without consent"})
    bad_values: Literal["skip", "refuse"] = field(
        default="skip", metadata={"help": "what a value that does not fit does", "choices": ("skip", "refuse")}
    )
    multiple: Literal["replace", "merge"] = field(
        default="replace", metadata={"help": "what an import does to chosen options", "choices": ("replace", "merge")}
    )
    duplicates: Literal["last", "first"] = field(
        default="last", metadata={"help": "which row of one address counts", "choices": ("last", "first")}
    )
    repeats: Literal["accept", "refuse"] = field(
        default="accept", metadata={"help": "answer to a second unsubscription", "choices": ("accept", "refuse")}
    )
    segments_busy: int = field(default=0, metadata={"help": "how many changes of segments are refused first"})
    most_fields: int = field(default=50, metadata={"help": "most custom fields of a list"})
