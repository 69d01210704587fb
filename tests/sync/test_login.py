"""A vendor with a login of its own and an address for it, as a connection is opened."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import cdpkit
from cdpkit import vendors
from cdpkit.config.connections import ConnectionSettings
from cdpkit.config.token_file import TokenFile
from cdpkit.kit.auth import Auth, Token
from cdpkit.kit.declare import Setting
from cdpkit.kit.effects import Effects, Http, Reply
from cdpkit.kit.kinds import Address
from cdpkit.place import Folder
from cdpkit.runs.session import driver_for
from tests.transport.servers import Said, serving


def obtain(settings: Mapping[str, Any], kept: Mapping[str, Any] | None) -> Effects[Token]:
    """Refresh what was kept, else log in with the key."""
    body = str((kept or {}).get("refresh", settings["api_key"].get_secret_value())).encode()
    call = Http(method="POST", path="/token", limit="lists", address="login_url", body=body, repeatable=True)
    reply: Reply = yield call
    said = reply.json()
    return Token({"Authorization": f"Bearer {said['token']}"}, {"refresh": said["refresh"]})


def ask() -> Effects[int]:
    reply: Reply = yield Http(method="GET", path="/people", limit="lists", authorised=True)
    return reply.status


def test_a_login_goes_on_from_what_the_last_run_kept(tmp_path: Path) -> None:
    """The first one is made with the settings; what is kept lies in the workspace and in no connection file."""
    vendor = vendors.get("iterable")
    vendor = replace(
        vendor,
        own_settings=(*vendor.own_settings, Setting("login_url", "Where to log in", Address())),
        auth=Auth(obtain, lambda reply: reply.status == 401),
    )
    ws = cdpkit.create(tmp_path / "ws")
    (tmp_path / "ws" / "key").write_text("first-key")
    said = [b'{"token": "t%d", "refresh": "r%d"}' % (number, number) for number in (1, 2)]
    with serving(lambda asked: Said(body=said[asked.number - 1])) as login, serving(lambda _: Said()) as api:
        given = {"api_key": "file:key", "base_url": api.url, "login_url": login.url}
        connection = ConnectionSettings(vendor="iterable", settings=given)
        for _ in range(2):
            driver, _settings = driver_for(ws._home, "crm", connection, vendor)
            with driver:
                assert driver.run(ask()) == 200
    assert [asked.body for asked in login.asked] == [b"first-key", b"r1"]
    assert [asked.headers["authorization"] for asked in api.asked] == ["Bearer t1", "Bearer t2"]
    assert TokenFile(Folder(ws.path), "crm", "iterable").load() == {"refresh": "r2"}
