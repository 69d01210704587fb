"""Fetching a file from a web address: where it leads, who is told what, and what the file is called."""

import pytest

from cdpkit.errors import CredentialsError, RemoteError, SourceError
from cdpkit.kit.downloads import Download, download, shown
from cdpkit.kit.effects import Reply
from tests.kit.served import calls, drive, script

CSV = {"content-type": "text/csv; charset=utf-8", "etag": '"7"'}


def fetched(url: str, *replies: Reply) -> tuple[Download, list[tuple[str, bool]]]:
    """What was fetched, and each address that was asked with whether the user was told there."""
    got, asked = drive(download(url, "0/x", "source"), script(*replies))
    return got, [(call.path, "authorization" in call.headers) for call in calls(asked)]


def led(to: str, status: int = 302) -> Reply:
    return Reply(status, {"location": to})


def test_a_user_is_told_to_its_own_server_alone() -> None:
    """The user and password of an address go with what stays there, and into no message."""
    got, asked = fetched(
        "https://ann:s%3Acret@a.example/x?sig=key",
        led("/y.csv"),
        led("https://b.example/z.csv?sig=key", 308),
        Reply(200, CSV),
    )
    assert asked == [
        ("https://a.example/x?sig=key", True),
        ("https://a.example/y.csv", True),
        ("https://b.example/z.csv?sig=key", False),
    ]
    assert got == Download("0/x", "https://b.example/z.csv", ("z.csv", "y.csv", "x"), "text/csv", mark='"7"')
    assert shown("HTTPS://ann:secret@A.example/x?sig=key#f") == "https://A.example/x"


def test_nothing_leads_out_of_encryption() -> None:
    """From https only to https; and not for ever."""
    with pytest.raises(RemoteError, match=r"GET https://a\.example/x leads to an address that does not begin with"):
        fetched("https://a.example/x?sig=key", led("http://a.example/x"))
    with pytest.raises(RemoteError, match="from address to address without an end"):
        fetched("https://a.example/x", *[led("/x")] * 10)


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ('attachment; filename="customers.csv"', ("customers.csv", "export")),
        ("attachment; filename*=UTF-8''k%C3%BCnden.csv", ("künden.csv", "export")),
        ('attachment; filename="../../etc/passwd"', ("passwd", "export")),
        ('attachment; filename="c:\\\\x\\\\crm.csv"', ("crm.csv", "export")),
        ("inline", ("export",)),
        ("", ("export",)),
    ],
)
def test_a_server_may_name_a_file(told: str, names: tuple[str, ...]) -> None:
    """In front of the end of its address; folders in it are left out."""
    got, _ = fetched("https://a.example/export?id=1", Reply(200, {**CSV, "content-disposition": told}))
    assert got.names == names


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (404, SourceError, r"nothing is there: GET https://a\.example/x was answered with status 404"),
        (403, CredentialsError, "it wants a login, or its link has expired"),
        (418, RemoteError, "was refused with status 418"),
        (204, RemoteError, "was refused with status 204"),
    ],
)
def test_a_refusal_says_what_to_do(status: int, kind: type[Exception], said: str) -> None:
    """By its status; nothing of a query or user is said."""
    with pytest.raises(kind, match=said) as caught:
        fetched("https://ann:secret@a.example/x?sig=key", Reply(status, what="GET https://a.example/x"))
    assert "secret" not in str(caught.value)
    assert "key" not in str(caught.value)
