"""What the imitation of Iterable can be told, and the keys that it takes."""

from dataclasses import dataclass, field
from typing import Literal

API_KEY = "c0ffee00c0ffee00c0ffee00c0ffee00"
"""The key of the project, invented; the same at every start."""

EU_API_KEY = "decade00decade00decade00decade00"
"""The key of a project in the other data centre; it is refused unless the setting `eu` is on."""

DISABLED_API_KEY = "d15ab1edd15ab1edd15ab1edd15ab1ed"
"""A key of the project that was disabled."""

PROJECT = 11
"""The number of the project, as answers mention it."""

ProjectType = Literal["email", "userID", "hybrid"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the imitation of Iterable.

    Attributes:
        project_type: By what the project tells people apart.
        eu: Whether this is the EU data centre.
        type_errors: What a value of the wrong type does: refuse the batch, or fail its row as invalidData.
        job_polls: How often a job is said to be enqueued, and how often to be running, before it is completed.
        file_bytes: Most bytes of a job's file.
        job_bytes: Most bytes of a job; beyond, it is truncated.
        job_failures: How many of the first export jobs fail.
        url_seconds: How long the address of a job's file can be used.
        plain: Whether streams are never compressed.
    """

    project_type: ProjectType = field(
        default="email",
        metadata={"help": "by what the project tells people apart", "choices": ("email", "userID", "hybrid")},
    )
    eu: bool = field(default=False, metadata={"help": "be the EU data centre, with its own key"})
    type_errors: Literal["batch", "rows"] = field(
        default="batch",
        metadata={"help": "what a value of the wrong type refuses", "choices": ("batch", "rows")},
    )
    job_polls: int = field(default=1, metadata={"help": "polls in each state of an export job before it is completed"})
    file_bytes: int = field(default=10_000_000, metadata={"help": "most bytes of a file of an export job"})
    job_bytes: int = field(default=100_000_000_000, metadata={"help": "most bytes of an export job"})
    job_failures: int = field(default=0, metadata={"help": "how many of the first export jobs fail"})
    url_seconds: float = field(default=1800.0, metadata={"help": "seconds that the address of a file can be used"})
    plain: bool = field(default=False, metadata={"help": "never compress streams"})

    @property
    def api_key(self) -> str:
        """The key that is taken."""
        return EU_API_KEY if self.eu else API_KEY
