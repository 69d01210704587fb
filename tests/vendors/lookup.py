"""A vendor that is asked about given people, two in a call, and tells of each who it knows."""

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from cdpkit.kit.answers import OK, refused
from cdpkit.kit.declare import Setting, Settings
from cdpkit.kit.discovery import Discovery, VendorField
from cdpkit.kit.effects import Effects, Http, Keep, Reply
from cdpkit.kit.importing import Asks, ImportAsked, Importer, Pulled
from cdpkit.kit.kinds import Address
from cdpkit.kit.vendor import Limit, Vendor

MOST = 2


def _check(_: Settings) -> Effects[None]:
    yield from ()


def _discover(_: Settings) -> Effects[Discovery]:
    yield from ()
    return Discovery((VendorField("income", "number"),))


def _pull(asked: ImportAsked, state: Mapping[str, Any] | None) -> Effects[Pulled]:
    assert asked.people is not None
    parts = list(asked.people.iter_slices(MOST))
    for nth in range((state or {"done": 0})["done"], len(parts)):
        body = json.dumps(parts[nth]["email"].to_list()).encode()
        reply: Reply = yield Http(method="POST", path="/ask", limit="ask", body=body, page=f"found-{nth}.ndjson")
        if reply.status not in OK:
            refused(reply)
        yield Keep({"done": nth + 1})
    return Pulled({"found": tuple(f"found-{nth}.ndjson" for nth in range(len(parts)))})


def _stage(frames: Mapping[str, pl.DataFrame], _: ImportAsked) -> pl.DataFrame:
    none = pl.lit([], pl.List(pl.String))
    found = frames["found"]
    rows = found if found.width else pl.DataFrame(schema={"email": pl.String})
    return rows.with_columns(lists=none, list_ids=none)


VENDOR = Vendor(
    name="lookup",
    title="Lookup",
    help="Tells what is known of people",
    own_settings=(Setting("base_url", "Where it is", Address(), required=True),),
    limits={"ask": Limit(1000, 1)},
    check=_check,
    discover=_discover,
    importer=Importer(
        options=(),
        identifiers=("email",),
        everyone=None,
        problems=lambda _: [],
        pull=_pull,
        needs=(),
        stage=_stage,
        asks=Asks(("email",), MOST),
    ),
    exporter=None,
    things=(),
)
