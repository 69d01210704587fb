"""Where files lie: a folder of this machine or a place in a bucket, which are asked alike."""

from dataclasses import dataclass
from typing import Any, NoReturn

from cdpkit.errors import ConfigurationError, CredentialsError, RemoteError, SourceError
from cdpkit.kit.buckets import ENVIRONMENT, Access, GetObject, ListObjects, PutObject, code_of
from cdpkit.kit.declare import Setting, Settings
from cdpkit.kit.effects import Reply
from cdpkit.kit.folders import GetFile, ListFiles, PutFile
from cdpkit.kit.kinds import Address, Number, Secret
from cdpkit.kit.vendor import Limit
from cdpkit.problem import Problem

OK, CHANGED, GONE = 200, 412, 404

FILES = "files"
"""The limit on which all calls draw."""

LIMITS = {FILES: Limit(100, 1.0, at_once=4, source="ours: what any server of buckets bears")}

SETTINGS = (
    Setting(
        "address",
        "Where the files lie: a folder, or s3://bucket/prefix; a path that is no whole one begins in the workspace",
        required=True,
        label="Folder or bucket",
    ),
    Setting(
        "s3_access_key_id",
        "The ID of the S3 access key; left out, keys are looked for where boto3 does",
        Secret(),
        label="S3 access key ID",
    ),
    Setting("s3_secret_access_key", "The S3 secret access key that belongs to it", Secret(), label="S3 secret key"),
    Setting("s3_region", "Where the bucket is, such as eu-west-1; left out, the environment tells", label="S3 region"),
    Setting("s3_endpoint", "The address of a server of buckets that is not Amazon's", Address(), label="S3 endpoint"),
    Setting(
        "settle",
        "A file of a folder that was written to less than so long ago is looked at again before it is read",
        Number("seconds", least=0),
        default=2.0,
        label="Wait before a file is read",
    ),
)

_SCHEME = "s3://"
_DENIED = frozenset({401, 403})
_KEYS = "s3_access_key_id and s3_secret_access_key, or the environment's"
_REGION = frozenset({301, 307, 400})


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where files lie.

    Attributes:
        address: As the settings have it.
        bucket: The bucket; None where it is a folder.
        prefix: What keys in the bucket begin with; files are known by the rest.
        access: Keys and place of the bucket.
    """

    address: str
    bucket: str | None
    prefix: str
    access: Access

    def listing(self, prefix: str, most: int | None = None) -> ListObjects | ListFiles:
        """The call that lists files whose names begin with a prefix; of a bucket, a thousand at a time."""
        if self.bucket is None:
            return ListFiles(limit=FILES, folder=self.address, prefix=prefix, most=most)
        return ListObjects(limit=FILES, bucket=self.bucket, prefix=self.prefix + prefix, **self._of_buckets())

    def getting(self, name: str, etag: str, page: str) -> GetObject | GetFile:
        """The call that stores a file as it was listed."""
        if self.bucket is None:
            return GetFile(limit=FILES, folder=self.address, key=name, etag=etag, page=page)
        key = self.prefix + name
        return GetObject(limit=FILES, bucket=self.bucket, key=key, etag=etag, page=page, **self._of_buckets())

    def putting(self, name: str, body: bytes) -> PutObject | PutFile:
        """The call that writes a file."""
        if self.bucket is None:
            return PutFile(limit=FILES, folder=self.address, key=name, body=body)
        return PutObject(limit=FILES, bucket=self.bucket, key=self.prefix + name, body=body, **self._of_buckets())

    def shown(self, name: str) -> str:
        """Where a file is, for people."""
        return f"{self.address.rstrip('/')}/{name}"

    def name_of(self, key: str) -> str:
        """By what a file is known that a list names."""
        return key.removeprefix(self.prefix)

    def refuse(self, reply: Reply) -> NoReturn:
        """Raise what a refusal means.

        Raises:
            SourceError: There is no such folder or bucket.
            CredentialsError: It is not shown to this user, or to these keys.
            ConfigurationError: The bucket is somewhere else.
            RemoteError: Anything else.
        """
        code = code_of(reply)
        if code in {"NoSuchFolder", "NoSuchBucket"}:
            what = "bucket" if self.bucket else "folder"
            place = f"settings.address: there is no {what} {self.bucket or self.address!r}"
            raise SourceError(f"{place}; correct the address, or make the {what}")
        if reply.status in _DENIED:
            who = f"these keys; look at {_KEYS}, and at the policy of the bucket" if self.bucket else "this user"
            raise CredentialsError("", [Problem("settings.address", f"is not open ({code})", f"open it to {who}")])
        if self.bucket and reply.status in _REGION:
            raise ConfigurationError(f"{reply.what} was refused ({code}); set s3_region to where the bucket is")
        raise RemoteError(f"{reply.what} was refused ({code}, status {reply.status})")

    def _of_buckets(self) -> dict[str, Any]:
        return {"access": self.access, "address": "s3_endpoint and s3_region"}


def shelf(settings: Settings) -> Shelf:
    """The place that settings name."""
    address = str(settings["address"]).strip()
    if address[: len(_SCHEME)].lower() != _SCHEME:
        return Shelf(address, None, "", ENVIRONMENT)
    bucket, _, prefix = address[len(_SCHEME) :].partition("/")
    prefix = prefix.strip("/")
    keys = (settings["s3_access_key_id"], settings["s3_secret_access_key"])
    access = Access(*keys, region=settings["s3_region"], endpoint=settings["s3_endpoint"] or None)
    return Shelf(address, bucket, f"{prefix}/" if prefix else "", ENVIRONMENT if access == ENVIRONMENT else access)


def problems(settings: Settings) -> list[Problem]:
    """What is wrong with the settings themselves."""
    found = []
    address = str(settings["address"]).strip()
    scheme, mark, rest = address.partition("://")
    if mark and (f"{scheme.lower()}{mark}" != _SCHEME or not rest.partition("/")[0]):
        what = "is neither a folder nor a place in a bucket"
        found.append(Problem("settings.address", what, "write a path, or s3://bucket/prefix"))
    one, other = "s3_access_key_id", "s3_secret_access_key"
    if (settings[one] is None) != (settings[other] is None):
        missing = one if settings[one] is None else other
        what = "an S3 access key has an ID and a secret, and one is missing"
        found.append(Problem(f"settings.{missing}", what, "give both"))
    return found
