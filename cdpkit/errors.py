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
├── ConflictError           repeat: somebody else committed or is still at work
└── RunFailedError          look at the run: what `raise_for_state` raises
```

Messages name keys, columns and places, never a person's value.
"""

from collections.abc import Iterable


class CdpkitError(Exception):
    """Base of all errors that the package raises on purpose."""


class ConfigurationError(CdpkitError, ValueError):
    """The call, a settings file or the source does not fit; the message says how to mend it."""


class UnknownNameError(ConfigurationError, KeyError):
    """A name that does not exist; the message ends with the names that do."""

    def __init__(self, kind: str, name: str, existing: Iterable[str], fix: str = "") -> None:
        names = ", ".join(sorted(existing)) or "none yet"
        self.message = f"no {kind} {name!r}; there are: {names}." + (f" {fix}" if fix else "")
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message


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


class WorkspaceError(CdpkitError):
    """The folder is no workspace, was written by a newer version, or is damaged."""


class ConflictError(CdpkitError):
    """Somebody else committed since, or is still at work; repeat the call."""


class RunFailedError(CdpkitError):
    """Raised by `Run.raise_for_state` when a run did not succeed."""
