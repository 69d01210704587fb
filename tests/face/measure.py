"""How quick the notebook face is, measured: `python -m tests.face.measure` on a machine that is quiet.

    python -m tests.face.measure form
    python -m tests.face.measure profile --people 1000000 --folder where/to/keep/it
    python -m tests.face.measure preview --people 10000000 --rows 1000000 --folder where/to/keep/it

Each figure is printed as a line of JSON, with how busy the machine was meanwhile. What is made is kept in the folder,
and used again.
"""

import argparse
import json
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

import cdpkit
from cdpkit.face.views.preview import PreviewDesk
from cdpkit.kit.discovery import Discovery, VendorField
from cdpkit.runs.found import Found
from cdpkit.workspace.discovered import Discovered
from tests.benchmarks.data import RULES, extract, people
from tests.benchmarks.states import AT_ONCE, Sources, _add_properties, _fill
from tests.face import programs
from tests.face.alone import alone
from tests.face.vendor import office

_FIELDS, _ROWS = 500, 60
_KEYSTROKE = """
() => {
  const box = document.activeElement;
  const began = performance.now();
  box.value = "field49";
  box.dispatchEvent(new Event("input", {bubbles: true}));
  document.body.offsetHeight;
  return performance.now() - began;
}
"""


def tell(**figures: Any) -> None:
    """One line: the figures, and the load of the last minute."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    busy = {"load": round(os.getloadavg()[0], 1), "cores": os.cpu_count(), "peak MB": round(peak)}
    print(json.dumps(figures | busy), flush=True)


def seconds(what: Callable[[], Any]) -> tuple[float, Any]:
    """How long something takes, and what it gives."""
    began = time.perf_counter()
    given = what()
    return round(time.perf_counter() - began, 3), given


def form(_given: argparse.Namespace) -> None:
    """60 rows of 500 fields in a browser: shown, a keystroke, and what is sent."""
    with tempfile.TemporaryDirectory() as folder, office(Path(folder)) as at, programs.browser() as browser:
        rows = [{"from": f"field{each:03}", "to": f"property_{each:03}"} for each in range(_ROWS)]
        at.conn.goals.change("Subscribers", mappings=rows)
        for _ in range(3):
            with alone(browser, at.conn) as one:
                desk: Any = one.desk
                found = at.conn.discover().found
                fields = tuple(VendorField(f"field{number:03}", "string") for number in range(_FIELDS))
                with desk.changing():
                    many = Discovery(fields, found.discovery.items)
                    desk.found = Discovered("news", Found(found.vendor, found.settings, many))
                    desk.forget_problems()
                before = one.sent
                one.page.locator(".cdp-tab .cdp-nav-item").first.wait_for()

                def open_goal() -> None:
                    one.page.locator(".cdp-tab .cdp-nav-item").first.click()
                    one.page.locator(".cdp-of-imports .cdp-row").nth(_ROWS - 1).wait_for()

                shown, _ = seconds(open_goal)
                one.settled()
                one.page.get_by_role("combobox", name="Field of mapping 30").focus()
                typed = [one.page.evaluate(_KEYSTROKE) for _ in range(3)]
                tell(what="form", shown=shown, keystroke_ms=[round(each, 1) for each in typed], bytes=one.sent - before)


@contextmanager
def workspace(given: argparse.Namespace) -> Iterator[tuple[cdpkit.Workspace, Path]]:
    """A workspace of so many people, made by what makes those of the benchmarks, and the folder that it is in."""
    kept = given.folder or Path(tempfile.mkdtemp())
    folder = kept / f"people{given.people}"
    try:
        if not folder.exists():
            half = kept / f"{folder.name}.half"
            shutil.rmtree(half, ignore_errors=True)
            kept.mkdir(parents=True, exist_ok=True)
            source = people(given.people, kept / f"{folder.name}.parquet")
            ws = cdpkit.create(half)
            _add_properties(ws)
            took, _ = seconds(lambda: _fill(ws, Sources(given.people, source, kept, {}), given.people))
            half.rename(folder)
            source.unlink()
            tell(what="workspace", people=given.people, made=took, at_once=AT_ONCE)
        yield cdpkit.open(folder), kept
    finally:
        if given.folder is None:
            shutil.rmtree(kept)


def profile(given: argparse.Namespace) -> None:
    """One profile among many, found by an identifier and by its id."""
    with workspace(given) as (ws, _):
        last = ws.profiles.select("profile_id", "email", "customer_id").filter(pl.col("email").is_not_null())
        one = last.slice(given.people // 2, 1).collect().row(0, named=True)
        for _ in range(3):
            by_email, _card = seconds(lambda: ws.profile(email=one["email"]))
            by_other, _card = seconds(lambda: ws.profile(customer_id=one["customer_id"]))
            by_id, _card = seconds(lambda: ws.profile(one["profile_id"]))
            tell(what="profile", people=given.people, by_email=by_email, by_customer_id=by_other, by_id=by_id)


def preview(given: argparse.Namespace) -> None:
    """A preview: worked out, its view opened, everything known, and what was sent until then."""
    with workspace(given) as (ws, kept):
        source = extract(kept / f"rows{given.rows}.parquet", given.people, given.rows, 2, repeated=0.05, new=0.05)
        worked_out, found = seconds(lambda: ws.preview_load(str(source.path), {"email": "email"}, RULES))
        tell(what="preview", people=given.people, rows=given.rows, worked_out=worked_out)
        desk = PreviewDesk.__new__(PreviewDesk)
        sent = [0, 0]

        def show(drawn: Any) -> None:
            sent[0] += len(json.dumps(drawn).encode())
            sent[1] += 1

        def open_view() -> None:
            desk.__init__(found)  # type: ignore[misc]
            desk.join(show, lambda _: None)

        opened, _ = seconds(open_view)
        known, _ = seconds(lambda: desk.work.wait(600))
        tell(what="view", opened=opened, all_known=round(opened + known, 3), bytes=sent[0], messages=sent[1])
        twin, html = seconds(found._repr_html_)
        tell(what="twin", seconds=twin, bytes=len(html.encode()))


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.face.measure", description=__doc__)
    parser.add_argument("what", choices=["form", "profile", "preview"])
    parser.add_argument("--people", type=int, default=100_000, help="how many profiles there are")
    parser.add_argument("--rows", type=int, default=10_000, help="how many rows are previewed")
    parser.add_argument("--folder", type=Path, help="keep what is made here, and use what is there")
    given = parser.parse_args()
    {"form": form, "profile": profile, "preview": preview}[given.what](given)


if __name__ == "__main__":
    main()
