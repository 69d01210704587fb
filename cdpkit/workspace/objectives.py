"""Objectives: what people consent to."""

from collections.abc import Iterator

import polars as pl
import tomlkit

from cdpkit.config.settings import ObjectiveSettings
from cdpkit.config.settings_file import Document
from cdpkit.core.names import check_name
from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.runs.home import Home
from cdpkit.runs.statistics import objective_counts
from cdpkit.show.face import Faced
from cdpkit.show.text import counted
from cdpkit.show.told import Told, told
from cdpkit.workspace.catalogue import Catalogue

_FRAME = {"name": pl.String, "needs_consent": pl.Boolean, "description": pl.String}


class Objectives(Faced, Catalogue[ObjectiveSettings]):
    """All objectives by name; a mapping that reads the settings each time."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def add(self, name: str, needs_consent: bool = True, description: str = "") -> ObjectiveSettings:
        """Add an objective; adding the very same one again changes nothing.

        Args:
            name: As `consented_objectives` and `refused_objectives` of profiles have it.
            needs_consent: Whether a profile has to consent; one that needs none is satisfied for everyone.
            description: For people.

        Raises:
            ConfigurationError: The name is empty, or there is another objective of this name.
        """
        check_name("objective", name)
        wanted = ObjectiveSettings(needs_consent=needs_consent, description=description)

        def edit(document: Document) -> None:
            held = self.get(name)
            if held is not None and held != wanted:
                raise ConfigurationError(
                    f"there is an objective {name!r} already; change it with ws.objectives.change({name!r}, ...)"
                )
            if "objectives" not in document:
                document.append("objectives", tomlkit.table())
            if held is None:
                document["objectives"][name] = _values(wanted)

        self._home.settings.edit(edit)
        return self[name]

    def change(
        self, name: str, *, needs_consent: bool | None = None, description: str | None = None
    ) -> ObjectiveSettings:
        """Change whether an objective needs consent, or its description; what is left out stays.

        Raises:
            UnknownNameError: No such objective.
        """
        given = {"needs_consent": needs_consent, "description": description}
        self[name]

        def edit(document: Document) -> None:
            changed = self[name].model_copy(update={key: value for key, value in given.items() if value is not None})
            document["objectives"][name] = _values(changed)

        self._home.settings.edit(edit)
        return self[name]

    def define(self, name: str, needs_consent: bool = True, description: str = "") -> ObjectiveSettings:
        """Add an objective, or change the one of this name: for cells that run again with other values.

        Raises:
            ConfigurationError: The name is empty.
        """
        if name in self:
            return self.change(name, needs_consent=needs_consent, description=description)
        return self.add(name, needs_consent, description)

    def remove(self, name: str) -> None:
        """Forget an objective.

        Raises:
            UnknownNameError: No such objective.
        """
        self[name]

        def edit(document: Document) -> None:
            del document["objectives"][name]

        self._home.settings.edit(edit)

    def frame(self) -> pl.DataFrame:
        """`name`, `needs_consent`, `description`: one line an objective."""
        return pl.DataFrame(self._lines(), schema=_FRAME, orient="row")

    def counts(self) -> pl.DataFrame:
        """`name`, `consenting`, `profiles`: how many consent to each (a refusal wins), and how many profiles there are.

        Everybody counts as consenting to one that needs no consent only where they said so.
        """
        return objective_counts(self._home, list(self))

    def __getitem__(self, name: str) -> ObjectiveSettings:
        known = self._home.settings.read().objectives
        if name not in known:
            raise UnknownNameError("objective", name, known, f"add it with ws.objectives.add({name!r})")
        return known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._home.settings.read().objectives)

    def __len__(self) -> int:
        return len(self._home.settings.read().objectives)

    def _told(self) -> Told:
        return told(counted(len(self), "objective"), ("name", "needs consent", "description"), self._lines())

    def _lines(self) -> list[tuple[str, bool, str]]:
        known = self._home.settings.read().objectives
        return [(name, each.needs_consent, each.description) for name, each in known.items()]


def _values(objective: ObjectiveSettings) -> dict[str, object]:
    described = {"description": objective.description} if objective.description else {}
    return {"needs_consent": objective.needs_consent, **described}
