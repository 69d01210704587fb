"""What the imitation of Acxiom can be told, and the credentials that it takes."""

from dataclasses import dataclass, field
from typing import Literal

CLIENT_ID, CLIENT_SECRET = "a1b2c3d4-invented", "not-a-secret-of-anybody"
"""Of the application, invented; the same at every start."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the imitation of Acxiom; what its documents leave open can be set either way.

    Attributes:
        most_requests: Most requests of a batch: 1,000, and 100 in the vendor's test mode.
        batch_rate: Batches a minute beyond which all are refused with 429.
        retry_after: Whether a 429 says when to come again.
        token_seconds: How long a token is good.
        expired: The status of an answer to a token that is missing or expired.
        no_match: What is answered where nobody is found: an error, an id worked out from the question, or a document
            made up by statistics.
        misses_charged: Whether that is charged.
        licensed: The bundles that the account may see, by commas; empty for all.
    """

    most_requests: int = field(default=1000, metadata={"help": "most requests of a batch"})
    batch_rate: float = field(default=360.0, metadata={"help": "batches a minute"})
    retry_after: bool = field(default=False, metadata={"help": "say in a header of a 429 when to come again"})
    token_seconds: float = field(default=3600.0, metadata={"help": "seconds that a token is good"})
    expired: Literal["401", "403"] = field(
        default="401", metadata={"help": "status of an answer to an expired token", "choices": ("401", "403")}
    )
    no_match: Literal["404", "derived", "portrait"] = field(
        default="404",
        metadata={"help": "what is answered where nobody is found", "choices": ("404", "derived", "portrait")},
    )
    misses_charged: bool = field(default=True, metadata={"help": "charge requests that find nobody"})
    licensed: str = field(default="", metadata={"help": "bundles that the account may see, by commas; empty for all"})
