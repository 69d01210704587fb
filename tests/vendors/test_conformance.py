"""What holds for every vendor by itself, shown with its imitation on loopback and the real HTTP client.

A vendor takes part by its file in `cdpkit/vendors`, its imitation, its case in `tests/vendors/cases`, and tests of its
own; one without them fails here.
"""

import json
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cdpkit import vendors
from cdpkit.core.outcome import ACCEPTED, REJECTED
from cdpkit.errors import CdpkitError, CredentialsError, RemoteError
from cdpkit.kit.buckets import GetObject
from cdpkit.kit.effects import Effect, Effects, Http, Keep, Together
from cdpkit.kit.exporting import OUTCOME
from cdpkit.kit.kinds import Chosen
from cdpkit.sandbox.imitation import names as imitations
from cdpkit.transport.clock import RealClock
from tests.vendors.case import TOYS, case_of, exchanging
from tests.vendors.stage import ANN, BOB, EVA, Stage, load, stage

T = TypeVar("T")

FAULTS: dict[str, dict[str, Any]] = {
    "429": {},
    "retry_after": {"seconds": 0.01},
    "500": {},
    "drop": {},
    "cut": {"after_bytes": 0},
    "cut in the middle": {"after_bytes": 25},
    "slow": {"seconds": 0.7},
    "timeout_after_accept": {"seconds": 0.01},
    "html": {},
}
IMPATIENT = 0.5
"""Seconds without an answer after which a call is given up that may meet the slow answer, so that it is made again.

All others have the driver's patience: on a machine that is busy, any answer may take that long now and then.
"""


AT_ONCE = 5
"""How many calls go wrong in one exchange."""

every_vendor = pytest.mark.parametrize("vendor", [*vendors.names(), *TOYS])
each_vendor = pytest.mark.parametrize("vendor", exchanging())
each_fault = pytest.mark.parametrize("fault", FAULTS)


@every_vendor
def test_a_vendor_has_an_imitation_a_case_and_tests_of_its_own(vendor: str) -> None:
    """Nobody adds a vendor without a word on how it behaves."""
    case = case_of(vendor)
    if case.served:
        assert vendor in imitations() if case.imitation is None else case.imitation.name == vendor
    assert case.fields
    assert Path(__file__).with_name(f"test_{vendor}.py").exists()
    assert vendors.get(vendor).name == vendor


@each_vendor
def test_credentials(vendor: str, tmp_path: Path) -> None:
    """Good ones pass; for wrong ones the message names what to look at, and shows none of them."""
    with stage(vendor, tmp_path) as at, at.driver() as driver:
        driver.run(at.vendor.check(at.settings))
        conn = at.connected()[1]
        conn.goals.add(**at.import_goal())
        assert conn.check() == []
        for setting in at.case.wrong:
            at.given(**at.case.wrong)
            (problem,) = conn.check()
            assert setting in str(problem)
            assert not any(secret in str(problem) for secret in at.secrets)
            run = conn.run()
            assert run.state == "failed"
            assert problem.what in run.report()
            at.given()
        wrong = dict(at.settings) | {name: type(at.settings[name])(value) for name, value in at.case.wrong.items()}
        with at.driver(settings=wrong) as other, pytest.raises(CredentialsError):
            other.run(at.vendor.check(wrong))


@each_vendor
def test_discovery(vendor: str, tmp_path: Path) -> None:
    """Fields have names and types, lists have ids of their own, and a target for people is among them."""
    with stage(vendor, tmp_path) as at:
        fields, lists = at.discovery.fields, at.discovery.lists
        assert len({(field.name, field.lists) for field in fields}) == len(fields) > 0
        assert all(field.name and field.type for field in fields)
        assert at.case.people in {field.name for field in fields}
        assert len({each.id for each in lists}) == len(lists) > 0
        assert at.list.target


@every_vendor
def test_a_declaration_fits_itself(vendor: str) -> None:
    """Defaults are as their kinds read them, things to choose are declared, and nothing depends on what is not."""
    found = vendors.get(vendor)
    if found.importer is not None and found.importer.everyone is not None:
        assert {*found.importer.everyone} == {setting.name for setting in found.importer.options}
    parts = [found.settings, *(part.options for _, part in found.parts)]
    for declared in parts:
        names = [setting.name for setting in declared]
        assert len(set(names)) == len(names)
        for setting in declared:
            assert setting.help
            assert setting.default is None or setting.kind.read(setting.default) == setting.default
            assert {*setting.applies} <= {*names}
            assert not isinstance(setting.kind, Chosen) or setting.kind.things in {each.name for each in found.things}


@each_vendor
def test_a_list_that_is_not_there_is_named_with_those_that_are(vendor: str, tmp_path: Path) -> None:
    """Whatever the vendor itself looks at."""
    with stage(vendor, tmp_path) as at:
        conn = at.connected()[1]
        conn.goals.add(**at.export_goal(target=at.case.target(["Nowhere"])))
        (problem,) = conn.check()
        assert problem.where == "goal 'Out': target.lists"
        assert f"no list 'Nowhere' at {at.vendor.title}; there are: " in problem.what
        assert at.case.list in problem.what


