"""Objects that an `s3://` address names, whose key may be a glob as that of paths."""

from dataclasses import dataclass, field
from typing import Final, NoReturn

from cdpkit.errors import ConfigurationError, CredentialsError, RemoteError, SourceError
from cdpkit.kit.buckets import GetObject, ListObjects, code_of, keys_below
from cdpkit.kit.effects import Effects, Reply
from cdpkit.kit.globs import fitting, is_glob, natural, start_of
from cdpkit.problem import nearest_first

_NEAR: Final = 20
_OK, _REFUSED, _NOTHING = 200, frozenset({401, 403}), 404


@dataclass(frozen=True, slots=True)
class Found:
    """An object.

    Attributes:
        bucket: Its bucket.
        key: Its key.
    """

    bucket: str
    key: str = field(repr=False)

    @property
    def address(self) -> str:
        """Its whole address."""
        return f"s3://{self.bucket}/{self.key}"


def objects_at(address: str, limit: str) -> Effects[tuple[Found, ...]]:
    """The objects that an address names: one, or all that fit a glob, `part-2` before `part-10`.

    `*` and `?` stand for what is between slashes, `**` for that with slashes; an object of just that key comes first.

    Raises:
        SourceError: There are none; names some of those that there are.
        CredentialsError: The bucket is not shown to these keys.
        RemoteError: It cannot be read for another reason.
    """
    bucket, _, key = address.partition("://")[2].partition("/")
    if key and not is_glob(key):
        return (Found(bucket, key),)
    prefix = start_of(key)
    listed = yield from keys_below(ListObjects(limit=limit, bucket=bucket, prefix=prefix))
    if isinstance(listed, Reply):
        _refuse(listed, bucket)
    keys = [each["key"] for each in listed if not each["key"].endswith("/")]
    fits = fitting(key)
    found = [key] if key in keys else sorted((each for each in keys if fits.match(each)), key=natural)
    if not found:
        near = ", ".join(nearest_first(key, sorted(keys))[:_NEAR])
        raise SourceError(f"no object {address!r}; below {prefix!r} the bucket has: {near or 'nothing'}")
    return tuple(Found(bucket, each) for each in found)


def get_object(found: Found, page: str, limit: str) -> Effects[Reply]:
    """Fetch an object into a page.

    Raises:
        SourceError: There is none; names some of those beside it.
        CredentialsError: It is not shown to these keys.
        RemoteError: It cannot be read for another reason.
    """
    reply: Reply = yield GetObject(limit=limit, bucket=found.bucket, key=found.key, page=page)
    if reply.status == _OK:
        return reply
    if reply.status != _NOTHING or code_of(reply) == "NoSuchBucket":
        _refuse(reply, found.bucket)
    folder = found.key.rpartition("/")[0]
    prefix = f"{folder}/" if folder else ""
    beside = yield from keys_below(ListObjects(limit=limit, bucket=found.bucket, prefix=prefix))
    keys = [] if isinstance(beside, Reply) else [each["key"] for each in beside]
    if any(key.startswith(f"{found.key}/") for key in keys):
        raise SourceError(f"{found.address!r} is a folder; name its objects, such as '{found.address}/*.csv'")
    near = ", ".join(nearest_first(found.key, sorted(keys))[:_NEAR])
    raise SourceError(f"no object {found.address!r}; beside it there are: {near or 'none'}")


def _refuse(reply: Reply, bucket: str) -> NoReturn:
    code = code_of(reply)
    if code == "NoSuchBucket":
        raise SourceError(f"there is no bucket {bucket!r}; check its name, and AWS_ENDPOINT_URL if it is not Amazon's")
    if code == "InvalidBucketName":
        raise SourceError(f"no bucket can be called {bucket!r}; write s3://bucket/key")
    if reply.status in _REFUSED or code in {"ExpiredToken", "InvalidToken"}:
        raise CredentialsError(
            f"{reply.what} was refused ({code}): these keys may not read it, or have expired; look at "
            "AWS_ACCESS_KEY_ID or AWS_PROFILE, and at the policy of the bucket"
        )
    if reply.status in {301, 307, 400}:
        raise ConfigurationError(f"{reply.what} was refused ({code}); set AWS_REGION to where the bucket is")
    raise RemoteError(f"{reply.what} was refused ({code}, status {reply.status})")
