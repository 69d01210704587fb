"""Files in folders of this machine: the calls that list, read and write them.

They are answered as those of `cdpkit.kit.buckets` are, so that whoever asks for files need not know where they lie.
"""

from dataclasses import dataclass, field

from cdpkit.kit.effects import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class _FolderCall(Call):
    """What calls to folders have in common.

    Attributes:
        folder: The folder; one that is not a whole path is looked for in the workspace.
    """

    folder: str
    repeatable: bool = True
    address: str = "address"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFiles(_FolderCall):
    """Ask which files there are in a folder and below it; the body is JSON with `objects`, and `next`, which is null.

    An object has `key` (its path in the folder, with slashes), `size`, `etag` (which changes when the file does),
    `modified` (when, as text that sorts) and `age` (the seconds since). Files and folders whose names begin with a dot
    are left out. Where there is no such folder the reply has status 404.

    Attributes:
        prefix: What their keys begin with.
        most: So many at most; None for all.
    """

    prefix: str = field(default="", repr=False)
    most: int | None = None

    @property
    def what(self) -> str:
        """The folder, for messages."""
        return f"LIST {self.folder}"

    @property
    def reads(self) -> bool:
        """See `Call`."""
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class GetFile(_FolderCall):
    """Read a file; the header `etag` tells of it. One that changes while it is read is answered with status 412.

    Attributes:
        key: Its path in the folder.
        etag: What it has to be like, as a list told it; another one is answered with status 412 too.
    """

    key: str = field(repr=False)
    etag: str | None = None

    @property
    def what(self) -> str:
        """The file, for messages; a name that may be a person's address is left out."""
        return f"GET {self.folder}/{'***' if '@' in self.key else self.key}"

    @property
    def reads(self) -> bool:
        """See `Call`."""
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class PutFile(_FolderCall):
    """Write a file, all of it and for good or none of it, in the place of one that is there.

    Attributes:
        key: Its path in the folder; folders that are missing are made.
        body: What is in it.
    """

    key: str = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def what(self) -> str:
        """The file, for messages; a name that may be a person's address is left out."""
        return f"PUT {self.folder}/{'***' if '@' in self.key else self.key}"
