"""Loads from web addresses: what is fetched, what it is taken for, and what is said where it cannot be had."""

import gzip
import io
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
import trustme

import cdpkit
from cdpkit.errors import ConfigurationError, CredentialsError, RemoteError, SourceError
from tests.cli.shell import call, json_of
from tests.runs.loads import MAIL, PLAN, held
from tests.transport.servers import Asked, Said, Server, serving

CSV = "mail;plan\nzoë@x.de;gold\n".encode("cp1252")
SECRET = "hush-hush"  # noqa: S105 - of nobody


def excel() -> bytes:
    file = io.BytesIO()
    pl.DataFrame({"mail": ["ann@x.de"], "plan": ["gold"]}).write_excel(file)
    return file.getvalue()


def parquet() -> bytes:
    file = io.BytesIO()
    pl.DataFrame({"mail": ["ann@x.de"], "plan": ["gold"]}).write_parquet(file)
    return file.getvalue()


Web = Callable[..., Server]


@pytest.fixture
def https(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """Starts servers that speak https, with certificates that this process trusts."""
    authority = trustme.CA()
    (tmp_path / "ca").mkdir()
    authority.cert_pem.write_to_path(tmp_path / "ca" / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca" / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    opened = []

    def start(answer: Callable[[Asked], Said]) -> Server:
        opened.append(serving(answer, context))
        return opened[-1].__enter__()

    yield start
    for each in opened:
        each.__exit__(None, None, None)


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        ("/crm.csv", CSV, {}),
        ("/crm.csv?token=hush-hush", CSV, {"content-type": "application/octet-stream"}),
        ("/export", CSV, {"content-type": "text/csv; charset=utf-8"}),
        ("/export.php", CSV, {"content-disposition": "attachment; filename=crm.csv"}),
        ("/export", b'[{"mail": "zo\xc3\xab@x.de", "plan": "gold"}]', {"content-type": "application/json"}),
        ("/crm.csv.gz", gzip.compress(CSV, mtime=0), {}),
        ("/crm.csv.gz", gzip.compress(CSV, mtime=0), {"content-encoding": "gzip", "content-type": "text/csv"}),
        ("/crm.csv", gzip.compress(CSV, mtime=0), {"content-encoding": "gzip"}),
        ("/crm%20(1).CSV", CSV, {}),
    ],
    ids=range(9),
)
def test_a_file_is_what_its_name_or_its_type_says(
    ws: cdpkit.Workspace, https: Web, path: str, body: bytes, headers: dict[str, str]
) -> None:
    """By the server's name for it, the end of the address, or the type, in this order."""
    server = https(lambda _: Said(body=body, headers=headers))
    run = ws.load(f"{server.url}{path}", MAIL, PLAN)
    assert held(ws, "email", "plan") == {"zoë@x.de": "gold"}
    [read] = run.details["inputs"]
    assert read["path"] == f"{server.url}{path.partition('?')[0]}"
    assert SECRET not in repr(run.details) + run.report()
    assert not [path for path in (ws.path / "runs").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("name", "body"), [("crm.xlsx", excel()), ("crm.parquet", parquet())], ids=["excel", "parquet"]
)
def test_other_formats_are_fetched_too(ws: cdpkit.Workspace, https: Web, name: str, body: bytes) -> None:
    """A preview keeps what it needs, and lets go of it."""
    server = https(lambda _: Said(body=body))
    preview = ws.preview_load(f"{server.url}/{name}", MAIL, PLAN)
    assert ws.load(preview=preview).counters["created"] == 1
    assert len(server.asked) == 1


def test_a_user_of_an_address_is_told_to_its_server_and_in_no_message(ws: cdpkit.Workspace, https: Web) -> None:
    """Nor in the history."""
    server = https(lambda asked: Said(body=CSV) if "authorization" in asked.headers else Said(status=401))
    address = server.url.replace("https://", "https://ann:hush-hush@")
    run = ws.load(f"{address}/crm.csv", MAIL, PLAN)
    assert run.details["inputs"][0]["path"] == f"{server.url}/crm.csv"
    with pytest.raises(CredentialsError, match="wants a login") as caught:
        ws.load(f"{server.url}/crm.csv?key=hush-hush", MAIL, PLAN)
    assert SECRET not in f"{run.details}{ws.runs['details'].to_list()}{caught.value}"


