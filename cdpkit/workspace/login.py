"""Logging in from a terminal or a notebook: the page is named, and opened where there is a browser to see it in."""

import webbrowser
from contextlib import suppress

from cdpkit.runs.home import Home
from cdpkit.runs.login import begin_login
from cdpkit.runs.stopping import stopping
from cdpkit.transport.silence import aloud


def log_in(home: Home, name: str, *, port: int | None, timeout: float, browser: bool) -> None:
    """Log a connection in.

    Args:
        home: The workspace.
        name: The connection.
        port: As of `begin_login`.
        timeout: Seconds for which a person is waited for.
        browser: Open the page in a browser.

    Raises:
        CdpkitError: See `begin_login`, and `PendingLogin.finish`.
    """
    with stopping("nobody was logged in, and what was kept before stays"):
        with begin_login(home, name, port=port) as pending:
            aloud(f"log in to {pending.title} in a browser of this machine, at {pending.address}")
            aloud(f"the browser comes back to {pending.redirect}, which is waited for {timeout:g} seconds")
            if browser:
                _open(pending.address)
            pending.finish(timeout)
        aloud(f"connection {name!r} is logged in to {pending.title}")


def _open(address: str) -> None:
    """Open a page, unless only a browser could that takes over the terminal."""
    with suppress(webbrowser.Error):
        found = webbrowser.get()
        if type(found) is not webbrowser.GenericBrowser:
            found.open(address)