@each_vendor
def test_a_pull_that_is_killed_goes_on_with_the_next_page(vendor: str, tmp_path: Path) -> None:
    """Killed after each state that it keeps, it ends with everybody, and each page was fetched once."""
    with stage(vendor, tmp_path, people=120) as at, at.driver() as driver:
        state: Mapping[str, Any] | None = None
        pages: set[Page] = set()
        before = objects_read(at)
        for _ in range(100):
            kept: list[Mapping[str, Any]] = []
            with suppress(Killed):
                pulled = driver.run(watched(at.pull(state), kept, pages))
                break
            state = kept[-1]
        rows = at.staged(pulled.pages)
        assert rows.height == 120
        assert pulled.warnings == ()
        calls = [(call["path"], frozenset(parse_qsl(call["query"]))) for call in at.gate.calls.recent()]
        fetched = [call for call in calls if any(path.endswith(call[0]) and call[1] == query for path, query in pages)]
        bucket = objects_read(at) - before
        objects = {page for page in pages if page[0].startswith("s3://")}
        assert len(fetched) == len(set(fetched)) == len(pages - objects)
        assert bucket == len(objects)
        assert len(pages) > 5


def objects_read(at: Stage) -> int:
    """How many objects of a bucket were read, where the vendor has one."""
    return 0 if at.site.buckets is None else at.site.buckets.calls["GET"]


class Killed(Exception):  # noqa: N818 - it stands for a killed process
    """The process ends here."""


Page = tuple[str, frozenset[tuple[str, str]]]
"""The path and the query of a call that fetches a page; of an object, its address."""


def watched(effects: Effects[Any], kept: list[Mapping[str, Any]], pages: set[Page]) -> Effects[Any]:
    """The same effects up to the first state that is kept; notes the addresses of pages."""
    reply: Any = None
    while True:
        try:
            effect = effects.send(reply)
        except StopIteration as end:
            return end.value
        if isinstance(effect, Keep):
            kept.append(json.loads(json.dumps(effect.state)))
            raise Killed
        calls = effect.effects if isinstance(effect, Together) else (effect,)
        fetching = [call for call in calls if isinstance(call, Http) and call.page is not None]
        pages |= {(call.path, frozenset(call.params)) for call in fetching}
        objects = [call for call in calls if isinstance(call, GetObject)]
        pages |= {(f"s3://{call.bucket}/{call.key}", frozenset()) for call in objects}
        reply = yield effect


@each_vendor
def test_nobody_makes_no_call(vendor: str, tmp_path: Path) -> None:
    """A push and a withdrawal of nobody end before they ask for anything, and so does a run without members."""
    with stage(vendor, tmp_path) as at:
        for effects in (at.push({}, "x"), at.withdraw({})):
            with pytest.raises(StopIteration) as end:
                next(effects)
            assert end.value.value.is_empty()
        assert list(at.way(0).push(at.asked(), at.outgoing({}, "x")).__iter__()) == []
        ws, conn = at.connected()
        load(ws, {"customer": "a", "email": ANN, "active": False})
        conn.goals.add(**at.export_goal())
        before = at.calls()
        at.vendor.discover(at.settings)
        with at.driver() as driver:
            driver.run(at.vendor.discover(at.settings))
        discovery = at.calls() - before
        run = conn.run()
        assert run.state == "succeeded"
        assert at.calls() - before == 2 * discovery


