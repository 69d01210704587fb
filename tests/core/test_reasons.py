"""Reasons live once: each code that the package can say is in the table, with words."""

import ast
from collections.abc import Iterator
from pathlib import Path

import cdpkit
from cdpkit.core import reasons
from cdpkit.core.reasons import REASONS, Reason, Stage, find, need_attention, of_stage

PACKAGE = Path(cdpkit.__file__).parent
OWN_WORDS = ("vendors", "sandbox", "cli")
"""Where reasons are a vendor's own words, or are looked for."""
ALSO_NAMES = {"processor", "withdraw", "multiple_matches", "not_due", "dropped"}
"""Codes that are names of something else too: a key of a step, a part of a plan, counters, a column."""


def test_each_reason_is_there_once_with_words() -> None:
    """Codes are plain words; no stage has one twice; every stage has some."""
    assert len({(reason.stage, reason.code) for reason in REASONS}) == len(REASONS)
    assert {reason.stage for reason in REASONS} == set(Stage)
    assert all(reason.code.replace("_", "").isalnum() and reason.words for reason in REASONS)


def test_reasons_are_found_with_their_details() -> None:
    """By stage and code; a detail stands in the words, and what is not known is its own words."""
    for reason in REASONS:
        assert find(reason.stage, reason.code) == reason
    assert find(Stage.EXCLUDED, "processor:trim").words == "removed by the processor trim"
    assert find(Stage.VALUE, reasons.NOT_A_CHOICE.of("on, off")).words == "not one of on, off"
    assert find(Stage.REFUSED, "BadEmail: ???") == Reason("BadEmail: ???", Stage.REFUSED, "BadEmail: ???", True)
    assert find(Stage.SKIPPED, "no_consent") in of_stage(Stage.SKIPPED)


def test_what_needs_attention() -> None:
    """What people can mend does; what a goal leaves out on purpose does not."""
    assert need_attention(Stage.EXCLUDED, ["no_match", "malformed_line"])
    assert not need_attention(Stage.EXCLUDED, ["no_match", "processor:first_rows"])
    assert need_attention(Stage.REFUSED, ["a word of the vendor's"])
    assert not need_attention(Stage.SKIPPED, ["not_due"])
    assert not need_attention(Stage.VALUE, [])


def literals_given_as_reason(path: Path) -> Iterator[str]:
    """Texts that stand in the code where a reason is said: `reason=...`, `{"reason": ...}`, `(...).alias("reason")`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        given: list[ast.expr] = []
        if isinstance(node, ast.keyword) and node.arg == "reason":
            given = [node.value]
        elif isinstance(node, ast.Dict):
            given = [
                value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant) and key.value == "reason"
            ]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "alias":
            named = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
            given = [node.func.value] if named == ["reason"] else []
        for each in given:
            for call in ast.walk(each):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "lit":
                    yield from (a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str))


def test_nobody_says_a_reason_that_is_not_in_the_table() -> None:
    """Outside of the table no code is written out; what is said is taken from it."""
    codes = {reason.code for reason in REASONS} - ALSO_NAMES
    for path in PACKAGE.rglob("*.py"):
        if path.name == "reasons.py" or set(path.relative_to(PACKAGE).parts) & set(OWN_WORDS):
            continue
        assert list(literals_given_as_reason(path)) == [], path
        written = [
            node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Constant)
        ]
        assert not codes & {node.value for node in written if isinstance(node.value, str)}, path


def test_every_reason_is_said_somewhere() -> None:
    """None is left that nobody says."""
    names = {name: each for name, each in vars(reasons).items() if isinstance(each, Reason)}
    text = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py") if path.name != "reasons.py")
    said = {each.code for name, each in names.items() if f"reasons.{name}" in text}
    assert said == {each.code for each in REASONS}
