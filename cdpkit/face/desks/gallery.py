"""The connections of a workspace: those that there are, vendors for new ones, and the form of one of them."""

from collections.abc import Mapping
from typing import Any

from cdpkit.errors import ConfigurationError
from cdpkit.face.desk import Desk, Drawn, answers, heard
from cdpkit.face.desks.connection import ConnectionDesk
from cdpkit.workspace.workspace import Workspace


class GalleryDesk(Desk):
    """What is chosen among connections; the messages of the form that is open go to that form."""

    def __init__(self, ws: Workspace) -> None:
        super().__init__()
        self._ws = ws
        self._open: ConnectionDesk | None = None
        self._adding = False

    def view(self) -> Drawn:
        """See `Desk`."""
        if self._open is not None:
            return {"connection": self._open.drawn()}
        return {
            "connections": self._lines(),
            "adding": self._adding,
            "vendors": self._vendors() if self._adding else [],
        }

    def carry_out(self, given: dict[str, Any]) -> None:
        """See `Desk`."""
        if self._open is None or given.get("do") in ("back", "edit"):
            super().carry_out(given)
        else:
            self._open.carry_out(given)

    @heard
    def edit(self, name: str) -> None:
        """Open the form of a connection."""
        desk = ConnectionDesk(self._ws.connections[name])
        desk.within(self)
        self._open = desk
        desk.join(lambda _: self._shown(desk), lambda message: self._said(desk, message))

    @heard
    def back(self) -> None:
        """Show all connections."""
        if self._open is not None and self._open.work.at_work:
            raise ConfigurationError("something is at work in this connection; stop it first, or wait for its end")
        self._open = None

    @heard
    def gallery(self, adding: bool) -> None:
        """Show the vendors, or no longer."""
        self._adding = adding

    @heard
    def favorite(self, name: str, favorite: bool) -> None:
        """Show a connection first, or no longer."""
        self._ws.connections[name].change(favorite=favorite)

    @heard
    def connect(self, vendor: str) -> None:
        """Make a connection to a vendor, switched off until it is set up, and open its form."""
        taken = {name.casefold() for name in self._ws.connections}
        names = [vendor, *(f"{vendor}-{number}" for number in range(2, len(taken) + 3))]
        name = next(each for each in names if each not in taken)
        self._ws.connections.add(vendor, name).enable(enabled=False)
        self._adding = False
        self.edit(name)

    @answers
    def refresh(self) -> None:
        """Read the folder again."""
        self._changed()

    def _shown(self, desk: ConnectionDesk) -> None:
        if self._open is desk:
            self._changed()

    def _said(self, desk: ConnectionDesk, message: Mapping[str, Any]) -> None:
        if self._open is desk:
            self.say(message)

    def _lines(self) -> list[Drawn]:
        last = {run["name"]: run for run in self._ws.runs.iter_rows(named=True)}
        lines, titles = self._ws.connections.frame().to_dicts(), {e.name: e.title for e in self._ws.gallery.values()}
        for line in lines:
            line["vendor"] = titles.get(line["vendor"], line["vendor"])
            run = last.get(line["name"])
            line["last"] = (
                "" if run is None else f"{run['state'].replace('_', ' ')}, {run['started_at']:%Y-%m-%d %H:%M}"
            )
        return lines

    def _vendors(self) -> list[Drawn]:
        return [
            {
                "name": entry.name,
                "title": entry.title,
                "help": entry.help,
                "directions": list(entry.directions),
                "missing": entry.missing,
            }
            for entry in self._ws.gallery.values()
        ]
