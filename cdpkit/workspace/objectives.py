"""Objectives: what people consent to."""

from collections.abc import Iterator, Mapping

import tomlkit

from cdpkit.config.settings import Document, ObjectiveSettings
from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.runs.home import Home


class Objectives(Mapping[str, ObjectiveSettings]):
    """All objectives by name; a mapping that reads the settings each time."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def define(self, name: str, needs_consent: bool = True, description: str = "") -> ObjectiveSettings:
        """Define an objective, or define it anew.

        Args:
            name: As `consented_objectives` and `refused_objectives` of profiles have it.
            needs_consent: Whether a profile has to consent; one that needs none is satisfied for everyone.
            description: For people.

        Raises:
            ConfigurationError: The name is empty.
        """
        if not name.strip():
            raise ConfigurationError("an objective needs a name")

        def edit(document: Document) -> None:
            if "objectives" not in document:
                document.append("objectives", tomlkit.table())
            values = {"needs_consent": needs_consent, **({"description": description} if description else {})}
            document["objectives"][name] = values

        self._home.settings.edit(edit)
        return self[name]

    def remove(self, name: str) -> None:
        """Forget an objective.

        Raises:
            UnknownNameError: No such objective.
        """
        self[name]

        def edit(document: Document) -> None:
            del document["objectives"][name]

        self._home.settings.edit(edit)

    def __getitem__(self, name: str) -> ObjectiveSettings:
        known = self._home.settings.read().objectives
        if name not in known:
            raise UnknownNameError("objective", name, known, "define it with ws.objectives.define(name)")
        return known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._home.settings.read().objectives)

    def __len__(self) -> int:
        return len(self._home.settings.read().objectives)
