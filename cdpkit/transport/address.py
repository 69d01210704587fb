"""Where a call goes, and how messages name that place."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

from cdpkit.errors import ConfigurationError
from cdpkit.kit.effects import Http
from cdpkit.kit.kinds import CLEAR, ENCRYPT, in_the_clear

_LABEL, _HOST = 63, 253
"""Characters that a part of a host's name, and all of it, may have."""


def base_address(url: str, name: str = "base_url") -> str:
    """The address below which calls are made, without a slash at its end.

    Args:
        url: The address.
        name: The setting that holds it, for messages.

    Raises:
        ConfigurationError: It is no http address, or has more in it than scheme, host, port and path.
    """
    wrong = f"{name} is the address of a vendor's API, such as https://api.example.com"
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ConfigurationError(f"{wrong}; what is given is no address") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ConfigurationError(f"{wrong}; what is given does not begin with https:// and a host")
    if not _can_be(host):
        raise ConfigurationError(f"{wrong}; no machine can have the name of its host: correct it")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigurationError(f"{wrong}; no user name, password or query belongs into it: give them as settings")
    return url.strip().rstrip("/")


def _can_be(host: str) -> bool:
    """Whether a machine can have this name (RFC 1035, 2.3.4), or it is an address in version 6 of the protocol."""
    if ":" in host:
        return True
    try:
        written = host.removesuffix(".").encode("idna" if not host.isascii() else "ascii").decode("ascii")
    except UnicodeError:
        return False
    fits = all(0 < len(part) <= _LABEL for part in written.split("."))
    return fits and len(written) <= _HOST and written.isprintable() and " " not in written


def base_addresses(named: Mapping[str, str], *, allow_http: bool = False) -> dict[str, str]:
    """The addresses below which calls are made, by the settings that hold them; see `base_address`.

    Raises:
        ConfigurationError: See `base_address`; or one of another machine is not encrypted, and may not be used so.
    """
    found = {name: base_address(url, name) for name, url in named.items()}
    for name, url in found.items():
        if not allow_http and in_the_clear(url):
            raise ConfigurationError(f"{name} {CLEAR}; {ENCRYPT}")
    return found


def address(addresses: Mapping[str, str], http: Http) -> str:
    """The whole address of a call with its query; given are those below which calls are made, by their settings."""
    slash = "" if not http.path or http.path.startswith("/") else "/"
    url = http.path if http.whole else f"{addresses[http.address]}{slash}{http.path}"
    if not http.params:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(http.params, quote_via=quote)}"


def is_address(url: str) -> bool:
    """Whether a whole address, which a vendor gave, can be one."""
    try:
        parts = urlsplit(url)
        return parts.port != 0 and _can_be(parts.hostname or "")
    except ValueError:
        return False


def place(addresses: Mapping[str, str], http: Http) -> str:
    """Host and port of a call."""
    try:
        parts = urlsplit(address(addresses, http))
        return f"{parts.hostname}:{parts.port or (443 if parts.scheme.lower() == 'https' else 80)}"
    except ValueError:
        return "an address that is none"
