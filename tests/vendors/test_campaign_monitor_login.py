"""Logging in to Campaign Monitor: by its page, with a token that is kept and renewed, or with a key."""

import json
import os
import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

import httpx
import pytest

import cdpkit
from cdpkit.errors import ConfigurationError, CredentialsError, RemoteError, Stopped, UnavailableError
from cdpkit.kit.effects import Reply
from cdpkit.runs.login import PendingLogin, begin_login, forget_login
from cdpkit.sandbox.faults import Fault
from cdpkit.transport.login import Badge, Login
from cdpkit.vendors.campaign_monitor.api import refuse
from cdpkit.vendors.campaign_monitor.login import AUTH
from cdpkit.workspace.connection import Connection
from tests.vendors.campaign_monitor_at import EMAIL, Agency, agency
from tests.vendors.stage import load

TOKENS = "POST /oauth/token"


class Visitor:
    """A workspace whose connection has no key, and somebody with a browser."""

    def __init__(self, at: Agency) -> None:
        self.at = at
        settings = {name: value for name, value in at.stage.given().items() if name != "api_key"}
        self.ws = cdpkit.create(at.stage.folder / "visited")
        self.ws.properties.add("customer", identifier=True)
        self.ws.properties.add("email", type="email", identifier=True, pii=True)
        self.ws.properties.add("active", type="boolean")
        self.ws.segments.add("active", "active")
        self.conn = self.ws.connect(
            "campaign_monitor", name="conn", settings={**settings, "client": "Northwind Coffee"}
        )

    @property
    def kept(self) -> Path:
        return self.ws.path / "secrets" / "conn.json"

    def log_in(self, **options: Any) -> None:
        """Log in as the form would: without a terminal."""
        with begin_login(self.ws._home, "conn", **options) as pending, ThreadPoolExecutor(1) as browser:
            page = browser.submit(visit, pending)
            pending.finish(20)
            assert page.result().status_code == 200

    def export(self, *names: str) -> Any:
        """Send people to a list; returns the run."""
        load(self.ws, *({"customer": n, "email": f"{n}@example.com", "active": True} for n in names))
        if "Out" not in self.conn.goals:
            goal = {"kind": "export_profiles", "name": "Out", "segment": "active", "target": {"lists": ["Empty"]}}
            rows = [{"value": "text", "text": "x", "to": "Favourite quote"}]
            self.conn.goals.add(**goal, identifiers={"email": EMAIL}, mappings=rows)
        return self.conn.run()


def visit(pending: PendingLogin) -> httpx.Response:
    """Open the page in a browser, and follow where it leads."""
    return httpx.get(pending.address, follow_redirects=True, trust_env=False, timeout=20)


@contextmanager
def visitor(folder: Path, **settings: Any) -> Iterator[Visitor]:
    with agency(folder, **settings) as at:
        yield Visitor(at)


def logins(visited: Visitor) -> int:
    return visited.at.calls(TOKENS)


def test_f144_f145_somebody_allows_access_at_the_page_and_picks_a_client(tmp_path: Path) -> None:
    """Before that, the check says what lacks and how to mend it; afterwards it finds nothing."""
    with visitor(tmp_path) as visited:
        visited.ws.connections.change("conn", {"client": None})
        goal = {"kind": "import_profiles", "name": "In", "source": {"lists": ["Empty"]}}
        visited.conn.goals.add(**goal, identifiers={EMAIL: "email"}, mappings=[])
        (problem,) = visited.conn.check()
        assert "nobody has logged in to Campaign Monitor" in problem.what
        assert "conn.login()" in problem.fix
        visited.log_in()
        assert visited.conn.check() == []
        assert visited.conn.discover().items("clients")["name"].to_list() == ["Northwind Coffee", "Harbour Books"]
        assert visited.conn.lists["name"].to_list().count("Newsletter") == 2
        visited.ws.connections.change("conn", {"client": "Harbour Books"})
        assert visited.conn.lists["name"].to_list() == ["Newsletter"]
        visited.ws.connections.change("conn", {"client": "Harbour"})
        (problem,) = visited.conn.check()
        assert problem.where == "settings.client"
        assert "Harbour Books" in problem.what


def test_f146_a_reset_forgets_the_login(tmp_path: Path) -> None:
    """The next call needs a new one; nothing is said to the vendor."""
    with visitor(tmp_path) as visited:
        visited.log_in()
        assert visited.kept.exists()
        before = visited.at.stage.calls()
        visited.conn.reset_login()
        assert not visited.kept.exists()
        assert visited.at.stage.calls() == before
        with pytest.raises(CredentialsError, match="nobody has logged in"):
            visited.conn.lists  # noqa: B018 - asks


