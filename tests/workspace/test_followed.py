"""What a message advises is done here, and helps: the call that failed does not fail again for the same reason."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import cdpkit
from cdpkit.errors import ConfigurationError
from tests.transport.hurried import Hurried

CALL = re.compile(r"\b(?:ws|conn)\.[a-z_.]+\((?:[^()]|\([^()]*\))*\)")
PLAN = [{"from": "plan", "to": "plan"}]


@dataclass(frozen=True)
class Tried:
    """A call that fails.

    Attributes:
        call: It.
        advice: The call that its message names, as it is to be made; a part of it where names are to be filled in.
        filled: What a person fills in.
    """

    call: Callable[[cdpkit.Workspace, cdpkit.Connection], object]
    advice: str
    filled: tuple[tuple[str, str], ...] = ()


WHERE, FUNCTION = (", where)", ", \"plan = 'gold'\")"), (", function)", ", lambda rows: rows)")
ROWS = [{"mail": "Ann@x.de", "code": "7", "plan": "gold"}, {"mail": "ann@x.de", "code": "7", "plan": "free"}]

TRIED = {
    "an identifier that is no property": Tried(
        lambda ws, _: ws.load(ROWS, {"mail": "contact_mail"}, PLAN),
        "ws.properties.add('contact_mail', type='email', identifier=True)",
    ),
    "an identifier by another name": Tried(
        lambda ws, _: ws.load(ROWS, {"code": "code"}, PLAN), "ws.properties.add('code', identifier=True)"
    ),
    "a property that is no identifier": Tried(
        lambda ws, _: ws.load(ROWS, {"code": "plan"}), "ws.properties.change('plan', identifier=True)"
    ),
    "a property": Tried(lambda ws, _: ws.properties["points"], "ws.properties.add('points')"),
    "a segment": Tried(lambda ws, _: ws.segments["gold"].count(), "ws.segments.add('gold', where)", (WHERE,)),
    "a segment again": Tried(
        lambda ws, _: ws.segments.add("all", "plan is null"),
        "ws.segments.change('all', where)",
        ((", where)", ", 'plan is null')"),),
    ),
    "an objective": Tried(lambda ws, _: ws.objectives["news"], "ws.objectives.add('news')"),
    "an objective again": Tried(
        lambda ws, _: ws.objectives.add("mail", needs_consent=False),
        "ws.objectives.change('mail', ...)",
        ((", ...)", ", needs_consent=False)"),),
    ),
    "a processor": Tried(
        lambda ws, _: ws.processors["shorten"],
        "ws.processors.add(name, function)",
        (("name, function)", "'shorten', lambda rows: rows)"),),
    ),
    "a connection": Tried(
        lambda ws, _: ws.connection("other"),
        "ws.connect(vendor, name=name)",
        (("vendor, name=name)", "'iterable', name='other', settings={'api_key': 'file:key'})"),),
    ),
    "a connection that is off": Tried(lambda _, conn: off(conn), "conn.enable()"),
    "a goal": Tried(
        lambda _, conn: conn.goals["VIPs"],
        "conn.goals.add(...)",
        (("...)", "kind='export_profiles', name='VIPs', segment='all', identifiers={'email': 'email'})"),),
    ),
    "an objective of a connection": Tried(lambda _, conn: consent(conn), "ws.objectives.add('post')"),
}


def off(conn: cdpkit.Connection) -> None:
    """Fail where the connection's own check says that it is off."""
    problems = [problem for problem in conn.check() if problem.where == "enabled"]
    if problems:
        raise ConfigurationError("", problems)


def consent(conn: cdpkit.Connection) -> None:
    """Fail where the connection is linked to an objective that there is not."""
    problems = [problem for problem in conn.check() if problem.where == "objectives"]
    if problems:
        raise ConfigurationError("", problems)


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> cdpkit.Workspace:
    """A workspace with something of most; a vendor who cannot be reached is given up soon."""
    monkeypatch.setattr("cdpkit.transport.driver.RealClock", Hurried)
    made = cdpkit.create(tmp_path / "w")
    (made.path / "key").write_text("k")
    made.properties.add("email", type="email", identifier=True)
    made.properties.add("plan")
    made.segments.add("all", "true")
    made.objectives.add("mail")
    conn = made.connect("iterable", "news", settings={"api_key": "file:key"}, objectives=["post"])
    conn.enable(False)
    return made


