"""Where calls go, and how messages name them."""

import pytest

from cdpkit.errors import ConfigurationError
from cdpkit.kit.effects import Http
from cdpkit.transport.address import address, base_address, is_address, place
from cdpkit.transport.redact import mask

BASE = "https://api.example.com/v1"
BASES = {"base_url": BASE}


def get(path: str, *params: tuple[str, str]) -> Http:
    return Http(method="GET", path=path, limit="all", params=params)


@pytest.mark.parametrize("given", ["https://api.example.com/v1", "https://api.example.com/v1/", " " + BASE])
def test_a_base_address_is_taken_with_or_without_a_slash(given: str) -> None:
    """People write it both ways, and copy blanks with it."""
    assert base_address(given) == BASE


@pytest.mark.parametrize(
    "given",
    [
        "",
        "api.example.com",
        "ftp://example.com",
        "https://",
        "https://h:port",
        "https://[::1",
        "https://a.b/?key=s3cret",
        f"https://{'a' * 64}.com",
        f"https://{'é' * 64}.com",
        f"https://{'abc.' * 64}com",
        "https://a..com",
        "https://.com",
        "https://a b.com",
    ],
)
def test_what_is_no_base_address_is_refused(given: str) -> None:
    """The message says what one looks like, and does not repeat what may hold a key."""
    with pytest.raises(ConfigurationError, match=r"such as https://api\.example\.com") as caught:
        base_address(given)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("host", ["a" * 63, "example.com.", "müller.de", "a_b.c", "127.0.0.1:8080", "[::1]:8080"])
def test_a_host_that_can_be_one_is_taken(host: str) -> None:
    """Also with a dot at its end, beyond ASCII, or as a number."""
    assert base_address(f"https://{host}") == f"https://{host}"


def test_a_base_address_holds_no_password() -> None:
    """Credentials belong into settings that are kept secret."""
    with pytest.raises(ConfigurationError, match="no user name, password or query") as caught:
        base_address("https://ada:s3cret@api.example.com")
    assert "s3cret" not in str(caught.value)


def test_a_path_is_below_the_base_address() -> None:
    """With or without a slash at its start; parameters are quoted and keep their order."""
    assert address(BASES, get("/lists", ("q", "a b&c"), ("q", "é"))) == f"{BASE}/lists?q=a%20b%26c&q=%C3%A9"
    assert address(BASES, get("lists")) == f"{BASE}/lists"


def test_a_whole_address_is_left_as_it_is() -> None:
    """Signed addresses work only unchanged; parameters join the query that is there."""
    signed = "https://files.example.com/x.zip?sig=a%2Fb"
    assert address(BASES, get(signed)) == signed
    assert address(BASES, get(signed, ("n", "1"))) == f"{signed}&n=1"


@pytest.mark.parametrize("given", ["http://[::1", "https://a..b/x", f"https://{'a' * 64}.com/x", "https://x:99999/y"])
def test_a_whole_address_that_can_be_none_is_known(given: str) -> None:
    """It comes from a vendor's answer, so it is told of rather than tried."""
    assert not is_address(given)
    assert is_address("https://files.example.com:8443/x?sig=a%2Fb")
    assert is_address("http://[::1]:8080/x")


def test_messages_name_a_call_without_its_query() -> None:
    """Nor do they name what may be a person's address, or a login within the address."""
    assert get("/lists?q=ada", ("r", "b")).what == "GET /lists"
    assert get("/users/ada@example.com/events").what == "GET /users/***/events"
    assert get("/users/ada%40example.com").what == "GET /users/***"
    assert get("https://u:p@files.example.com/x.zip?sig=1").what == "GET https://files.example.com/x.zip"


def test_messages_name_host_and_port() -> None:
    """The port is the scheme's where none is given."""
    assert place(BASES, get("/lists")) == "api.example.com:443"
    assert place(BASES, get("http://127.0.0.1:8080/x")) == "127.0.0.1:8080"
    assert place(BASES, get("http://files.example.com/x")) == "files.example.com:80"


def test_secrets_are_blotted_out() -> None:
    """The longer one first, so that nothing of it is left; the text is one short line."""
    assert mask("key abc and abcdef\nend", ["abc", "abcdef", ""]) == "key *** and *** end"
    assert len(mask("x" * 1000, [])) == 200
