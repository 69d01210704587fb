"""Objects in S3 buckets: the calls that read and write them, and what is read of the answers.

A call takes the place and the keys of the environment, as boto3 finds them (variables, profiles, roles), or an `Access`
that a vendor gave. Its `Reply` has the status that S3 answered with; a refusal's body is JSON with `code`, which is
S3's word for why.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pydantic import SecretStr

from cdpkit.kit.effects import Call, Effects, Reply
from cdpkit.kit.folders import ListFiles

PAGE = 1000
"""Most objects of an answer, as S3 has it (API reference, ListObjectsV2)."""


@dataclass(frozen=True, slots=True)
class Access:
    """Keys to a bucket, and where it is; what is None is taken from the environment.

    Attributes:
        key_id: The id of the access key.
        secret: The access key.
        token: The token of a session.
        region: Where the bucket is.
        endpoint: The address of a server that is not Amazon's.
    """

    key_id: SecretStr | None = None
    secret: SecretStr | None = None
    token: SecretStr | None = None
    region: str | None = None
    endpoint: str | None = None


ENVIRONMENT = Access()
"""All of it from the environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ObjectCall(Call):
    """What calls to buckets have in common: they may always be repeated.

    Attributes:
        bucket: The bucket.
        access: Keys and place.
    """

    bucket: str
    access: Access = field(default=ENVIRONMENT, repr=False)
    repeatable: bool = True
    address: str = "AWS_ENDPOINT_URL and AWS_REGION"


@dataclass(frozen=True, slots=True, kw_only=True)
class GetObject(_ObjectCall):
    """Read an object; the headers `etag`, `last-modified` and `content-type` tell of it.

    Attributes:
        key: Its key.
        etag: What it has to be like, as a list told it; another one is answered with status 412.
        packed: What it is, where it is to be unpacked on the way: an archive of texts, which become one text, one after
            the other. One that is damaged or meant to do harm raises `RemoteError`.
    """

    key: str = field(repr=False)
    etag: str | None = None
    packed: Literal["zip", "gzip"] | None = None

    @property
    def what(self) -> str:
        """The object, for messages; a key that may be a person's address is left out."""
        key = "***" if "@" in self.key else self.key
        return f"GET s3://{self.bucket}/{key}"

    @property
    def reads(self) -> bool:
        """See `Call`."""
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class PutObject(_ObjectCall):
    """Write an object in the place of one that is there; a large one goes in parts, and shows when all are there.

    Attributes:
        key: Its key.
        body: What is in it.
    """

    key: str = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def what(self) -> str:
        """The object, for messages; a key that may be a person's address is left out."""
        key = "***" if "@" in self.key else self.key
        return f"PUT s3://{self.bucket}/{key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListObjects(_ObjectCall):
    """Ask which objects there are, at most a thousand; the body is JSON with `objects` and `next`.

    An object has `key`, `size`, `etag`, and `modified` (when, as text that sorts).

    Attributes:
        prefix: What their keys begin with.
        after: The `next` of the answer before, which says where to go on.
    """

    prefix: str = field(default="", repr=False)
    after: str | None = field(default=None, repr=False)

    @property
    def what(self) -> str:
        """The bucket, for messages."""
        return f"LIST s3://{self.bucket}"

    @property
    def reads(self) -> bool:
        """See `Call`."""
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ListBuckets(Call):
    """Ask which buckets the keys can see; the body is JSON with `buckets`, their names.

    Attributes:
        access: Keys and place.
    """

    access: Access = field(default=ENVIRONMENT, repr=False)
    repeatable: bool = True
    address: str = "AWS_ENDPOINT_URL and AWS_REGION"

    @property
    def what(self) -> str:
        """See `Call`."""
        return "LIST buckets of S3"

    @property
    def reads(self) -> bool:
        """See `Call`."""
        return True


def keys_below(call: ListObjects | ListFiles) -> Effects[Reply | tuple[Mapping[str, Any], ...]]:
    """All objects, or files, whose keys begin with the prefix; the reply where it is a refusal."""
    found: list[Mapping[str, Any]] = []
    while True:
        reply: Reply = yield call
        if reply.status != 200:  # noqa: PLR2004 - the one status that lists have
            return reply
        told = reply.json()
        found += told["objects"]
        if told["next"] is None or isinstance(call, ListFiles):
            return tuple(found)
        call = replace(call, after=told["next"])


def code_of(reply: Reply) -> str:
    """S3's word for why it refused, such as `NoSuchKey`."""
    return str(reply.json().get("code", reply.status))
