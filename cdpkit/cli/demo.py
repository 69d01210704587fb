"""The demo: a workspace with the sample files in it, told step by step in sentences with numbers."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

import cdpkit
from cdpkit import Run, Workspace
from cdpkit.cli import demo_files, demo_groups, demo_others, demo_sync
from cdpkit.cli.samples import APP, APP_USE, CRM, NEWSLETTER, PROPERTIES, SHOP
from cdpkit.cli.sandbox import check_installed
from cdpkit.errors import WorkspaceError
from cdpkit.place import is_bucket
from cdpkit.place.bundled import copy_bundled
from cdpkit.workspace.texts import text_table

Say = Callable[[str], None]

QUESTION = """\
select coalesce(plan, 'no plan') as plan,
       count(*) as profiles,
       count(spent) as buyers,
       round(avg(spent), 2) as spent_on_average
from profiles group by all order by profiles desc"""
SEGMENT = "gold readers"
WHERE = "plan = 'gold' and list_contains(interests, 'books')"


def run_demo(path: Path, say: Say) -> dict[str, Any]:
    """Make the workspace, tell the story, and leave everything there.

    Args:
        path: A new or an empty folder.
        say: Shows one line.

    Returns:
        `workspace`, `connection`, `sandbox_port`, `profiles`, `runs` (ids, oldest first), `undone` (the ids of the
        loads that were taken back), `seconds`.

    Raises:
        ConfigurationError: What the sandbox is built with is not installed.
        WorkspaceError: There is something in the folder already.
    """
    check_installed()
    started = time.monotonic()
    workspace, samples = _begin(path, say)
    _load_customers(workspace, samples, say)
    _load_again(workspace, samples, say)
    _load_shop(workspace, samples, say)
    _load_newsletter(workspace, samples, say)
    _load_app(workspace, samples, say)
    update = _load_update(workspace, samples, say)
    _take_back(workspace, update, say)
    _ask(workspace, say)
    till, ports = _sync(workspace, say)
    _head(say, "19  Files in a folder")
    demo_files.exchange(workspace, samples, SEGMENT, say)
    _head(say, "20  Households: groups of profiles")
    demo_groups.households(workspace, say)
    seconds = round(time.monotonic() - started, 1)
    _farewell(path, ports, seconds, say)
    return {
        "workspace": str(path.resolve()),
        "connection": demo_sync.CONNECTION,
        "sandbox_port": ports[0],
        "profiles": _profiles(workspace),
        "runs": workspace.runs["run_id"].to_list(),
        "undone": [update.id, till.id],
        "seconds": seconds,
    }


def _begin(path: Path, say: Say) -> tuple[Workspace, Path]:
    if is_bucket(path):
        raise WorkspaceError("the demo is made in a folder, with its notebooks and sample data; give a path")
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise WorkspaceError(
            f"{path} is there already, and the demo changes nothing that it did not make; "
            "give another folder (cdpkit demo OTHER_PATH), or delete this one and repeat"
        )
    say("A demo of cdpkit. Everybody in the sample files is invented.")
    workspace = cdpkit.create(path)
    copy_bundled("notebooks", path)
    samples = copy_bundled("sample_data", path)
    for prop in PROPERTIES:
        workspace.properties.add(**prop)  # type: ignore[arg-type]  # as the table of properties has them
    _head(say, "1  A new workspace")
    say(f"{len(PROPERTIES)} properties are defined; customer_id and email are the identifiers.")
    return workspace, samples


def _load_customers(workspace: Workspace, samples: Path, say: Say) -> None:
    _head(say, "2  crm.csv: customers, as dirty as exports are; matched on e-mail")
    preview = CRM.preview(workspace, samples / "crm.csv")
    say(f"Preview: {preview.creates.height:,} profiles would be created. Nothing is stored yet.")
    run = workspace.load(preview=preview)
    say("Load, exactly what the preview showed:")
    for line in run.report().splitlines()[2:]:
        say(line)
    usable = run.counters["applied"] + run.counters["unchanged"]
    say(f"{usable:,} usable rows became {run.counters['created']:,} profiles: who was typed in twice is one.")
    say("Every row left out and every value refused is listed: run.excluded, run.rejected.")


def _load_again(workspace: Workspace, samples: Path, say: Say) -> None:
    _head(say, "3  crm.csv once more")
    run = CRM.load(workspace, samples / "crm.csv")
    seen = run.counters["excluded"]["not_changed"]
    refused = sum(run.counters["excluded"].values()) - seen
    say(f'{seen:,} rows were seen before under the goal "crm" and are not applied again;')
    say(f"the {refused:,} that cannot be used were left out again. {run.counters['applied']:,} rows applied,")
    say(f"{run.counters['created']:,} profiles created, {run.counters['updated']:,} updated: nothing has changed.")


def _load_shop(workspace: Workspace, samples: Path, say: Say) -> None:
    _head(say, "4  shop_orders.parquet: what they bought; matched on customer_id")
    run = SHOP.load(workspace, samples / "shop_orders.parquet")
    say(f"{run.counters['updated']:,} profiles updated. The rule set keeps the latest total, add collects tags.")
    say(f"{run.counters['excluded']['no_match']:,} rows match nobody, and this load may not create profiles.")


def _load_newsletter(workspace: Workspace, samples: Path, say: Say) -> None:
    _head(say, "5  newsletter.csv: interests; matched on e-mail")
    run = NEWSLETTER.load(workspace, samples / "newsletter.csv")
    say(f"{run.counters['updated']:,} profiles updated, {run.counters['created']:,} created.")
    say('A processor split "books|garden" into a list; set_if_empty keeps the first date.')


def _load_app(workspace: Workspace, samples: Path, say: Say) -> None:
    _head(say, "6  app_events.ndjson: visits; matched on e-mail")
    workspace.event_types.add(APP_USE, {"what": "text", "seconds": "number"})
    run = APP.load(workspace, samples / "app_events.ndjson")
    total = workspace.profiles.select(pl.col("app_seconds").sum()).collect().item()
    say(f"{run.counters['updated']:,} profiles updated. The rule sum added up {total / 3600:,.1f} hours in the app.")
    added = run.counters["events"]["added"]
    say(f"Each visit is on the time line of its profile too: {added:,} events of the type {APP_USE} (ws.events).")


def _load_update(workspace: Workspace, samples: Path, say: Say) -> Run:
    _head(say, "7  crm_update.csv: the CRM a day later")
    preview = CRM.preview(workspace, samples / "crm_update.csv")
    say("Preview: values that would change in profiles that exist. Nothing is stored yet.")
    for line in text_table(preview.summary.columns, preview.summary.iter_rows()):
        say(f"  {line}")
    same = preview.excluded.filter(reason="not_changed").height
    say(f"{preview.creates.height:,} profiles would be new; {same:,} rows are as they were yesterday and left alone.")
    say("The rule set_or_clear also empties: that is what the column cleared counts.")
    run = workspace.load(preview=preview)
    say(f"Stored: {run.counters['updated']:,} profiles updated, {run.counters['created']:,} created.")
    return run


def _take_back(workspace: Workspace, update: Run, say: Say) -> None:
    _head(say, "8  That file was sent by mistake: undo")
    with_update = _profiles(workspace)
    undo = workspace.undo(update.id)
    restored, deleted = undo.counters["values_restored"], undo.counters["profiles_deleted"]
    say(f"{restored:,} values are back, {deleted:,} new profiles are gone, {undo.conflicts.height} conflicts.")
    say("Its rows stay known and do not come back; undo --reimport would forget them.")
    say(f"Now there are {_profiles(workspace):,} profiles. ws.at(run_id) still sees the {with_update:,} of before.")


def _ask(workspace: Workspace, say: Say) -> None:
    _head(say, "9  A question in SQL, and a segment")
    say(QUESTION)
    say("")
    answer = workspace.sql(QUESTION).pl()
    for line in text_table(answer.columns, answer.iter_rows()):
        say(f"  {line}")
    say("")
    segment = workspace.segments.add(SEGMENT, WHERE)
    say(f'The segment "{SEGMENT}" ({WHERE})')
    say(f"has {segment.count():,} profiles.")


def _sync(workspace: Workspace, say: Say) -> tuple[Run, tuple[int, int]]:
    """All about the connections; returns the load that was taken back, and the ports of both sandboxes."""
    with demo_sync.started() as sandbox:
        _head(say, "10  A connection to Iterable")
        connection = demo_sync.connect(workspace, sandbox, SEGMENT, say)
        _head(say, "11  The first sync")
        till, _ = demo_sync.first_run(workspace, connection, say)
        _head(say, "12  The same again")
        demo_sync.second_run(workspace, connection, till, say)
        _head(say, "13  Some leave the segment")
        demo_sync.third_run(workspace, connection, SEGMENT, say)
        _head(say, "14  What people did")
        demo_sync.send_events(connection, SEGMENT, say)
        first = demo_sync.port_of(sandbox)
    with demo_others.started() as sandbox:
        _head(say, "15  A connection to Campaign Monitor")
        demo_others.sync(workspace, sandbox, demo_others.CAMPAIGN_MONITOR, SEGMENT, say)
        _head(say, "16  A connection to ActiveCampaign")
        demo_others.sync(workspace, sandbox, demo_others.ACTIVECAMPAIGN, SEGMENT, say)
        _head(say, "17  A connection to Braze")
        demo_others.sync(workspace, sandbox, demo_others.BRAZE, SEGMENT, say)
        _head(say, "18  Acxiom: asking what is paid for")
        demo_others.enrich(workspace, sandbox, say)
        return till, (first, demo_others.port_of(sandbox))


def _farewell(path: Path, ports: tuple[int, int], seconds: float, say: Say) -> None:
    notebooks, folder = path / "notebooks", _quoted(path)
    _head(say, f"Done in {seconds} seconds. Everything is kept:")
    say(f"  the workspace, notebooks, sample data   {path}")
    say(f"  a tour that you can run and change      jupyter lab {_quoted(notebooks / 'quickstart.ipynb')}")
    say("  more of them, a subject each            the other notebooks beside it")
    say(f"  what was loaded, sent and undone        cdpkit runs --workspace {folder}")
    say("")
    say("The imitations of the vendors have ended. To start them again, as they were at first:")
    say(f"  cdpkit sandbox {demo_sync.VENDOR} --port {ports[0]} --limits-factor {demo_sync.LIMITS_FACTOR}")
    again = f"--people {demo_others.PEOPLE} --limits-factor {demo_others.LIMITS_FACTOR}"
    say(f"  cdpkit sandbox {' '.join(demo_others.NAMES)} --port {ports[1]} {again}")
    say("Leave the first one running, and in another terminal (a schedule would start the second):")
    say(f"  cdpkit run {demo_sync.CONNECTION} --full --workspace {folder}")
    say(f"  papermill {_quoted(notebooks / 'run_connection.ipynb')} done.ipynb -p workspace {folder}")


def _head(say: Say, text: str) -> None:
    say(f"\n{text}\n{'-' * len(text)}")


def _profiles(workspace: Workspace) -> int:
    return int(workspace.profiles.select(pl.len()).collect().item())


def _quoted(path: Path) -> str:
    text = os.fspath(path)
    return f'"{text}"' if " " in text else text
