"""Braze: users come by exports of segments into a bucket, and go by calls of `/users/track`."""

from dataclasses import replace

from cdpkit.kit.declare import Setting
from cdpkit.kit.discovery import LISTS
from cdpkit.kit.event_exporting import EventExporter
from cdpkit.kit.exporting import ExportAsked, Exporter, Way, Withdrawal
from cdpkit.kit.importing import Importer
from cdpkit.kit.kinds import Address, Number, Secret
from cdpkit.kit.lists import chosen
from cdpkit.kit.vendor import Vendor
from cdpkit.vendors.braze import (
    api,
    fields,
    hand_over,
    places,
    pull,
    push,
    push_events,
    stage,
    states,
    target,
    workspace,
)

_SETTING = Way("track", target.members, push.push, push.MOST, push.ROOM, push.OVERHEAD, calls=push.calls)
_ADDING = replace(_SETTING, name="track that adds", repeatable=False)


def _way(asked: ExportAsked, _: int) -> Way:
    if hand_over.is_asked(asked):
        return hand_over.way(asked)
    way = _ADDING if asked.options["increments"] else _SETTING
    return replace(way, max_rows=int(asked.settings["objects"]))


VENDOR = Vendor(
    name="braze",
    title=api.AT,
    help="Users and segments of a Braze workspace, through an S3 bucket",
    own_settings=(
        Setting(
            "base_url",
            f"The REST endpoint of the instance, as Braze shows it: {api.HOSTS}",
            Address(),
            required=True,
            label="REST endpoint",
        ),
        Setting(
            "api_key",
            "A REST API key with the permissions users.track, users.export.segment, campaigns.list, campaigns.details, "
            "segments.list, segments.details and custom_attributes.get",
            Secret(),
            required=True,
            label="API key",
        ),
        *places.SETTINGS,
        Setting("alias_label", "The label of the aliases by which users are known, as the identifier user_alias"),
        workspace.GROUPS,
        workspace.PARTS,
        Setting(
            "export_settle",
            "An export is whole when no further file has come for so long",
            Number("seconds", least=0),
            default=90.0,
            label="Export is whole after",
        ),
        Setting(
            "export_minutes",
            "An export has failed when it is not whole after so long",
            Number("minutes", above=0),
            default=240.0,
            label="Longest export",
        ),
        Setting(
            "objects",
            "Most users of a call; fewer for older contracts",
            Number(least=1, most=push.MOST, whole=True),
            default=push.MOST,
            label="Most users of a call",
        ),
    ),
    limits=api.LIMITS,
    check=workspace.check,
    discover=workspace.discover,
    contradictions=workspace.contradictions,
    things=(workspace.SEGMENTS, LISTS, places.BUCKETS, workspace.NUMBERS, workspace.ARRAYS),
    account=("base_url", "api_key"),
    event_exporter=EventExporter(
        options=push_events.OPTIONS,
        identifiers=fields.IDENTIFIERS,
        problems=push_events.target_problems,
        way=push_events.way,
    ),
    importer=Importer(
        options=pull.OPTIONS,
        identifiers=fields.IDENTIFIERS,
        everyone=None,
        problems=pull.source_problems,
        pull=pull.pull,
        needs=pull.NEEDS,
        stage=stage.stage,
    ),
    exporter=Exporter(
        options=(*target.OPTIONS, *hand_over.OPTIONS),
        identifiers=fields.IDENTIFIERS,
        problems=lambda asked: [*target.target_problems(asked), *hand_over.problems(asked)],
        lists=lambda asked: chosen(asked.options[LISTS.name], asked.discovery.lists),
        compared=stage.compared,
        convert=target.convert,
        way=_way,
        withdrawal=Withdrawal(push.withdraw, max_rows=push.MOST, calls=push.calls),
        look=states.look,
        price=target.PRICE,
    ),
)
