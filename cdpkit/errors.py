"""Every error of the package, grouped by what the caller must do.

```
CdpkitError
├── ConfigurationError      mend the call, the settings or the source, then repeat
│   ├── UnknownNameError    a name that does not exist; the message lists those that do
│   ├── SourceError         a source that cannot be read as it is
│   └── CredentialsError    a key or login that the vendor does not take
├── RemoteError             look at the vendor: it refused, or answered what cannot be read
│   ├── UnavailableError    repeat later: it cannot be reached, or is too busy
│   └── InDoubtError        no answer came, and the call may have been carried out: look before repeating it
├── WorkspaceError          look at the folder: none there, made by a newer version, or damaged
│   └── StoreError          look at the disk: it cannot be read or written
│       └── NoRoomError     free some of it, then repeat
├── ConflictError           repeat: somebody else committed or is still at work
│   └── ChangedError        what was to be changed is no longer as it was read: look at both, then repeat
├── GuardError              look at the preview: a run would take away more than its guards let it
└── RunFailedError          look at the run: what `raise_for_state` raises
```

Messages name keys, columns and places, never a person's value.
"""

from collections.abc import Iterable, Mapping
from traceback import format_exception
from types import TracebackType
from typing import Any

from cdpkit.problem import Problem, unknown
from cdpkit.show.cells import visible

_RED, _PLAIN = "\x1b[31m", "\x1b[0m"


class CdpkitError(Exception):
    """Base of all errors that the package raises on purpose; control characters in a message are shown escaped.

    A notebook shows what it says, which is how to mend it, and where it was raised when it is asked with `%tb`.
    """

    _shown: TracebackType | None = None

    def __str__(self) -> str:
        """The message, which may have lines."""
        return visible(super().__str__(), keep="\n\t")

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: the message, and all of it when it is shown once more as it was raised."""
        before, self._shown = self._shown, self.__traceback__
        if before is not None and before is self.__traceback__:
            return "".join(format_exception(self)).splitlines()
        return [f"{_RED}{type(self).__name__}{_PLAIN}: {self}", "", "Where it was raised: %tb"]


class ConfigurationError(CdpkitError, ValueError):
    """The call, a settings file or the source does not fit; the message says how to mend it.

    Attributes:
        problems: What has to be mended, one by one; none where the message is one plain text that says all.
    """

    def __init__(self, said: str, problems: Iterable[Problem] = ()) -> None:
        self.problems = tuple(problems)
        super().__init__(_listed(said, self.problems))


class UnknownNameError(ConfigurationError, KeyError):
    """A name that does not exist; the message ends with the names that do.

    Attributes:
        kind: What the name was to name, such as `goal`.
        name: The name.
        existing: Those that exist.
        fix: What else to do than to correct the name, such as `add it with ws.objectives.add(name)`; or empty.
    """

    def __init__(self, kind: str, name: str, existing: Iterable[str], fix: str = "") -> None:
        self.kind, self.name, self.existing, self.fix = kind, name, tuple(sorted(existing)), fix
        super().__init__("", [unknown("", kind, name, self.existing, fix)])

    def __str__(self) -> str:
        return str(self.problems[0])


class SourceError(ConfigurationError):
    """A source (file, frame, glob) cannot be read as it is."""


class CredentialsError(ConfigurationError):
    """The vendor does not take the key or login; the message says what to look at."""


class RemoteError(CdpkitError):
    """A vendor refused a call, or answered with something that cannot be read."""


class UnavailableError(RemoteError):
    """A vendor cannot be reached, or kept answering that it is too busy; repeat later."""


class InDoubtError(RemoteError):
    """No answer came to a call that must not be made twice; it may have been carried out."""


class GuardError(CdpkitError):
    """More would be changed than the guards of a goal or a workspace let pass; nothing was stored or sent."""


class WorkspaceError(CdpkitError):
    """The folder is no workspace, was written by a newer version, or is damaged."""


class StoreError(WorkspaceError):
    """The disk, or who may do what there, does not let the workspace be read or written."""


class NoRoomError(StoreError):
    """No space is left on the disk; what a failed attempt had written is removed."""


class ConflictError(CdpkitError):
    """Somebody else committed since, or is still at work; repeat the call."""


class ChangedError(ConflictError):
    """What was to be changed is no longer as whoever changes it has read it; nothing was written.

    Attributes:
        expected: What it was when it was read, by key.
        found: What it is now, by key; None where it is gone.
    """

    def __init__(self, what: str, expected: Mapping[str, Any], found: Mapping[str, Any] | None) -> None:
        self.expected, self.found = expected, found
        if found is None:
            said = f"{what} is gone since it was read; look at what there is, then decide"
        else:
            keys = [key for key in {**expected, **found} if expected.get(key) != found.get(key)]
            said = f"{what} was changed since it was read: {', '.join(keys)}; look at both, then repeat the change"
        super().__init__(said)


class RunFailedError(CdpkitError):
    """Raised by `Run.raise_for_state` when a run did not succeed."""


class Stopped(KeyboardInterrupt):
    """An interrupt by the user, with what it leaves; a notebook shows its sentence in the place of a traceback."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows."""
        return [str(self)]


def refuse(said: str, problems: Iterable[Problem]) -> None:
    """Raise where there are problems.

    Args:
        said: What they are problems of, such as `the load does not fit`; may be empty.
        problems: All of them.

    Raises:
        ConfigurationError: Lists them all.
    """
    found = tuple(problems)
    if found:
        raise ConfigurationError(said, found)


def problems_of(error: CdpkitError, where: str, fix: str) -> list[Problem]:
    """What has to be mended before an error no longer comes.

    Args:
        error: The error.
        where: Where it came up, for what does not say so itself.
        fix: What to do where the error's message is all that is known.
    """
    if isinstance(error, ConfigurationError) and error.problems:
        return [problem if problem.where else problem.inside(where) for problem in error.problems]
    return [Problem(where, str(error), fix)]


def _listed(said: str, problems: tuple[Problem, ...]) -> str:
    """One problem stands behind the headline, several stand below it, each in a line."""
    if len(problems) < 2:  # noqa: PLR2004 - one is no list
        return ": ".join(filter(None, [said, *map(str, problems)]))
    return "\n- ".join([f"{said}:" if said else "there are several problems:", *map(str, problems)])
