"""What those work with that carry calls of one kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

from cdpkit.kit.effects import Call
from cdpkit.place import Place
from cdpkit.transport.attempt import Answer, Attempt, Failure

C_contra = TypeVar("C_contra", bound=Call, contravariant=True)


@dataclass(frozen=True, slots=True)
class Caps:
    """How large answers may be, in bytes.

    Attributes:
        memory: An answer that is held.
        page: An answer that is stored.
        free: Of the disk, what no page may take.
        look: The disk is looked at each time so many bytes were stored.
    """

    memory: int = 64_000_000
    page: int = 20_000_000_000
    free: int = 50_000_000
    look: int = 64_000_000


CAPS: Final = Caps()


@dataclass(frozen=True, slots=True)
class Means:
    """What a carrier is opened with.

    Attributes:
        addresses: Where calls go, by the name of the setting that says so.
        folder: Where pages are stored; made when the first one comes.
        caps: How large answers may be.
        room: How many bytes can still be stored there; None for what the folder says itself.
        allow_http: Whether calls may go to other machines without encryption.
        secrets: What is blotted out where a vendor refuses a call and repeats it.
        workspace: Where paths of files begin that are no whole ones; None where there is no workspace.
    """

    addresses: Mapping[str, str] = field(repr=False)
    folder: Place
    caps: Caps = CAPS
    room: Callable[[], int] | None = None
    allow_http: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)
    workspace: Place | None = None

    def free(self) -> int:
        """How many bytes can still be stored."""
        return self.folder.room() if self.room is None else self.room()


class Carrier(Protocol[C_contra]):
    """What makes calls of one kind, in whichever thread it is asked to."""

    def send(self, call: C_contra, attempt: Attempt) -> Answer | Failure:
        """Make the call and wait for its answer; whatever goes wrong is a value."""
        ...

    def close(self) -> None:
        """Let go of connections; no call follows."""
        ...


class Opener(Protocol):
    """What makes a carrier ready, without talking to anybody yet."""

    def __call__(self, means: Means) -> Carrier[Any]:
        """A carrier that works with these means.

        Raises:
            ConfigurationError: Something that it needs does not fit.
        """
        ...