@each_vendor
def test_limits_are_kept(vendor: str, tmp_path: Path) -> None:
    """With the same limits on both sides the vendor never has to refuse a call."""
    with stage(vendor, tmp_path, people=30, factor=20.0, slack=1.0) as at, at.driver(RealClock()) as driver:
        before = at.calls()
        driver.run(at.push({-1: ANN}, "x"))
        numbers = range(200 // (at.calls() - before))  # so many that limits would refuse some if nobody kept to them
        told: list[pl.DataFrame] = []
        pushes = ((n, at.push({n: f"p{n}@example.com"}, "x")) for n in numbers)
        driver.each(pushes, lambda _, outcome: told.append(outcome))
        driver.each(((n, at.withdraw({n: f"p{n}@example.com"})) for n in numbers[:20]), lambda *_: None)
        for _ in range(3):
            driver.run(at.pull())
        assert pl.concat(told).sort("row").select("row", "fate").rows() == [(n, ACCEPTED) for n in numbers]
        counted = at.gate.calls.counted()
        assert {name: tally["refused"] for name, tally in counted.items() if tally["refused"]} == {}
        assert max(tally["total"] for tally in counted.values()) >= len(numbers)


def impatient(at: Stage, effects: Effects[T]) -> Effects[T]:
    """The same effects, in which the calls that may meet a slow answer are given up soon."""
    reply: Any = None
    error: CdpkitError | None = None
    while True:
        try:
            effect = effects.send(reply) if error is None else effects.throw(error)
        except StopIteration as end:
            found: T = end.value
            return found
        waiting = at.gate.faults.left()
        if any(each["kind"] == "slow" and each["skip"] in (0, 1) for each in waiting):  # two may be on their way
            effect = _given_up_soon(effect)
        reply = error = None
        try:
            reply = yield effect
        except CdpkitError as raised:
            error = raised


def _given_up_soon(effect: Effect) -> Effect:
    if isinstance(effect, Together):
        calls = [replace(call, timeout=IMPATIENT) if isinstance(call, Http) else call for call in effect.effects]
        return replace(effect, effects=tuple(calls))
    return replace(effect, timeout=IMPATIENT) if isinstance(effect, Http) else effect


def borne(fault: str, step: Callable[[], T]) -> T:
    """What a step gives; one that meets a web page may fail with a clear message, and works the next time."""
    if fault != "html":
        return step()
    try:
        return step()
    except RemoteError as error:
        said = str(error)
    assert "text/html instead of" in said
    return step()


def disturbed(at: Stage, fault: str, before: int, exchange: Callable[[str], object]) -> None:
    """Make an exchange again and again, until every call of it has gone wrong once.

    Several calls go wrong in one exchange, far from each other. One alone does where it may end the exchange, and where
    it takes real time; there only the first call of each endpoint does.

    Args:
        at: The vendor.
        fault: What goes wrong.
        before: How many calls it had recorded before the undisturbed exchange, which was made just now.
        exchange: Makes it, and sees that all is as it should be; is given what goes wrong, in words.
    """
    made = [call["endpoint"] for call in at.gate.calls.recent()[before:] if call["endpoint"] not in at.case.logins]
    apart = len(made) if fault == "html" else math.ceil(len(made) / AT_ONCE)
    waiting = [range(nth, len(made), apart) for nth in range(apart)]
    if fault == "slow":
        waiting = [range(nth, nth + 1) for nth in map(made.index, dict.fromkeys(made))]
    while waiting:
        calls = waiting.pop(0)
        skips = [call + retries for retries, call in enumerate(calls)]
        at.fault(fault.partition(" ")[0], *skips, **FAULTS[fault])
        borne(fault, partial(exchange, f"calls {[*calls]}"))
        missed = len(at.gate.faults.left())  # a short answer may be whole before it is cut: that call is not repeated
        assert missed < len(calls)
        waiting += [range(call, call + 1) for call in calls[len(calls) - missed :]]


@each_vendor
@each_fault
def test_a_pull_bears_a_fault_at_any_call(vendor: str, fault: str, tmp_path: Path) -> None:
    """Whichever call goes wrong, everybody comes, or the pull fails with a clear message and works the next time."""
    with stage(vendor, tmp_path, people=20) as at, at.driver() as driver:
        driver.run(at.vendor.check(at.settings))  # where a token is needed, it is there
        before = len(at.gate.calls.recent())
        with at.driver() as patient:
            undisturbed = at.staged(patient.run(at.pull()).pages)
        assert undisturbed.height == 20

        def pull(_: str) -> None:
            assert_frame_equal(at.staged(driver.run(impatient(at, at.pull())).pages), undisturbed)

        disturbed(at, fault, before, pull)


@each_vendor
@each_fault
def test_a_push_and_a_withdrawal_bear_a_fault_at_any_call(vendor: str, fault: str, tmp_path: Path) -> None:
    """Whichever call goes wrong, each person is in the outcome once, and the vendor has what the outcome says."""
    refused, word = case_of(vendor).refused
    batches = [{1: ANN, 2: refused}, {3: BOB, 4: EVA}]
    rows = {row: address for batch in batches for row, address in batch.items()}
    expected = {row: (REJECTED, word) if address == refused else (ACCEPTED, None) for row, address in rows.items()}
    good = set(rows.values()) - {refused}
    with stage(vendor, tmp_path) as at, at.driver() as driver:

        def exchange(text: str) -> None:
            told: list[pl.DataFrame] = []
            pushes = [(n, impatient(at, at.push(batch, text))) for n, batch in enumerate(batches)]
            driver.each(pushes, lambda _, outcome: told.append(outcome))
            outcome = pl.concat(told).select(*OUTCOME)
            assert dict(zip(outcome["row"], outcome.select("fate", "reason").rows(), strict=True)) == expected
            assert outcome.height == len(expected)
            on = dict(outcome.select("row", "lists").rows())
            assert on == {row: [at.list.id] if address in good else [] for row, address in rows.items()}
            there = at.people()
            assert {name: there[name][at.case.fields["text"]] for name in good} == dict.fromkeys(good, text)
            assert refused not in there
            assert at.members() == good
            leavers = {row: address for row, address in rows.items() if address in {ANN, EVA}}
            left = driver.run(impatient(at, at.withdraw(leavers)))
            assert left.sort("row").select("row", "fate").rows() == [(1, ACCEPTED), (4, ACCEPTED)]
            assert at.members() == good - {ANN, EVA}

        before = len(at.gate.calls.recent())
        exchange("undisturbed")
        disturbed(at, fault, before, exchange)