@pytest.mark.parametrize("what", TRIED)
def test_advice_that_is_followed_helps(ws: cdpkit.Workspace, what: str) -> None:
    """The message names the call; made as it stands there, it does not fail, and what failed before works."""
    tried, conn = TRIED[what], ws.connection("news")
    with pytest.raises(ConfigurationError) as caught:
        tried.call(ws, conn)
    advised = CALL.findall(str(caught.value))
    assert tried.advice in advised
    written = tried.advice
    for part, filled in tried.filled:
        written = written.replace(part, filled)
    eval(written, {"ws": ws, "conn": conn})  # noqa: S307 - what the message itself says
    tried.call(ws, conn)


def test_following_advice_about_addresses_leaves_one_person(ws: cdpkit.Workspace) -> None:
    """The same address in another case is the same person after it."""
    with pytest.raises(ConfigurationError) as caught:
        ws.load(ROWS, {"mail": "contact_mail"}, PLAN)
    eval(CALL.findall(str(caught.value))[0], {"ws": ws})  # noqa: S307 - what the message itself says
    ws.load(ROWS, {"mail": "contact_mail"}, PLAN)
    assert ws.profiles.collect().height == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda ws: ws.properties["EMAIL"],
        lambda ws: ws.segments["ALL"],
        lambda ws: ws.objectives["Mail"],
        lambda ws: ws.connection("News"),
        lambda ws: ws.load(ROWS, {"mail": "Email"}, PLAN),
        lambda ws: ws.load(ROWS, {"mail": "email"}, [{"from": "plan", "to": "Plan"}]),
    ],
)
def test_a_name_in_another_case_is_to_be_corrected_alone(
    ws: cdpkit.Workspace, call: Callable[[cdpkit.Workspace], object]
) -> None:
    """To add a second thing of that name would be refused, or make it worse."""
    with pytest.raises(ConfigurationError) as caught:
        call(ws)
    assert CALL.findall(str(caught.value)) == []
    assert str(caught.value).endswith(("correct the name", "write it like that"))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda ws: ws.load(ROWS, {"Mail": "email"}), "no field 'Mail'; there are: mail, "),
        (lambda ws: ws.load(ROWS, {"mail": "email"}, [{"from": "plann"}]), "no field 'plann'; there are: plan, "),
        (lambda ws: ws.load(ROWS, {"mail": "email"}, [{"from": "plan", "rule": "sett"}]), "there are: set, "),
        (lambda ws: ws.load(ROWS, {"mail": "email"}, on_multiple_matches="new"), "there are: newest, "),
        (lambda ws: ws.properties.add("x", type="Text"), "there are: text, "),
        (lambda ws: ws.connect("Iterabel"), "no vendor 'Iterabel'; there are: iterable"),
        (lambda ws: ws.connect("iterable", settings={"apikey": "x"}), "there are: api_key, "),
        (lambda ws: ws.load(ROWS, {"mail": "email"}, processors=["trimm"]), "there are: trim, "),
        (lambda ws: ws.sql("select emial from profiles"), '"email"'),
        (lambda ws: ws.connection("news").add_goal(kind="exports"), "write one of: 'export_profiles', "),
        (lambda ws: ws.connection("news").add_goal(kind="export_profiles", segmnt="x"), "keys are: segment, "),
        (lambda ws: ws.connection("news").run("x"), "no goal 'x'; there are: none yet"),
        (lambda ws: ws.load(ROWS, {"mail": "email"}).view("reject"), "there are: rejected, "),
    ],
)
def test_what_was_meant_is_named_first(
    ws: cdpkit.Workspace, call: Callable[[cdpkit.Workspace], object], said: str
) -> None:
    """Whatever it is that has a name."""
    ws.connection("news").enable()
    ws.objectives.add("post")
    with pytest.raises(ConfigurationError) as caught:
        call(ws)
    assert said in str(caught.value)


def test_a_field_that_is_not_there_is_the_only_problem(ws: cdpkit.Workspace) -> None:
    """A property that the load would have made is none."""
    with pytest.raises(ConfigurationError) as caught:
        ws.load(ROWS, {"mail": "email"}, [{"from": "Vorname", "to": "first_name"}])
    assert len(caught.value.problems) == 1
