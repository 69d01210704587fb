"""What every part of the form of a connection works on."""

import hashlib
from collections.abc import Mapping
from typing import Any

from cdpkit import vendors
from cdpkit.config.secrets import keep_secret
from cdpkit.face.desk import Desk
from cdpkit.face.forms.connection import ConnectionForm, read_form
from cdpkit.kit.vendor import Vendor
from cdpkit.runs.home import Home
from cdpkit.workspace.connection import Connection, home_of
from cdpkit.workspace.discovered import Discovered


class OfConnection(Desk):
    """The state that the parts share.

    Attributes:
        conn: The connection.
        home: Its workspace.
        vendor: Its vendor.
        form: What was filled in.
        found: What the vendor had when it was asked; None before.
    """

    def __init__(self, conn: Connection) -> None:
        super().__init__()
        self.conn = conn
        self.home: Home = home_of(conn)
        saved = conn.file.read()
        self.vendor: Vendor = vendors.get(saved.vendor)
        self.form: ConnectionForm = read_form(saved)
        self.found: Discovered | None = None

    def keep(self, name: str, secret: str) -> str:
        """Keep a secret of this connection; returns the reference to it."""
        where = hashlib.sha256(str(self.home.root).encode()).hexdigest()[:8]  # two workspaces may have one name
        return keep_secret(f"cdpkit-{self.conn.name}-{where}", name, secret)

    def forget_problems(self) -> None:
        """Have problems told anew: what they are told from has changed."""

    def finished(self, message: Mapping[str, Any]) -> None:
        """Something that took long has ended."""
