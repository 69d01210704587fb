"""Where a call goes, and how messages name it."""

import re
from urllib.parse import quote, urlencode, urlsplit

from cdpkit.errors import ConfigurationError
from cdpkit.kit.effects import Http

WHOLE = re.compile(r"https?://", re.IGNORECASE)
PERSONAL = re.compile(r"@|%40", re.IGNORECASE)


def base_address(base_url: str) -> str:
    """The address below which calls are made, without a slash at its end.

    Raises:
        ConfigurationError: It is no http address, or has more in it than scheme, host, port and path.
    """
    wrong = "base_url is the address of the vendor's API, such as https://api.example.com"
    try:
        parts = urlsplit(base_url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ConfigurationError(f"{wrong}; what is given is no address") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ConfigurationError(f"{wrong}; what is given does not begin with https:// and a host")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigurationError(f"{wrong}; no user name, password or query belongs into it: give them as settings")
    return base_url.strip().rstrip("/")


def address(base: str, http: Http) -> str:
    """The whole address of a call with its query."""
    slash = "" if http.path.startswith("/") else "/"
    url = http.path if WHOLE.match(http.path) else f"{base}{slash}{http.path}"
    if not http.params:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(http.params, quote_via=quote)}"


def place(base: str, http: Http) -> str:
    """Host and port of a call."""
    try:
        parts = urlsplit(address(base, http))
        return f"{parts.hostname}:{parts.port or (443 if parts.scheme.lower() == 'https' else 80)}"
    except ValueError:
        return "an address that is none"


def name(http: Http) -> str:
    """A call for messages: method and path, no query, no part that may be a person's address."""
    path = re.split(r"[?#]", http.path, maxsplit=1)[0]
    whole = WHOLE.match(path)
    start = whole.end() if whole else 0
    parts = [*path[start:].split("/")]
    if whole:
        parts[0] = parts[0].rpartition("@")[2]
    return f"{http.method} {path[:start]}{'/'.join('***' if PERSONAL.search(part) else part for part in parts)}"
