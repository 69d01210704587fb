"""What the imitation of ActiveCampaign can be told, and the key that it takes."""

from dataclasses import dataclass, field
from typing import Literal

API_TOKEN = "0badcafe" * 8
"""The key of the account's user, invented; the same at every start."""

ZONE_HOURS = -6
"""The account's zone, behind UTC, as times are written."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the imitation of ActiveCampaign.

    Attributes:
        page_rows: Most rows of a page; more that are asked for are cut off without a word.
        job_polls: How often a bulk import is asked about in each of its states before it is completed.
        false_polls: How often its state is `false` first.
        spoiled: How many of the first bulk imports end as interrupted instead of being carried out.
        imported: Whether the result of an import lists the ids of those who were taken, or their number.
        total: Whether the total of a page by id counts all, or those that are left.
        contact_limit: Most contacts of the account; 0 for no limit.
        unpaid: Whether every call is answered as to an account that is not paid.
        all_activities: Whether the activities of all contacts can be asked for at once.
        login_page: Whether a wrong key is answered with a web page and status 200.
    """

    page_rows: int = field(default=100, metadata={"help": "most rows of a page"})
    job_polls: int = field(default=1, metadata={"help": "polls in each state of a bulk import before it is completed"})
    false_polls: int = field(default=1, metadata={"help": "polls of a bulk import that are answered with false first"})
    spoiled: int = field(default=0, metadata={"help": "how many of the first bulk imports end as interrupted"})
    imported: Literal["ids", "count"] = field(
        default="ids", metadata={"help": "what a result says of those taken", "choices": ("ids", "count")}
    )
    total: Literal["all", "rest"] = field(
        default="all", metadata={"help": "what the total of a page by id counts", "choices": ("all", "rest")}
    )
    contact_limit: int = field(default=0, metadata={"help": "most contacts of the account; 0 for no limit"})
    unpaid: bool = field(default=False, metadata={"help": "answer 402 with an empty body, whatever is asked"})
    all_activities: bool = field(default=True, metadata={"help": "give the activities of all contacts at once"})
    login_page: bool = field(default=False, metadata={"help": "answer a wrong key with a web page and status 200"})
