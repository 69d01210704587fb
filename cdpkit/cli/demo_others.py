"""The part of the demo with the other vendors: imitations of all of them in one process, and a connection to each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from cdpkit import Connection, Run, Workspace
from cdpkit.errors import ConfigurationError
from cdpkit.sandbox.process import Sandbox, start

Say = Callable[[str], None]
Goal = Mapping[str, Any]

NAMES = ("activecampaign", "acxiom", "braze", "campaign_monitor")
PORT, PEOPLE, LIMITS_FACTOR = 8722, 300, 100
EXPORT, ASKED = "Gold readers", "Best customers"
BEST = "tier = 'gold' and lifetime_value > 8000"
PRICE, MOST = 0.05, 100
NEW = pl.DataFrame(
    {"email": ["nora.new@example.com"], "first_name": ["Nora"], "last_name": ["New"], "tier": ["gold"]}
).with_columns(lifetime_value=pl.lit(9500.0))
"""Somebody who becomes one of the best customers while a watch follows the workspace."""


@dataclass(frozen=True)
class Party:
    """A vendor of the demo.

    Attributes:
        name: Of the vendor, and of the connection.
        secrets: The settings that are kept in files of their own.
        goals: The goals, given the segment that is sent.
        told: What people should know before they see it.
        settings: More settings of the connection, given the addresses of the sandbox.
    """

    name: str
    secrets: Sequence[str]
    goals: Callable[[str], Sequence[Goal]]
    told: Sequence[str]
    settings: Callable[[Mapping[str, Mapping[str, str]]], Mapping[str, Any]] = field(default=lambda _: {})


def _subscribers(segment: str) -> Sequence[Goal]:
    return (
        {
            "kind": "import_profiles",
            "name": "Subscribers",
            "source": {"all": True},
            "identifiers": {"EmailAddress": "email"},
            "mappings": [{"from": "Tier", "to": "tier", "rule": "set_if_empty"}],
            "save_lists_to": "newsletter_lists",
        },
        {
            "kind": "export_profiles",
            "name": EXPORT,
            "segment": segment,
            "target": {"lists": ["Empty"], "on_enter": True, "on_leave": True, "create_fields": True},
            "identifiers": {"email": "EmailAddress"},
            "mappings": [{"from": "interests", "to": "Hobbies"}, {"from": "plan", "to": "Plan"}],
        },
    )


def _contacts(segment: str) -> Sequence[Goal]:
    return (
        {
            "kind": "import_profiles",
            "name": "Contacts of VIP",
            "source": {"lists": ["VIP"]},
            "identifiers": {"email": "email"},
            "mappings": [{"from": "firstName", "to": "first_name", "rule": "set_if_empty"}],
        },
        {
            "kind": "export_profiles",
            "name": EXPORT,
            "segment": segment,
            "target": {"lists": ["Empty"], "on_enter": True, "on_leave": True},
            "identifiers": {"email": "email"},
            "mappings": [{"from": "first_name", "to": "firstName"}, {"from": "plan", "to": "Note"}],
        },
    )


def _users(segment: str) -> Sequence[Goal]:
    return (
        {
            "kind": "import_profiles",
            "name": "Users of VIP",
            "source": {"segments": ["VIP"]},
            "identifiers": {"email": "email"},
            "mappings": [{"from": "favourites", "to": "interests", "rule": "add"}],
        },
        {
            "kind": "export_profiles",
            "name": EXPORT,
            "segment": segment,
            "target": {"changed_attributes_only": True},
            "identifiers": {"email": "email"},
            "mappings": [{"from": "plan", "to": "plan"}, {"from": "interests", "to": "favourites"}],
        },
    )


def _questions(_segment: str) -> Sequence[Goal]:
    return (
        {
            "kind": "enrich_profiles",
            "name": "Demographics",
            "segment": ASKED,
            "parameters": {"first_name": "firstName", "last_name": "lastName", "email": "email"},
            "mappings": [
                {"from": "person.basicDemographics.age", "to": "age"},
                {"from": "person.basicDemographics.gender", "to": "gender"},
            ],
            "pause": "6 months",
            "max_requests": MOST,
            "real_time": True,
        },
    )


def _bucket(addresses: Mapping[str, Mapping[str, str]]) -> Mapping[str, Any]:
    there = addresses["s3"]
    return {
        "s3_endpoint": there["endpoint_url"],
        "s3_region": there["region"],
        "s3_access_key_id": there["access_key_id"],
        "s3_secret_access_key": there["secret_access_key"],
        "export_settle": 0.2,
    }


CAMPAIGN_MONITOR = Party(
    "campaign_monitor",
    ("api_key",),
    _subscribers,
    (
        "The same kinds of goals, another vendor: the import also keeps on which lists somebody is, and the export",
        "puts the segment on the list Empty, in custom fields that it makes there.",
    ),
)
ACTIVECAMPAIGN = Party(
    "activecampaign",
    ("api_key",),
    _contacts,
    ("Contacts of one list come in; ten people or more go out by bulk imports, and what came of those is read.",),
)
BRAZE = Party(
    "braze",
    ("api_key", "s3_access_key_id", "s3_secret_access_key"),
    _users,
    (
        "An import asks Braze for an export of a segment, which comes as archives in a bucket; the export sends",
        "those attributes alone that have changed, since each is a data point.",
    ),
    _bucket,
)
ACXIOM = Party(
    "acxiom",
    ("client_secret",),
    _questions,
    (f"Each question to Acxiom is paid. The segment {ASKED!r} is asked about, at most {MOST} a day.",),
    lambda _: {"price": PRICE},
)


def started() -> Sandbox:
    """Imitations of all of them in a process of its own, at ports of their own where those are free."""
    try:
        return start(*NAMES, port=PORT, people=PEOPLE, limits_factor=LIMITS_FACTOR, job_polls=0)
    except ConfigurationError:  # a port is taken
        return start(*NAMES, people=PEOPLE, limits_factor=LIMITS_FACTOR, job_polls=0)


def port_of(running: Sandbox) -> int:
    """Where the first of them listens; the others follow, where they are at ports of their own."""
    return int(running.addresses[NAMES[0]]["base_url"].rpartition(":")[2])


def sync(workspace: Workspace, running: Sandbox, party: Party, segment: str, say: Say) -> Run:
    """Make a connection with its goals, check it, and run it."""
    connection = _connect(workspace, running, party)
    for goal in party.goals(segment):
        connection.goals.add(dict(goal))
    for line in party.told:
        say(line)
    say(f"Check: {connection.check() or 'nothing stands in the way'}.")
    run = connection.run()
    for line in run.report().splitlines()[1:]:
        say(line)
    return run


def enrich(workspace: Workspace, running: Sandbox, say: Say) -> Run:
    """Ask about a segment, see what that costs first, and let a watch ask about somebody who changes."""
    workspace.segments.add(ASKED, BEST)
    connection = _connect(workspace, running, ACXIOM)
    connection.goals.add(dict(ACXIOM.goals("")[0]))
    for line in ACXIOM.told:
        say(line)
    preview = connection.preview()
    for line in preview.report().splitlines()[1:]:
        say(line)
    say("Run, exactly those; what is asked is written down before it is sent, so that no crash pays twice:")
    run = connection.run(preview=preview)
    for line in run.report().splitlines()[2:]:
        say(line)
    workspace.watch(0)
    mappings = [{"from": name, "to": name} for name in NEW.columns if name != "email"]
    workspace.load(NEW, identifiers={"email": "email"}, mappings=mappings)
    (at_once,) = workspace.watch(0)
    say("Somebody new comes, and is in the segment. A watch sees it (`cdpkit watch` looks five times a second):")
    say(f"{at_once.counters['requests']} request, at once. Nobody else has changed, and nobody else is asked about.")
    return run


def _connect(workspace: Workspace, running: Sandbox, party: Party) -> Connection:
    settings: dict[str, Any] = {**running.addresses[party.name], **party.settings(running.addresses)}
    for name in party.secrets:
        kept = workspace.path / f"{party.name}.{name}"
        kept.touch(mode=0o600)
        kept.write_text(settings[name], encoding="utf-8")
        settings[name] = f"file:{kept.name}"
    wanted = {key: value for key, value in settings.items() if key not in _NOT_WANTED.get(party.name, ())}
    return workspace.connect(party.name, settings={**wanted, "limits_factor": LIMITS_FACTOR})


_NOT_WANTED = {"campaign_monitor": ("oauth_url", "token_url", "client_id", "client_secret")}
"""What a connection with a key does without."""
