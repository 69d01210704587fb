"""The workspaces and vendors between which syncs are killed: all of a case are alike."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import polars as pl

import cdpkit
from cdpkit import vendors
from cdpkit.kit.kinds import Secret
from cdpkit.sandbox.process import Sandbox, start
from cdpkit.sandbox.world.people import people
from cdpkit.transport import driver
from tests.crash.sync_events import IN, OUT, add_goals, add_import, load_events, track
from tests.crash.sync_vendor import ITERABLE, PARTIES, identifier, parts
from tests.crash.world import WORKSPACE
from tests.transport.hurried import Hurried
from tests.vendors.case import case_of

SYNC_CASES = ("sync-import", "sync-export", "sync-night", "sync-both")
"""Of Iterable."""
OTHER_CASES = tuple(
    f"{what}@{vendor}" for vendor in PARTIES if vendor != ITERABLE for what in ("sync-import", "sync-export")
)
EVENT_CASES = ("sync-events@iterable", "sync-events@braze", "sync-timeline@iterable")
"""Of events: those that are sent, and those that come."""
CONNECTION, IMPORT, EXPORT = "newsletter", "Subscribers", "Active"
GOALS = {"sync-import": IMPORT, "sync-export": EXPORT, "sync-night": EXPORT, "sync-both": None}
GOALS |= {"sync-events": OUT, "sync-timeline": IN}
PEOPLE, SEED = 3_300, 5
BATCH = 1000
SLOW, QUICK = {"latency": 60.0, "limits_factor": 8.0}, {"latency": 20.0, "limits_factor": 50.0}
"""Vendors: one at which a run lasts long enough to be hit everywhere, and one for chosen moments."""
_SLACK = 10
"""Times as often as its client may call lets the imitation one call that does not sit through pauses."""
FIRST = {"sync-both": 2_500}
"""So many people at most does an export send: a choice that needs all of them to be looked at together."""
_LIST_ID = 502
_VENDOR, _SENT = "vendor.json", "sent.ndjson"
_REFUSED = [f"{word}.{number}@example.com" for word in ("conflict", "forgotten") for number in range(3)]
"""Addresses that the vendor refuses."""


def sandbox(folder: Path) -> Sandbox:
    """A vendor as the prepared folder needs it: with the people of its seed, and what an earlier night sent there."""
    pace = json.loads((folder / _VENDOR).read_text(encoding="utf-8"))
    vendor, tracks = pace.pop("vendor"), pace.pop("tracks", False)
    party = PARTIES[vendor]
    pace["limits_factor"] *= _SLACK if party.hurried else 1
    started = start(vendor, people=PEOPLE, seed=SEED, **party.settings, **pace)
    if tracks:
        track(started.addresses[vendor], _known()["email"])
    if (folder / _SENT).exists():
        _send_again(started.addresses[vendor], pl.read_ndjson(folder / _SENT))
    return started


def address(vendor: Sandbox) -> str:
    """Where it is called."""
    return next(found["base_url"] for found in vendor.addresses.values() if "base_url" in found)


def say_where(folder: Path, vendor: Sandbox) -> None:
    """Let the connection of a workspace lead to this vendor, and to the buckets beside it."""
    path = folder / WORKSPACE / "connections" / f"{CONNECTION}.toml"
    text = path.read_text(encoding="utf-8")
    for key, there in (
        ("base_url", address(vendor)),
        ("s3_endpoint", vendor.addresses.get("s3", {}).get("endpoint_url")),
    ):
        text = re.sub(rf'(?m)^({key} = ")http://[0-9.]+:[0-9]+', rf"\g<1>{there}", text)
    path.write_text(text, encoding="utf-8")


def prepare_sync(case: str, folder: Path, pace: dict[str, float]) -> None:
    """A workspace with a connection; for exports with profiles, for the second night with a first one behind it."""
    what, name = parts(case)
    folder.mkdir(parents=True)
    (folder / _VENDOR).write_text(
        json.dumps({"vendor": name, "tracks": what == "sync-timeline", **pace}), encoding="utf-8"
    )
    workspace = cdpkit.create(folder / WORKSPACE)
    workspace.properties.add("email", "email", identifier=True)
    workspace.properties.add("points", "number")
    workspace.properties.add("status")
    workspace.segments.add("active", "points is not null and status is distinct from 'gone'")
    with sandbox(folder) as vendor:
        steps = [{"processor": "first_rows", "count": FIRST[what]}] if what in FIRST else []
        _connect(workspace, vendor, pace["limits_factor"], steps)
        exports = what in {"sync-export", "sync-night"}
        _load(workspace, _everybody() if exports else _everybody().head(PEOPLE // 4))
        if what == "sync-events":
            load_events(workspace, _known()["email"].head(PEOPLE // 4))
            add_goals(workspace, CONNECTION, identifier(name), dict(PARTIES[name].event_target))
        if what == "sync-timeline":
            add_import(workspace, CONNECTION)
        if what == "sync-night":
            _first_night(workspace, folder)


def call_sync(case: str, workspace: cdpkit.Workspace, *, resume: bool = False) -> None:
    """The run that is disturbed and repeated."""
    connection = workspace.connection(CONNECTION)
    if resume:
        workspace.resume(connection.runs.filter(state="stopped")["run_id"][-1]).raise_for_state()
    else:
        connection.run(GOALS[parts(case)[0]]).raise_for_state()


@contextmanager
def hurry(case: str) -> Iterator[None]:
    """Pauses cost nothing as long as this lasts, where the vendor is one that makes its clients wait."""
    names = vars(driver)
    found = names["RealClock"]
    if PARTIES[parts(case)[1]].hurried:
        names["RealClock"] = Hurried
    try:
        yield
    finally:
        names["RealClock"] = found


def _connect(workspace: cdpkit.Workspace, vendor: Sandbox, factor: float, steps: list[dict[str, Any]]) -> None:
    (name,) = PARTIES.keys() & vendor.addresses.keys()
    party, case, email = PARTIES[name], case_of(name), identifier(name)
    settings: dict[str, Any] = {"limits_factor": factor}
    secret = {each.name for each in vendors.get(name).settings if isinstance(each.kind, Secret)}
    for key, value in {**vendor.addresses[name], **case.connection(vendor.addresses, SEED)}.items():
        settings[key] = value
        if key in secret:
            (workspace.path / key).write_text(value, encoding="utf-8")
            settings[key] = f"file:{key}"
    connection = workspace.connect(name, CONNECTION, settings)
    connection.goals.add(
        kind="import_profiles",
        name=IMPORT,
        source=case.everyone or {"all": True},
        identifiers={email: "email"},
        mappings=[
            {"from": party.points, "to": "points", "rule": "sum"},
            {"from": party.first, "to": "first_name", "rule": "set_if_empty"},
            {"from": party.plan, "to": "plan", "rule": "set"},
        ],
        save_lists_to="lists",
    )
    connection.goals.add(
        kind="export_profiles",
        name=EXPORT,
        segment="active",
        target={"lists": [party.list], "on_enter": True, "on_leave": True, **party.target},
        identifiers={"email": email},
        mappings=[
            {"from": "points", "to": party.score},
            {"value": "text", "text": "cdpkit", "to": party.origin},
        ],
        skip_unchanged_payload=True,
        processors=steps,
    )


def _known() -> pl.DataFrame:
    """Those whom the vendor has."""
    return people(pl.int_range(PEOPLE, eager=True), SEED, {"email"}).select("email")


def _everybody() -> pl.DataFrame:
    """Those, some whom it does not have yet, and some whom it refuses."""
    more = [f"new{number}@example.org" for number in range(200)] + _REFUSED
    everybody = pl.concat([_known(), pl.DataFrame({"email": more})])
    return everybody.with_columns(points=pl.int_range(pl.len()) % 100, status=pl.lit("here"))


def _load(workspace: cdpkit.Workspace, rows: pl.DataFrame) -> None:
    mappings = [{"from": name, "to": name, "rule": "set"} for name in ("points", "status")]
    workspace.load(rows, {"email": "email"}, mappings).raise_for_state()


def _first_night(workspace: cdpkit.Workspace, folder: Path) -> None:
    """An export; since then a third has left, a third has other points, and some are new."""
    connection = workspace.connection(CONNECTION)
    preview = connection.preview(EXPORT)
    preview.sends.select("email", "body").write_ndjson(folder / _SENT)
    connection.run(preview=preview).raise_for_state()
    status = pl.when(pl.col("points") % 3 == 0).then(pl.lit("gone")).otherwise("status").alias("status")
    points = pl.when(pl.col("points") % 3 == 1).then(pl.col("points") + 100).otherwise("points").alias("points")
    new = pl.DataFrame({"email": [f"late{n}@example.org" for n in range(50)], "points": 1, "status": "here"})
    _load(workspace, pl.concat([_everybody().with_columns(status, points), new], how="vertical_relaxed"))


def _send_again(vendor: dict[str, str], people: pl.DataFrame) -> None:
    """What the first night's run sent, without the run."""
    for part in people.iter_slices(BATCH):
        update = f'{{"createNewFields":true,"users":[{",".join(part["body"])}]}}'
        _post(vendor, "/api/users/bulkUpdate", update)
        subscribers = [{"email": email} for email in part["email"]]
        _post(vendor, "/api/lists/subscribe", json.dumps({"listId": _LIST_ID, "subscribers": subscribers}))


def _post(vendor: dict[str, str], path: str, body: str) -> None:
    headers = {"Api-Key": vendor["api_key"], "Content-Type": "application/json"}
    request = Request(vendor["base_url"] + path, body.encode(), headers)  # noqa: S310 - on loopback
    with urlopen(request) as answer:  # noqa: S310
        answer.read()
