"""Iterable: people come by export jobs and list downloads, and go by bulk updates and list calls."""

from cdpkit.kit.lists import chosen
from cdpkit.kit.vendor import Exporter, Importer, Option, Setting, Vendor
from cdpkit.vendors.iterable import api, fields, pull, push, stage

VENDOR = Vendor(
    name="iterable",
    title="Iterable",
    help="Users and lists of an Iterable project",
    settings=(
        Setting("base_url", f"{api.US}, or {api.EU} for projects in the EU data centre", default=api.US),
        Setting("api_key", "A server-side key with standard permissions", secret=True),
        Setting(
            "project_type",
            "How the project identifies users, fixed when it was made",
            default=api.EMAIL,
            choices=(api.EMAIL, api.USERID, api.HYBRID),
        ),
    ),
    limits=api.LIMITS,
    check=api.check,
    discover=api.discover,
    importer=Importer(
        options=(
            Option("all", "Everybody in the project", default=False),
            Option("lists", "The people of these lists, by name or id", default=()),
        ),
        identifiers=api.IDENTIFIERS,
        everyone={"all": True, "lists": ()},
        problems=pull.source_problems,
        pull=pull.pull,
        needs=pull.NEEDS,
        stage=stage.stage,
    ),
    exporter=Exporter(
        options=(
            Option("lists", "Standard lists on which people are put, by name or id", default=()),
            Option("on_enter", "Put people on the lists when they enter the segment", default=True),
            Option("on_leave", "Take people off the lists when they leave the segment", default=False),
        ),
        identifiers=api.IDENTIFIERS,
        problems=fields.target_problems,
        lists=lambda options, discovery: chosen(options["lists"], discovery.lists),
        compared=stage.compared,
        convert=fields.convert,
        members=fields.members,
        max_rows=1000,  # what clients keep to; the vendor names bytes alone
        max_bytes=3_900_000,  # of 4 MB, per bulkUpdate in the Swagger description
        overhead=len(push.BULK.prefix + push.BULK.suffix),
        push=push.push,
        withdraw=push.withdraw,
    ),
)
