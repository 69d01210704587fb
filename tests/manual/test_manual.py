"""The manual: its examples run, its commands are right, and it leaves out nothing that is public."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cdpkit
from cdpkit import vendors
from cdpkit.cli import app
from cdpkit.cli.gallery import options
from cdpkit.cli.manual_pages import page, pages, title
from cdpkit.core.fates import FATES
from cdpkit.core.goal import Rule
from cdpkit.core.processors import BUILT_INS
from cdpkit.core.properties import PropertyType
from cdpkit.core.reasons import REASONS, Reason, Stage
from cdpkit.runs import kinds
from cdpkit.runs.preview_frames import VIEWS
from cdpkit.runs.run import VIEWS as RUN_VIEWS
from cdpkit.store.tables import TABLES
from tests.cli.shell import commands
from tests.manual.written import COMMANDS, FIRST_WORDS, ROOT, examples, mentioned_commands, run_examples

PAGES = pages()
WHOLE = "\n".join(PAGES.values())
ROOMS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (*ROOT.glob("README.md"), *ROOT.glob("cdpkit/*/README.md"), *ROOT.glob("tests/*/README.md"))
}
each_page = pytest.mark.parametrize("topic", sorted(PAGES))


@pytest.mark.parametrize(
    "topic", sorted(topic for topic, text in PAGES.items() if examples(text) and topic != "connections")
)
def test_the_examples_of_a_page_run_one_after_the_other(topic: str, tmp_path: Path) -> None:
    """As they stand, in a new folder beside the sample data."""
    run_examples("".join(examples(PAGES[topic])), tmp_path)


def test_the_ten_lines_of_a_sync(tmp_path: Path) -> None:
    """They are ten, and bring in everybody of the sandbox and send whom they say."""
    sandbox, sync = examples(PAGES["connections"])
    assert len([line for line in sync.splitlines() if line]) == 10
    assert "Connection 'news' can run." in run_examples(sandbox + sync, tmp_path)
    ws = cdpkit.open(tmp_path / "profiles")
    users, pros = ws.run(ws.runs["run_id"][-1]).goals
    assert users.counters["created"] == 1000
    assert pros.counters["accepted"] == pros.counters["in_segment"] > 0


@pytest.mark.parametrize("topic", sorted(topic for topic, text in PAGES.items() if examples(text, "toml")))
def test_the_connection_files_fit(topic: str, tmp_path: Path) -> None:
    """A file that is shown is one that is read; the one about files has a goal of each kind."""
    ws = cdpkit.create(tmp_path / "ws")
    (example,) = examples(PAGES[topic], "toml")
    (ws.path / "connections").mkdir()
    (ws.path / "connections" / "news.toml").write_text(example, encoding="utf-8")
    found = [goal.kind for goal in ws.connection("news").goals.values()]
    kinds = {"connections": ["import_profiles", "export_profiles"], "watch": ["enrich_profiles"]}
    assert found == kinds.get(topic, [])


@each_page
def test_a_page_has_a_headline_and_names_what_exists(topic: str) -> None:
    """One headline, at its top; only commands and topics that there are."""
    text = PAGES[topic]
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    assert re.findall(r"^# ", prose, re.MULTILINE) == ["# "]
    assert text.startswith("# ")
    assert title(text)
    assert mentioned_commands(text) <= FIRST_WORDS
    named = re.findall(r"topics? ((?:`\w+`(?:, | and )?)+)", text)
    assert {topic for names in named for topic in re.findall(r"`(\w+)`", names)} <= set(PAGES)
    assert set(re.findall(r"cdpkit manual (\w+)", text)) <= set(PAGES)


@pytest.mark.parametrize("name", sorted(cdpkit.__all__))
def test_a_public_name_is_on_the_first_page(name: str) -> None:
    """Whoever reads it has met every name of the root."""
    assert re.search(rf"cdpkit\.{name}\b", PAGES["start"])


@pytest.mark.parametrize("owner", [cdpkit.Workspace, cdpkit.Connection, cdpkit.Preview, cdpkit.Run, cdpkit.Merged])
def test_what_public_objects_have_is_mentioned(owner: type) -> None:
    """Every attribute and method without an underscore, as code."""
    public = {name for name in dir(owner) if not name.startswith("_")}
    assert sorted(name for name in public if not re.search(rf"`[^`\n]*\b{name}\b[^`\n]*`", WHOLE)) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_in_the_table_with_its_options(command: str) -> None:
    """Every option that the command takes stands in its line, or on the page about the sandbox."""
    row = next(line for line in PAGES["commands"].splitlines() if re.match(rf"\| `cdpkit {command}\b", line))
    parameters = commands()[command].params
    options = {option for each in parameters for option in (*each.opts, *each.secondary_opts) if option[:2] == "--"}
    options -= {"--help", "--workspace", "--json"}  # which all have, as the text below the table says
    more = {"sandbox": PAGES["sandbox"], "load": "--create --identify"}.get(command, "")
    assert [option for option in sorted(options) if option not in row + more] == []


@pytest.mark.parametrize("name", sorted(BUILT_INS))
def test_a_processor_is_in_the_table(name: str) -> None:
    """With the line of help that the package itself gives, and all its options, those that are required in italics."""
    row = next(line for line in PAGES["processors"].splitlines() if line.startswith(f"| `{name}` |"))
    assert BUILT_INS[name].help.rstrip(".") in row
    options = BUILT_INS[name].options
    assert re.findall(r"\*?`\w+`\*?", row.split("|")[3]) == [
        f"*`{option.name}`*" if option.required else f"`{option.name}`" for option in options
    ]


def test_what_there_are_several_of_is_in_its_table() -> None:
    """Fates, rules, views, tables, types of properties and kinds of goals, as the package has them."""
    assert [name for name in TABLES if f"| `{name}` |" not in PAGES["store"]] == []
    assert [name for name in kinds.names() if f"`{name}`" not in PAGES["goals"]] == []
    assert [kind for kind in PropertyType if not re.search(rf"\b{kind}\b", PAGES["loads"])] == []
    assert [fate for fate, reason in FATES if f"`{reason or fate}" not in PAGES["loads"] + PAGES["exports"]] == []
    assert [rule for rule in Rule if f"| `{rule}` |" not in PAGES["rules"]] == []
    assert [name for name in (*VIEWS, *RUN_VIEWS) if f"`{name}`" not in PAGES["preview"]] == []


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: f"{reason.stage}-{reason.code}")
def test_a_reason_is_explained_on_the_page_of_its_stage(reason: Reason) -> None:
    """Whoever finds a code in a frame finds it in the manual."""
    page = {Stage.EXCLUDED: "loads", Stage.VALUE: "loads", Stage.KEPT: "undo"}.get(reason.stage, "exports")
    assert f"`{reason.code}" in PAGES[page]


@pytest.mark.parametrize("name", vendors.names())
def test_a_vendor_has_a_page_with_tables(name: str) -> None:
    """Its settings and the options of its goals come from what it declares."""
    vendor, shown = vendors.get(name), page(name)
    declared = [*vendor.settings, *(option for told in options(vendor).values() for option in told)]
    assert PAGES[name].rstrip() in shown
    assert [each.name for each in declared if f"| `{each.name}` | {each.help} |" not in shown] == []


@pytest.mark.parametrize("name", [*sorted(PAGES), *sorted(ROOMS)])
def test_no_address_no_path_of_a_machine_and_nothing_to_be_written(name: str) -> None:
    """Every text works from any copy of the source tree: no host but names in capitals, no absolute path, no mark."""
    text = PAGES.get(name) or ROOMS[name]
    assert not re.search(r"://[a-z0-9]", text)
    assert str(ROOT) not in text
    assert not re.search(r"(?<![\w.])/(?:home|Users|root|tmp|opt|mnt)/", text)
    assert not re.search(r"\b(?:TODO|TBD|FIXME|XXX|lorem)\b", text, re.IGNORECASE)


@pytest.mark.parametrize("name", sorted(ROOMS))
def test_files_that_a_readme_names_exist(name: str) -> None:
    """Paths with a name to fill in are left out."""
    paths = re.findall(r"`((?:cdpkit|tests|notebooks)/[\w/.]+)`", ROOMS[name])
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_command_lists_topics_and_shows_a_page() -> None:
    """Without an argument each topic with its headline; with one the page as it is written."""
    listed = CliRunner().invoke(app, ["manual"])
    assert listed.exit_code == 0
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["TOPIC", *PAGES]
    assert "which profile a row is about" in listed.stdout
    assert CliRunner().invoke(app, ["manual", "Rules"]).stdout == PAGES["rules"]
    assert "| `api_key` |" in CliRunner().invoke(app, ["manual", "iterable"]).stdout


@pytest.mark.parametrize(("wrong", "near"), [("mathcing", "matching"), ("segments", "sql"), ("export", "exports")])
def test_a_wrong_topic_is_answered_with_the_nearest(wrong: str, near: str) -> None:
    """Written alike, or in the headline; and with all there are."""
    told = CliRunner().invoke(app, ["manual", wrong])
    assert told.exit_code == 2
    assert re.search(rf"no topic '{wrong}'; there are: (?:{near}, |.*or see [\w, ]*\b{near}\b)", told.stderr)
