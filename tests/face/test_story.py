"""A person sets a connection up in a notebook, by clicking alone, in a real JupyterLab."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import nbformat
from playwright.sync_api import Browser

import cdpkit
from tests.face import lab
from tests.face.programs import ROOT, Server

NOTEBOOKS = ROOT / "notebooks"
SENTINEL = "sk-sentinel-4be0"
KEY = "c0ffee00"
"""What the key of every imitation of Iterable begins with."""
SANDBOX = "sandbox = start("


def quickstart(workspace: Path) -> list[str]:
    """The cells of the quickstart up to the one that starts the imitation, which takes its time."""
    book = nbformat.read(NOTEBOOKS / "quickstart.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    code: list[str] = [cell.source for cell in book.cells if cell.cell_type == "code"]
    last = next(at for at, source in enumerate(code) if SANDBOX in source)
    given = f"workspace = {str(workspace)!r}\nsample_data = {str(ROOT / 'sample_data')!r}"
    slow = code[last].replace('start("iterable"', 'start("iterable", latency=150')
    return [given, *code[1:last], slow]


@contextmanager
def quickstarted(jupyter: Server, chromium: Browser, workspace: Path) -> Iterator[lab.Notebook]:
    """The quickstart with the connections of its workspace below it."""
    cells = [*quickstart(workspace), "print('address', base_url)", "ws.form()", "ws.runs"]
    with lab.notebook(jupyter, chromium, cells) as opened:
        opened.run_all()
        opened.shown(len(cells) - 2).wait_for()
        yield opened


class Person:
    """Who clicks; each step waits for what the kernel made of it."""

    def __init__(self, book: lab.Notebook, cell: int | None = None) -> None:
        self.book = book
        self.form = book.form.last if cell is None else book.shown(cell)

    def acts(self, what: Callable[[], object]) -> None:
        """Do something, and wait until what the kernel makes of it is drawn."""
        self.book.act(what, self.form)

    def click(self, name: str, role: str = "button", *, exact: bool = True) -> None:
        self.form.get_by_role(role, name=name, exact=exact).first.click()

    def choose(self, name: str, text: str, value: str) -> None:
        """Search in a list and take what was found."""
        box = self.form.get_by_role("combobox", name=name, exact=True)
        box.fill(text)
        self.acts(self.form.get_by_role("option", name=value).first.click)

    def map(self, row: int, field: str, rule: str, target: str) -> None:
        """Fill in a row of a mapping."""
        self.click("Add mapping")
        self.choose(f"Field of mapping {row}", field, field)
        self.form.get_by_role("combobox", name=f"Rule of mapping {row}", exact=True).select_option(rule)
        box = self.form.get_by_role("combobox", name=f"Property of mapping {row}", exact=True)
        box.fill(target)
        box.press("Enter")

    def saves(self) -> None:
        """Save, and wait until it is."""
        self.click("Save")
        self.form.get_by_role("button", name="Saved", exact=True).wait_for()

    def sees(self, text: str) -> None:
        self.form.get_by_text(text).first.wait_for()


def test_a_connection_is_set_up_filled_in_and_run_by_clicking(
    jupyter: Server, chromium: Browser, tmp_path: Path
) -> None:
    """File, store and imitation agree with every step; a run is stopped and gone on with; no secret is in any file."""
    with quickstarted(jupyter, chromium, tmp_path / "w") as book:
        cells = book.page.locator(f"{lab.PANEL} .jp-Cell").count()
        person = Person(book, cells - 2)
        address = book.page.locator(".jp-OutputArea-output", has_text="address http").inner_text().split()[-1]
        ws = cdpkit.open(tmp_path / "w")
        before = ws.profiles.collect().height
        sets_up(person, ws, address)
        maps(person, ws)
        runs(person, ws)
        stops_and_goes_on(person, ws)
        book.press_d(person.form)
        book.run_cell(cells - 1)
        looks_at_runs(Person(book, cells - 1), ws, before)
        book.press_d(book.shown(cells - 1))
        assert book.page.locator(f"{lab.PANEL} .jp-Cell").count() == cells
        saved = json.dumps(book.save())
        assert KEY not in saved
        assert "jupyter.widget-view" in saved


def sets_up(person: Person, ws: cdpkit.Workspace, address: str) -> None:
    """Adds a connection, fills its settings in, switches it on and saves it."""
    person.book.pictures("1-connections", person.form)
    person.click("Add connection")
    person.click("Iterable", exact=False)
    person.sees("All connections")
    person.form.get_by_label("Base URL").fill(address)
    person.form.get_by_label("API key", exact=False).first.fill("env:ITERABLE_API_KEY")
    person.click("Keep API key")
    person.sees("env:ITERABLE_API_KEY")
    person.form.get_by_text("More settings").click()
    person.form.get_by_label("Limits factor").fill("100")
    person.form.get_by_role("switch").check()
    person.saves()
    conn = ws.connections["iterable"]
    assert conn.enabled
    assert conn.settings == {"base_url": address, "api_key": "env:ITERABLE_API_KEY", "limits_factor": 100}
    person.book.pictures("2-set-up", person.form)


def maps(person: Person, ws: cdpkit.Workspace) -> None:
    """Begins an import, maps three fields by three rules, and all others in one go."""
    person.click("Add goal")
    person.click("Import data into cdpkit")
    person.sees("Add remaining fields")
    person.form.get_by_label("Everybody", exact=True).uncheck()
    person.choose("Lists", "News", "Newsletter")
    person.map(1, "firstName", "set_if_empty", "first_name")
    person.map(2, "tier", "set", "tier")
    person.map(3, "favourites", "add", "interests")
    person.sees("Existing property")
    person.form.get_by_label("Prefix").fill("it_")
    person.click("Add remaining fields", exact=False)
    person.sees("Add remaining fields (0)")
    person.book.pictures("3-mapped", person.form)
    person.saves()
    (goal,) = ws.connections["iterable"].goals.values()
    mappings = goal.given()["mappings"]
    assert goal.given()["source"] == {"lists": ["Newsletter"]}
    assert mappings[:3] == [
        {"from": "firstName", "to": "first_name", "rule": "set_if_empty"},
        {"from": "tier", "to": "tier", "rule": "set"},
        {"from": "favourites", "to": "interests", "rule": "add"},
    ]
    assert len(mappings) > 10
    assert all(mapping["to"].startswith("it_") for mapping in mappings[3:])


def runs(person: Person, ws: cdpkit.Workspace) -> None:
    """Previews, and runs what was previewed."""
    person.click("Set up and run")
    person.click("Preview")
    person.sees("it would be")
    before = ws.profiles.collect().height
    person.book.pictures("4-preview", person.form)
    person.click("Run as previewed")
    person.sees("succeeded")
    assert ws.runs.last.state == "succeeded"
    assert ws.profiles.collect().height > before
    assert "it_lastName" in ws.properties


def stops_and_goes_on(person: Person, ws: cdpkit.Workspace) -> None:
    """Stops a run, goes on with it, and finds it in the history."""
    person.click("Run now")
    person.form.get_by_role("button", name="Stop", exact=True).click()
    person.form.get_by_role("button", name="Go on with the run", disabled=False).wait_for()
    stopped = ws.runs.last
    assert stopped.state == "stopped"
    person.book.pictures("5-stopped", person.form)
    person.click("Go on with the run")
    person.form.get_by_role("button", name="Run now", disabled=False).wait_for()
    assert (ws.runs.last.id, ws.runs.last.state) == (stopped.id, "succeeded")
    person.form.get_by_role("region", name="Runs, latest first").get_by_text(stopped.id).wait_for()
    person.book.pictures("6-history", person.form)


def looks_at_runs(person: Person, ws: cdpkit.Workspace, before: int) -> None:
    """Opens the history, a run in it, the card of somebody whom it created, and takes the run back."""
    person.acts(person.form.get_by_role("button", name="Look at run").nth(1).click)
    person.acts(person.form.get_by_role("tab", name="Created last").click)
    person.click("Look at this row", exact=False)
    card = person.form.get_by_role("complementary")
    card.get_by_role("heading", name="Profile ").wait_for()
    card.get_by_role("cell", name=ws.runs["run_id"][-2], exact=True).first.wait_for()
    person.book.pictures("7-card", person.form)
    person.click("Close")
    person.click("Take back…")
    person.sees("that the run created, and that are deleted")
    person.book.pictures("8-before-taking-back", person.form)
    person.click("Take back")
    person.form.get_by_role("heading", name="Undo").wait_for()
    assert ws.runs.last.kind == "undo"
    assert ws.profiles.collect().height == before


REFUSED = """
from contextlib import ExitStack
from pathlib import Path
from tests.face.vendor import office
stack = ExitStack()
at = stack.enter_context(office(Path({folder!r})))
at.ws.properties.add("shoe")
sizes = {{"a": "forty", "b": "41"}}
people = [{{"email": f"{{name}}@example.com", "plan": "gold", "shoe": size}} for name, size in sizes.items()]
at.ws.load(people, {{"email": "email"}}, [{{"from": name, "to": name}} for name in ("plan", "shoe")])
at.conn.goals.remove("Subscribers")
goal = at.conn.goals.add(
    kind="export_profiles", name="Gold", segment="gold",
    identifiers={{"email": "email"}}, mappings=[{{"from": "shoe", "to": "points"}}],
)
print("address", at.site.addresses["iterable"]["base_url"])
"""


def test_somebody_whom_the_vendor_refused_is_mended_and_sent_again(
    jupyter: Server, chromium: Browser, tmp_path: Path
) -> None:
    """In the view of the run, by clicking; the store has the correction, and the vendor has the person."""
    with lab.notebook(jupyter, chromium, [REFUSED.format(folder=str(tmp_path)), "at.conn.run()"]) as book:
        book.run_all()
        person = Person(book)
        person.acts(person.form.get_by_role("button", name="Mend what was refused…").click)
        person.form.get_by_role("button", name="Mend this line: a@example.com").click()
        box = person.form.get_by_label("Correct value")
        assert box.input_value() == "forty"
        box.fill("40")
        person.acts(lambda: person.click("Keep"))
        book.pictures("9-mended")
        person.click("Send again (1)")
        person.sees("Nothing is refused any more.")
        book.pictures("10-sent-again")
        ws = cdpkit.open(tmp_path / "w")
        assert ws.profiles.collect().filter(email="a@example.com")["shoe"].item() == "40"
        assert ws.runs.last.details["asked"]["refused_by"]
        address = book.page.locator(".jp-OutputArea-output", has_text="address http").inner_text().split()[-1]
        people = map(json.loads, filter(None, httpx.get(f"{address}/_sandbox/people").text.split("\n")))
        assert {each["email"]: each.get("points") for each in people}["a@example.com"] == 40


def save_state_or_not(book: lab.Notebook) -> None:
    """Have the state of widgets saved with the notebook from now on, or no longer."""
    book.page.get_by_role("menuitem", name="Settings", exact=True).click()
    book.page.locator(".lm-Menu-item", has_text="Save Widget State Automatically").click()


def test_a_secret_is_in_no_file_that_a_notebook_leaves(jupyter: Server, chromium: Browser, tmp_path: Path) -> None:
    """It is typed into a form, which is saved with the state of its widgets; and it is where secrets are kept."""
    cells = [
        f"import cdpkit\nws = cdpkit.create({str(tmp_path / 'w')!r})\nconn = ws.connect('iterable', 'news')",
        "conn.form()",
    ]
    with lab.notebook(jupyter, chromium, cells) as book:
        book.run_all()
        person = Person(book)
        person.form.get_by_label("API key").first.fill(SENTINEL)
        person.click("Keep API key")
        person.form.get_by_role("button", name="Replace API key").wait_for()
        person.click("Save")
        person.form.get_by_role("button", name="Saved", exact=True).wait_for()
        save_state_or_not(book)
        saved = book.save()
        save_state_or_not(book)
        assert SENTINEL not in json.dumps(saved)
    reference = cdpkit.open(tmp_path / "w").connections["news"].settings["api_key"]
    assert reference.startswith(("file:", "keyring:"))
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or SENTINEL.encode() not in path.read_bytes()
