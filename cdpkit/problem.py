"""What stands in the way of a run, with the way to mend it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend.

    Attributes:
        where: A setting, or a goal and its part: `settings.api_key`, `goal 'VIPs': target.lists`.
        what: What is wrong; names what exists, never a person's value or a secret.
        fix: What to do about it.
    """

    where: str
    what: str
    fix: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.fix}"