def test_an_address_leads_on_under_encryption_alone(ws: cdpkit.Workspace, https: Web) -> None:
    """The name of the first address is as good as that of the last one."""
    with serving(lambda _: Said(body=CSV)) as clear:
        paths = {"/crm.csv": "/42", "/42": None, "/bad.csv": f"{clear.url}/x.csv", "/round.csv": "/round.csv"}

        def answer(asked: Asked) -> Said:
            to = paths[asked.path]
            return Said(body=CSV) if to is None else Said(302, headers={"location": to})

        server = https(answer)
        assert ws.load(f"{server.url}/crm.csv", MAIL, PLAN).counters["created"] == 1
        with pytest.raises(RemoteError, match="does not begin with https://"):
            ws.load(f"{server.url}/bad.csv", MAIL, PLAN)
        with pytest.raises(RemoteError, match="without an end"):
            ws.load(f"{server.url}/round.csv", MAIL, PLAN)
        assert clear.asked == []


def test_http_is_for_this_machine(ws: cdpkit.Workspace) -> None:
    """Of another one it has to be allowed, by the option that the message names."""
    with serving(lambda _: Said(body=CSV)) as server:
        found = ws.peek(f"{server.url}/crm.csv")
        assert (found.rows, found.read["encoding"]) == (1, "cp1252")
        other = server.url.replace("127.0.0.1", "0.0.0.0")  # noqa: S104 - leads here too
        found = ws.peek(f"{other}/crm.csv", read={"allow_http": True})
        assert (found.rows, found.read["allow_http"]) == (1, True)
    with pytest.raises(ConfigurationError, match=r"read=\{'allow_http': True\}") as caught:
        ws.load("http://crm.invalid/x.csv", MAIL)
    assert str(caught.value).startswith("http://crm.invalid/x.csv is an http address of another machine")
    with pytest.raises(ConfigurationError, match="'allow_http' is for addresses"):
        ws.load("crm.csv", MAIL, read={"allow_http": True})


@pytest.mark.parametrize(
    ("said", "kind", "message"),
    [
        (
            Said(404),
            SourceError,
            r"nothing is there: GET https://127\.0\.0\.1:\d+/crm\.csv was answered with status 404",
        ),
        (
            Said(200, b"<!doctype html><p>Log in", {"content-type": "text/html"}),
            SourceError,
            "a web page, perhaps of a",
        ),
        (Said(200, b""), SourceError, r"https://127\.0\.0\.1:\d+/crm\.csv is empty"),
        (Said(200, b"PAR1"), SourceError, r"https://127\.0\.0\.1:\d+/crm\.csv "),
    ],
)
def test_what_cannot_be_read_is_said_of_the_address(
    ws: cdpkit.Workspace, https: Web, said: Said, kind: type[Exception], message: str
) -> None:
    """And not of a file here that nobody knows."""
    server = https(lambda _: said)
    with pytest.raises(kind, match=message) as caught:
        ws.load(f"{server.url}/crm.csv", MAIL, PLAN)
    assert str(ws.path) not in str(caught.value)
    assert not [path for path in (ws.path / "runs").rglob("*") if path.is_file()]


def test_a_certificate_that_nobody_vouches_for_is_refused(
    ws: cdpkit.Workspace, https: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the first try."""
    server = https(lambda _: Said(body=CSV))
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(RemoteError, match=r"CERTIFICATE_VERIFY_FAILED.* tried once"):
        ws.load(f"{server.url}/crm.csv", MAIL, PLAN)


@pytest.mark.parametrize("address", ["gs://b/x.csv", "ftp://h/x.csv", "file:///x.csv"])
def test_other_addresses_are_named(address: str) -> None:
    """With those that are fetched."""
    with pytest.raises(SourceError, match=r"nothing is fetched from \w+:// addresses, but from https:// and s3://"):
        call_peek(address)


def call_peek(address: str) -> None:
    from cdpkit.runs.sources import read_source

    read_source(address)


def test_commands_take_addresses(ws: cdpkit.Workspace, https: Web) -> None:
    """As paths."""
    server = https(lambda _: Said(body=CSV))
    assert json_of(call("peek", f"{server.url}/crm.csv", "--json"))["rows"] == 1
    loaded = call("load", f"{server.url}/crm.csv", "--id", "mail=email", "--map", "plan", "-w", ws.path)
    assert loaded.exit_code == 0, loaded.output
    assert "read crm.csv as CSV, cp1252" in loaded.output
