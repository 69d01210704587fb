"""Progress: what observers show of the events of a run, and which one suits the place."""

import io
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

from cdpkit.runs.progress import RunEvent, bars, observer, silent, text_lines


def sending(done: int, total: int, text: str = "") -> RunEvent:
    return RunEvent("run", "send", done, total, text or f"{done} of {total}")


def told(*events: RunEvent) -> list[str]:
    """The lines of text of these events."""
    stream = io.StringIO()
    show = text_lines(stream)
    for event in events:
        show(event)
    return [line.split(maxsplit=1)[1] for line in stream.getvalue().splitlines()]


def test_a_stage_is_one_line() -> None:
    """Its name, and the text that comes with it."""
    stream = io.StringIO()
    show = text_lines(stream)
    show(RunEvent("", "read", 0, 0, "the source"))
    show(RunEvent("run", "match", 0, 7, "7 rows"))
    assert stream.getvalue() == "read     the source\nmatch    7 rows\n"


def test_a_long_stage_is_a_line_per_tenth() -> None:
    """A thousand batches are eleven lines, the last of which says that all is done."""
    lines = told(*(sending(done, 1000) for done in range(1001)))
    assert lines == [f"{done} of 1000" for done in range(0, 1001, 100)]


def test_few_batches_are_a_line_each() -> None:
    """Where a batch is more than a tenth, none is left out."""
    assert told(*(sending(done, 3) for done in range(4))) == ["0 of 3", "1 of 3", "2 of 3", "3 of 3"]


def test_each_goal_begins_anew() -> None:
    """Two exports that follow each other both have their lines, also where one has nobody to send."""
    lines = told(sending(0, 0, "first"), sending(0, 2, "second"), sending(2, 2), sending(0, 2, "third"))
    assert lines == ["first", "second", "2 of 2", "third"]


def test_bars_move_and_end_full() -> None:
    """A bar for what takes long, a line for the rest; a stage that begins again has a bar of its own."""
    stream = io.StringIO()
    show = bars(stream)
    show(RunEvent("run", "match", 0, 10, "10 rows"))
    for done in (0, 5, 10, 0, 10):
        show(sending(done, 10))
    text = stream.getvalue()
    assert text.startswith("match    10 rows\n")
    assert text.count("\n") == 3
    assert all(share in text for share in ("  0%", " 50%", "100%"))


def test_nothing_is_shown_unless_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """None and False are silent, a function is taken as it is."""
    seen: list[RunEvent] = []
    assert observer(None) is observer(progress=False) is silent
    observer(None)(sending(1, 2))
    observer(seen.append)(sending(1, 2))
    assert capsys.readouterr() == ("", "")
    assert [event.done for event in seen] == [1]


def test_a_notebook_that_a_person_has_open_gets_bars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its front end can put questions; a kernel that papermill drives cannot, and gets lines of text.

    Bars are widgets where there are some, else text on standard output: what is on the other one looks like an error.
    """
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    program = "from cdpkit.runs.progress import RunEvent, observer\nobserver(True)(RunEvent('', 'send', 1, 2, 'VIPs'))"
    shown: list[str] = []
    errors: list[str] = []

    def keep(message: dict[str, Any]) -> None:
        content = message["content"]
        text = content.get("text") or content.get("data", {}).get("text/plain", "")
        (errors if content.get("name") == "stderr" else shown).append(text)

    manager, client = start_new_kernel(kernel_name="python3")
    try:
        for person in (False, True):
            client.execute_interactive(program, allow_stdin=person, output_hook=keep, timeout=60)
            shown.append("\f")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    lines, drawn, _ = "".join(shown).split("\f")
    assert lines == "send     VIPs\n"
    assert " 50%" in drawn
    assert errors == []
