"""How the demo loads each sample file: what it is matched on, which processors clean it, which rule merges what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cdpkit import Preview, Run, Workspace

PROPERTIES: Sequence[Mapping[str, object]] = (
    {"name": "customer_id", "identifier": True},
    {"name": "email", "type": "email", "identifier": True, "pii": True},
    {"name": "first_name", "pii": True},
    {"name": "last_name", "pii": True},
    {"name": "phone", "pii": True},
    {"name": "plan"},
    {"name": "signup_date", "type": "date"},
    {"name": "newsletter", "type": "boolean"},
    {"name": "points", "type": "number"},
    {"name": "tags", "multi": True},
    {"name": "interests", "multi": True},
    {"name": "screens", "multi": True},
    {"name": "app_seconds", "type": "decimal"},
)
"""What the workspace knows before the first load; properties that are missing here are made by the loads."""


@dataclass(frozen=True, slots=True)
class SampleLoad:
    """How one kind of file is loaded.

    Attributes:
        goal: The name under which the import delta is kept.
        identifier: The field, and the property of the same name, that rows are matched on.
        rules: Merge rule to fields; a field is stored under its own name unless `names` has another.
        names: Field to property, where they differ.
        processors: What is done with the rows before matching.
        create_profiles: Whether a row without match makes a profile.
        events: What rows become on time lines.
    """

    goal: str
    identifier: str
    rules: Mapping[str, Sequence[str]]
    names: Mapping[str, str]
    processors: Sequence[str | Mapping[str, object]]
    create_profiles: bool
    events: Sequence[Mapping[str, object]] = ()

    def preview(self, workspace: Workspace, file: Path) -> Preview:
        """What loading this file would do."""
        return workspace.preview_load(
            file,
            identifiers={self.identifier: self.identifier},
            mappings=[
                {"from": field, "to": self.names.get(field, field), "rule": rule}
                for rule, fields in self.rules.items()
                for field in fields
            ],
            create_profiles=self.create_profiles,
            processors=self.processors,
            events=self.events,
            goal=self.goal,
        )

    def load(self, workspace: Workspace, file: Path) -> Run:
        """Preview it, and store exactly that."""
        return workspace.load(preview=self.preview(workspace, file))


CRM = SampleLoad(
    goal="crm",
    identifier="email",
    rules={
        "set": ["first_name", "last_name", "points"],
        "set_if_empty": ["customer_id", "signup_date", "newsletter"],
        "set_or_clear": ["plan", "country", "phone"],
    },
    names={},
    processors=[
        {"processor": "trim"},
        {"processor": "normalize_email", "fields": ["email"]},
        {
            "processor": "normalize_phone",
            "fields": ["phone"],
            "country_code": "1",
            "national_prefix": "1",
            "on_error": "empty",
        },
        {
            "processor": "parse_dates",
            "fields": ["signup_date"],
            "formats": ["%Y-%m-%d", "%d/%m/%Y"],
            "on_error": "keep",
        },
    ],
    create_profiles=True,
)

SHOP = SampleLoad(
    goal="shop",
    identifier="customer_id",
    rules={"set": ["order_total", "orders", "last_order"], "add": ["tags"]},
    names={"order_total": "spent"},
    processors=[],
    create_profiles=False,
)

NEWSLETTER = SampleLoad(
    goal="newsletter",
    identifier="email",
    rules={"add": ["interests"], "set": ["opt_in"], "set_if_empty": ["subscribed_at"]},
    names={"opt_in": "newsletter"},
    processors=[
        {"processor": "normalize_email", "fields": ["email"]},
        {"processor": "split", "fields": ["interests"], "separator": "|"},
    ],
    create_profiles=True,
)

APP_USE = "app_use"
"""The type of events of what was done in the app: `what`, and for how many `seconds`."""

APP = SampleLoad(
    goal="app",
    identifier="email",
    rules={"sum": ["seconds"], "add": ["screens"], "set": ["at"]},
    names={"seconds": "app_seconds", "at": "last_app_use"},
    processors=[{"processor": "sql", "text": 'select * from rows order by "at"'}],
    create_profiles=False,
    events=[
        {
            "type": APP_USE,
            "time": "at",
            "id": "event_id",
            "mappings": [{"from": "type", "to": "what"}, {"from": "seconds"}],
        }
    ],
)
