"""Logging a connection in by its vendor's page, and forgetting that again; no terminal is needed for it."""

from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from cdpkit.config.connections import ConnectionSettings
from cdpkit.config.token_file import TokenFile, forget
from cdpkit.config.vendor_settings import resolve_settings
from cdpkit.errors import ConfigurationError, refuse
from cdpkit.kit.auth import Consent
from cdpkit.kit.vendor import Vendor
from cdpkit.runs.home import Home
from cdpkit.runs.session import driver_for, read_connection
from cdpkit.transport.loopback import Loopback

PATIENCE = 300.0
"""Seconds for which a person is waited for who logs in."""


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """A login that waits for a person at the vendor's page; a context manager. The repr shows nothing that is secret.

    Attributes:
        address: The page, to be opened in a browser of this machine.
        redirect: Where the page sends the browser back to; the vendor may want to know it beforehand.
        title: The vendor, as people call it.
    """

    address: str = field(repr=False)
    redirect: str
    title: str
    _home: Home = field(repr=False)
    _name: str
    _read: tuple[ConnectionSettings, Vendor] = field(repr=False)
    _consent: Consent = field(repr=False)
    _loopback: Loopback = field(repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End it, also from another thread; what was kept before stays."""
        self._loopback.close()

    def finish(self, timeout: float = PATIENCE) -> None:
        """Wait until the person has come back, keep the token, and look whether the vendor takes it.

        Args:
            timeout: Seconds after which it is given up.

        Raises:
            CredentialsError: The person said no, or the vendor does not take the login.
            UnavailableError: Nobody came back in time, or the login was ended.
            WorkspaceError: The token cannot be kept.
        """
        code = self._loopback.code(self.title, timeout)
        connection, vendor = self._read
        driver, settings = driver_for(self._home, self._name, connection, vendor)
        with driver:
            token = driver.run(self._consent.exchange(settings, code, self.redirect))
            TokenFile(self._home.root, self._name, vendor.name).save(token.kept)
            driver.run(vendor.check(settings))


def begin_login(home: Home, name: str, *, port: int | None = None) -> PendingLogin:
    """Begin to log a connection in.

    Args:
        home: The workspace.
        name: The connection.
        port: Where the browser is sent back to on this machine; None for what the settings say, or a free one.

    Raises:
        UnknownNameError: There is no such connection.
        ConfigurationError: Its vendor has no such login, a setting does not fit, or the port is taken.
    """
    connection, vendor = read_connection(home, name)
    consent = None if vendor.auth is None else vendor.auth.consent
    if consent is None:
        raise ConfigurationError(
            f"nobody logs in to {vendor.title} by a page; conn.check() tells whether its settings are taken"
        )
    settings = resolve_settings(vendor.settings, connection.settings, home.root.nearby)
    refuse("", consent.problems(settings))
    loopback = Loopback(consent.port(settings) if port is None else port)
    page = consent.page(settings, loopback.address, loopback.state)
    return PendingLogin(page, loopback.address, vendor.title, home, name, (connection, vendor), consent, loopback)


def forget_login(home: Home, name: str) -> None:
    """Forget the token of a connection, so that somebody has to log in again.

    Raises:
        UnknownNameError: There is no such connection.
    """
    read_connection(home, name)
    forget(home.root, name)
