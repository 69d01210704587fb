"""Iterable: people come by export jobs and list downloads, and go by bulk updates and list calls."""

from cdpkit.kit.declare import Setting
from cdpkit.kit.discovery import LISTS
from cdpkit.kit.event_exporting import EventExporter
from cdpkit.kit.exporting import Exporter, Way, Withdrawal
from cdpkit.kit.importing import Importer
from cdpkit.kit.kinds import Address, Choice, Chosen, Secret, Switch
from cdpkit.kit.lists import chosen, target_options
from cdpkit.kit.vendor import Vendor
from cdpkit.vendors.iterable import api, events, fields, project, pull, push, push_events, stage

_WAY = Way(
    name="bulk",
    members=fields.members,
    push=push.push,
    max_rows=1000,  # what clients keep to; the vendor names bytes alone
    max_bytes=3_900_000,  # of 4 MB, per bulkUpdate in the Swagger description
    overhead=push.OVERHEAD,
    calls=push.calls,
)

VENDOR = Vendor(
    name="iterable",
    title="Iterable",
    help="Users and lists of an Iterable project",
    own_settings=(
        Setting("base_url", f"{api.US}, or {api.EU} for projects in the EU data centre", Address(), default=api.US),
        Setting("api_key", "A server-side key with standard permissions", Secret(), required=True, label="API key"),
        Setting(
            "project_type",
            "How the project identifies users; left out, its fields tell",
            Choice((project.EMAIL, project.USERID, project.HYBRID)),
        ),
    ),
    limits=api.LIMITS,
    check=api.check,
    discover=api.discover,
    contradictions=project.contradictions,
    importer=Importer(
        options=(
            Setting("all", "Everybody in the project", Switch(), default=False, label="Everybody"),
            Setting("lists", "The people of these lists, by name or id", Chosen(LISTS.name), default=()),
        ),
        identifiers=project.IDENTIFIERS,
        everyone={"all": True, "lists": ()},
        problems=pull.source_problems,
        pull=pull.pull,
        needs=pull.NEEDS,
        stage=stage.stage,
    ),
    event_importer=Importer(
        options=events.OPTIONS,
        identifiers=project.IDENTIFIERS,
        everyone=None,
        problems=events.source_problems,
        pull=events.pull,
        needs=events.NEEDS,
        stage=events.stage,
    ),
    event_exporter=EventExporter(
        options=push_events.OPTIONS,
        identifiers=project.IDENTIFIERS,
        problems=push_events.target_problems,
        way=push_events.way,
    ),
    exporter=Exporter(
        options=(*target_options("Standard lists on which people are put, by name or id"), *fields.OPTIONS),
        identifiers=project.IDENTIFIERS,
        problems=fields.target_problems,
        lists=lambda asked: chosen(asked.options["lists"], asked.discovery.lists),
        compared=stage.compared,
        convert=fields.convert,
        way=lambda _, people: _WAY,  # noqa: ARG005 - one way, whatever the number
        withdrawal=Withdrawal(push.withdraw, max_rows=1000, calls=lambda _: {"unsubscribe": 1}),
    ),
)