def test_a_login_is_kept_beside_the_files_and_shown_nowhere(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Readable by its owner alone; neither the connection's file nor a repr or message has a token or the secret."""
    with visitor(tmp_path) as visited:
        with begin_login(visited.ws._home, "conn") as pending, ThreadPoolExecutor(1) as browser:
            browser.submit(visit, pending)
            pending.finish(20)
        kept = json.loads(visited.kept.read_text(encoding="utf-8"))["kept"]
        assert set(kept) == {"access_token", "refresh_token"}
        told = capfd.readouterr()
        shown = [repr(pending), visited.conn.file.path.local.read_text(encoding="utf-8"), repr(visited.conn), told.err]
        secrets = [*kept.values(), visited.at.stage.site.addresses["campaign_monitor"]["client_secret"], "code="]
        assert [secret for secret in secrets if any(secret in text for text in shown)] == []
        assert visited.kept.stat().st_mode & 0o077 == 0
        assert visited.export("a").counters["accepted"] == 1


def test_the_token_that_was_kept_is_used_until_it_is_refused(tmp_path: Path) -> None:
    """A run does not renew what is good, so that two processes do not take each other's login away."""
    with visitor(tmp_path) as visited:
        visited.log_in()
        assert logins(visited) == 1
        assert visited.export("a").counters["accepted"] == 1
        assert visited.export("b").counters["accepted"] == 1
        assert logins(visited) == 1


@pytest.mark.parametrize("rotation", ["rotate", "keep"])
@pytest.mark.parametrize("status", ["400", "200"])
def test_a_token_that_expires_in_mid_run_is_renewed_once_and_kept(tmp_path: Path, rotation: str, status: str) -> None:
    """9: whether its refresh token is good once or for ever, and with whatever status the vendor refuses one."""
    with visitor(tmp_path, rotation=rotation, oauth_status=status) as visited:
        visited.log_in()
        before = visited.kept.read_text(encoding="utf-8")
        visited.export("a")
        visited.at.stage.gate.faults.add(Fault("*", "expire", skip=5))
        run = visited.export("b", "c")
        assert (run.state, run.counters["accepted"]) == ("succeeded", 2)
        assert logins(visited) == 2
        assert visited.kept.read_text(encoding="utf-8") != before


def test_a_login_that_another_process_has_renewed_is_taken_from_there(tmp_path: Path) -> None:
    """9: its refresh token is good once; whoever comes second takes what the first one kept."""
    with visitor(tmp_path) as visited:
        visited.log_in()
        old = json.loads(visited.kept.read_text(encoding="utf-8"))
        visited.at.stage.gate.faults.add(Fault("*", "expire"))
        visited.export("a")
        new = json.loads(visited.kept.read_text(encoding="utf-8"))
        assert new != old
        kept = [old["kept"], old["kept"], new["kept"]]
        badge = Badge(Login(AUTH, {}, lambda: kept.pop(0), lambda _: None))
        with pytest.raises(StopIteration):
            next(badge.fetch())
        first = badge.token
        effects = badge.fetch()
        next(effects)
        refused = Reply(400, {}, b'{"error": "invalid_grant"}')
        with pytest.raises(StopIteration) as end:
            effects.send(refused)
        assert end.value.value is None
        assert badge.token != first
        assert badge.token is not None
        assert dict(badge.token.kept) == new["kept"]


def test_a_login_that_was_taken_back_says_so_and_is_not_tried_again(tmp_path: Path) -> None:
    """One refused refresh is the end of it: somebody has to log in."""
    with visitor(tmp_path) as visited:
        visited.log_in()
        kept = json.loads(visited.kept.read_text(encoding="utf-8"))
        kept["kept"] |= {"refresh_token": "gone"}
        visited.kept.write_text(json.dumps(kept), encoding="utf-8")
        visited.at.stage.gate.faults.add(Fault("*", "expire"))
        run = visited.export("a")
        assert run.state == "failed"
        assert "log in again with conn.login()" in run.report()
        assert logins(visited) == 2


@pytest.mark.parametrize("code", [50, 60, 100, 102, 120, 122])
def test_other_refusals_never_renew_a_token(code: int) -> None:
    """9: a wrong id, a missing right or a login that was taken back is not mended by another token."""
    assert not AUTH.refused(Reply(401, {}, json.dumps({"Code": code}).encode()))
    assert AUTH.refused(Reply(401, {}, b'{"Code": 121}'))
    assert AUTH.refused(Reply(401, {}, b'{"Code": "121"}'))


def test_each_refusal_says_what_to_look_at() -> None:
    """By its code, not by its status, which is the same for a wrong key and for somebody else's list."""
    said = {100: "settings.api_key", 120: "login", 122: "login", 60: "login", 102: "settings.client"}
    for code, where in said.items():
        with pytest.raises(ConfigurationError) as found:
            refuse(Reply(401, {}, json.dumps({"Code": code, "Message": "a@example.com"}).encode(), what="GET /x"))
        assert found.value.problems[0].where == where
        assert "example.com" not in str(found.value)
    with pytest.raises(RemoteError, match=r"status 400 \(code 271\)"):
        refuse(Reply(400, {}, b'{"Code": 271}'))


def test_somebody_who_says_no_is_told_so(tmp_path: Path) -> None:
    """Nothing is kept."""
    with visitor(tmp_path, consent="deny") as visited:
        with begin_login(visited.ws._home, "conn") as pending, ThreadPoolExecutor(1) as browser:
            browser.submit(visit, pending)
            with pytest.raises(CredentialsError, match=r"did not let this program in \(access_denied\)"):
                pending.finish(20)
        assert not visited.kept.exists()


def test_an_answer_to_another_login_is_no_answer_to_this_one(tmp_path: Path) -> None:
    """Whoever does not know the state cannot end a login, nor give it a code of theirs."""
    with visitor(tmp_path) as visited, begin_login(visited.ws._home, "conn") as pending:
        forged = ["?code=x", "?code=x&state=other", "?error=access_denied&state=other", "", "favicon.ico", "?state="]
        answers = [httpx.get(pending.redirect + query, trust_env=False) for query in forged]
        assert [answer.status_code for answer in answers] == [400] * len(forged)
        with pytest.raises(UnavailableError, match="nobody came back"):
            pending.finish(0.2)
        assert not visited.kept.exists()
        with ThreadPoolExecutor(1) as browser:
            browser.submit(visit, pending)
            pending.finish(20)
        assert visited.kept.exists()


def test_a_login_can_be_ended_from_another_thread(tmp_path: Path) -> None:
    """As a form does whose button is pressed again."""
    with visitor(tmp_path) as visited, ThreadPoolExecutor(1) as form:
        pending = begin_login(visited.ws._home, "conn")
        waiting = form.submit(pending.finish, 60)
        pending.close()
        with pytest.raises(UnavailableError, match="was ended"):
            waiting.result(20)


def test_the_browser_comes_back_to_the_port_that_was_chosen(tmp_path: Path) -> None:
    """By the call or the settings; one that is taken is named."""
    with visitor(tmp_path) as visited:
        with begin_login(visited.ws._home, "conn") as pending:
            port = int(re.search(r":(\d+)/", pending.redirect)[1])  # type: ignore[index]
            with pytest.raises(ConfigurationError, match=f"port {port} of this machine"):
                begin_login(visited.ws._home, "conn", port=port)
        visited.ws.connections.change("conn", {"login_port": port})
        with begin_login(visited.ws._home, "conn") as pending:
            assert pending.redirect == f"http://127.0.0.1:{port}/"
            assert f"redirect_uri=http%3A%2F%2F127.0.0.1%3A{port}%2F" in pending.address
            assert "type=web_server" in pending.address
            assert "scope=ManageLists%2CImportSubscribers" in pending.address


def test_a_login_needs_the_application_that_asks_for_it(tmp_path: Path) -> None:
    """What is missing of it is named before anything is opened; a vendor without a page says so."""
    with visitor(tmp_path) as visited:
        visited.ws.connections.change("conn", {"client_id": None})
        with pytest.raises(ConfigurationError, match=r"settings\.client_id: is missing"):
            visited.conn.login(browser=False)
        other: Connection = visited.ws.connect("iterable", name="other", settings={"api_key": "env:NOBODY"})
        with pytest.raises(ConfigurationError, match="nobody logs in to Iterable by a page"):
            other.login(browser=False)
        forget_login(visited.ws._home, "other")


def test_login_says_where_to_go_and_that_it_is_done(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The page's address stands on standard error, from which somebody copies it."""
    with visitor(tmp_path) as visited, ThreadPoolExecutor(1) as person:

        def come() -> None:
            told = ""
            while not (found := re.search(r"at (http://\S+)", told)):
                told += capfd.readouterr().err
            httpx.get(found[1], follow_redirects=True, trust_env=False, timeout=20)

        coming = person.submit(come)
        visited.conn.login(timeout=30, browser=False)
        coming.result(20)
        assert "connection 'conn' is logged in to Campaign Monitor" in capfd.readouterr().err
        assert visited.conn.lists.height == 6


def test_an_interrupt_ends_a_login(tmp_path: Path) -> None:
    """In one sentence, without waiting for the time to pass; what was kept before stays."""
    with visitor(tmp_path) as visited:
        visited.log_in()
        before = visited.kept.read_bytes()
        timer = Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(Stopped, match="nobody was logged in, and what was kept before stays"):
            visited.conn.login(timeout=60, browser=False)
        timer.join()
        assert visited.kept.read_bytes() == before


def test_a_key_is_the_other_way(tmp_path: Path) -> None:
    """It is sent with each call, and nothing is fetched or kept for it."""
    with agency(tmp_path) as at:
        ws, conn = at.stage.connected()
        assert conn.lists.height > 0
        assert at.calls(TOKENS) == 0
        assert not (ws.path / "secrets").exists()
