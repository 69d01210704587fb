"""The objects of one bucket: every call to it that a workspace makes, and what its refusals mean.

Each call has a time-out and is made in the thread that asks, so that an interrupt works while a server hangs.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cdpkit.errors import CdpkitError, ConfigurationError, CredentialsError, StoreError, WorkspaceError
from cdpkit.place.buckets.clients import NO_KEYS, upload
from cdpkit.place.buckets.quiet import unheard
from cdpkit.place.shown import TakenError, UnsettledError

_PIECE, _LARGE = 1 << 20, 64 << 20
_MOST = 1000
"""Most objects that one call deletes."""
_NONE, _UNCHANGED, _TAKEN = 404, 304, frozenset({409, 412})
_FORBIDDEN = frozenset({401, 403})
_WRONG_KEYS = frozenset(
    {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired"}
)


class UnreachedError(StoreError):
    """The server of a bucket does not answer; what was asked may have been done."""


@dataclass(frozen=True, slots=True)
class Object:
    """What a bucket says of an object.

    Attributes:
        key: Its key.
        size: In bytes.
        etag: What its content has; another content has another one.
        written: When it was put, by the clock of the server, in whole seconds.
        age: How many seconds ago that was, by the same clock; None where the server does not say.
        metadata: What was said of it when it was put.
    """

    key: str
    size: int
    etag: str
    written: datetime
    age: float | None
    metadata: Mapping[str, str]


class Objects:
    """The objects of a bucket.

    Attributes:
        bucket: Its name.
        where: The server, for messages.
        timeout: Seconds after which an answer is given up.
    """

    def __init__(self, client: Any, bucket: str, timeout: float) -> None:
        self._client = client
        self.bucket = bucket
        self.where = urlsplit(client.meta.endpoint_url).netloc
        self.timeout = timeout

    def read(self, key: str) -> bytes | None:
        """The content of an object; None where there is none."""
        found = self.get(key)
        return None if found is None else found[0]

    def get(self, key: str) -> tuple[bytes, Object] | None:
        """An object; None where there is none."""
        with self._asking():
            try:
                answer = self._client.get_object(Bucket=self.bucket, Key=key)
                with _closing(answer["Body"]) as body:
                    return b"".join(body.iter_chunks(_PIECE)), _told(key, answer)
            except Exception as error:
                if _status(error) == _NONE and _code(error) != "NoSuchBucket":
                    return None
                raise

    def fetch(self, key: str, into: Path, unless: str | None = None) -> Object | None:
        """Bring an object into a file, whole or not at all.

        Args:
            key: The object.
            into: The file; folders above it are made.
            unless: The tag of the content that is in the file already; it stays then.

        Returns:
            What was fetched; None where the file stays as it is.

        Raises:
            FileNotFoundError: There is no such object.
        """
        more = {} if unless is None else {"IfNoneMatch": unless}
        with self._asking():
            try:
                answer = self._client.get_object(Bucket=self.bucket, Key=key, **more)
            except Exception as error:
                if _status(error) == _UNCHANGED:
                    return None
                if _status(error) == _NONE and _code(error) != "NoSuchBucket":
                    raise FileNotFoundError(f"s3://{self.bucket}/{key}") from None
                raise
            into.parent.mkdir(parents=True, exist_ok=True)
            unfinished = into.with_name(f"{into.name}.{id(answer):x}.part")
            try:
                with _closing(answer["Body"]) as body, unfinished.open("wb") as file:
                    for piece in body.iter_chunks(_PIECE):
                        file.write(piece)
                unfinished.replace(into)
            finally:
                unfinished.unlink(missing_ok=True)
            return _told(key, answer)

    def put(
        self,
        key: str,
        content: bytes,
        *,
        new: bool = False,
        over: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Put an object; returns its tag.

        Args:
            key: The object.
            content: What it holds.
            new: Only where there is none.
            over: Only over the content that has this tag.
            metadata: What is said of it.

        Raises:
            TakenError: Somebody else was first.
            UnsettledError: Whether it was put under such a condition is not known.
        """
        on = {"IfNoneMatch": "*"} if new else {} if over is None else {"IfMatch": over}
        try:
            with self._asking():
                try:
                    answer = self._client.put_object(
                        Bucket=self.bucket, Key=key, Body=content, Metadata=dict(metadata or {}), **on
                    )
                except Exception as error:
                    gone = over is not None and _status(error) == _NONE and _code(error) != "NoSuchBucket"
                    if on and (_status(error) in _TAKEN or gone):
                        raise TakenError from None
                    raise
                return str(answer["ETag"])
        except (TakenError, UnreachedError) as error:
            return self._mine(key, content, error, conditional=bool(on))

    def _mine(self, key: str, content: bytes, error: Exception, *, conditional: bool) -> str:
        """The tag of what was put after all: an earlier try of the same call may have been carried out unheard."""
        if not conditional:
            raise error
        try:
            found = self.get(key)
        except CdpkitError as again:
            if isinstance(error, TakenError):
                raise
            raise UnsettledError(
                f"{error}; whether it was written nobody knows, look at it before repeating"
            ) from again
        if found is not None and found[0] == content:
            return found[1].etag
        raise error

    def put_file(self, key: str, path: Path) -> str | None:
        """Put what is in a file, in parts where it is large; returns its tag, None where it has parts."""
        with self._asking():
            if path.stat().st_size > _LARGE:
                upload(self._client, str(path), self.bucket, key)
                return None
            with path.open("rb") as file:
                return str(self._client.put_object(Bucket=self.bucket, Key=key, Body=file)["ETag"])

    def head(self, key: str) -> Object | None:
        """What is said of an object; None where there is none."""
        with self._asking():
            try:
                return _told(key, self._client.head_object(Bucket=self.bucket, Key=key))
            except Exception as error:
                if _status(error) == _NONE:
                    return None
                if _status(error):
                    self.below(key, most=1)  # whose refusal says why
                raise

    def below(self, prefix: str, after: str = "", most: int | None = None) -> list[Object]:
        """The objects whose keys begin so and come after another key, in the order of their keys."""
        return [_listed(each) for part in self._parts(prefix, after, "", most) for each in part.get("Contents", ())]

    def names(self, prefix: str) -> list[str]:
        """What stands between a prefix and the next slash in the keys of objects, each once, in order."""
        found: set[str] = set()
        for part in self._parts(prefix, "", "/", None):
            found |= {each["Key"][len(prefix) :] for each in part.get("Contents", ())}
            found |= {each["Prefix"][len(prefix) : -1] for each in part.get("CommonPrefixes", ())}
        return sorted(found - {""})

    def _parts(self, prefix: str, after: str, delimiter: str, most: int | None) -> Iterator[Mapping[str, Any]]:
        more: dict[str, Any] = {"StartAfter": after} if after else {}
        if most is not None:
            more["MaxKeys"] = most
        while True:
            with self._asking():
                part = self._client.list_objects_v2(Bucket=self.bucket, Prefix=prefix, Delimiter=delimiter, **more)
            yield part
            if most is not None or not part.get("IsTruncated"):
                return
            more = {"ContinuationToken": part["NextContinuationToken"]}

    def copy(self, key: str, to: str) -> None:
        """Put what an object holds under another key too."""
        with self._asking():
            self._client.copy_object(Bucket=self.bucket, Key=to, CopySource={"Bucket": self.bucket, "Key": key})

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects; those that are not there are passed over."""
        for start in range(0, len(keys), _MOST):
            part = keys[start : start + _MOST]
            with self._asking():
                if len(part) == 1:
                    self._client.delete_object(Bucket=self.bucket, Key=part[0])
                    continue
                told = {"Objects": [{"Key": key} for key in part], "Quiet": True}
                if self._client.delete_objects(Bucket=self.bucket, Delete=told).get("Errors"):
                    raise StoreError(f"objects of s3://{self.bucket} cannot be deleted; look at who may delete there")

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Make a call; what goes wrong is told in words of ours."""
        from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

        try:
            with unheard():
                yield
        except (CdpkitError, TakenError):
            raise
        except ClientError as error:
            raise self._refused(_code(error), _status(error)) from None
        except ParamValidationError:
            raise ConfigurationError(f"no bucket can be called {self.bucket!r}; correct the name") from None
        except BotoCoreError as error:
            raise self._failed(type(error)) from None

    def _refused(self, code: str, status: int) -> CdpkitError:
        at = f"s3://{self.bucket} ({self.where})"
        if code == "NoSuchBucket":
            return WorkspaceError(f"there is no bucket {self.bucket!r} at {self.where}; make it, or correct the name")
        if code in _WRONG_KEYS:
            return CredentialsError(
                f"the server of {at} does not take these keys ({code}); look at AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or log in again"
            )
        if status in _FORBIDDEN:
            return CredentialsError(
                f"these keys may not do that in {at} ({code}); a workspace needs s3:ListBucket, s3:GetObject, "
                "s3:PutObject and s3:DeleteObject there"
            )
        return StoreError(f"the server of {at} refuses a call ({code}, status {status}); repeat it later")

    def _failed(self, kind: type[Exception]) -> CdpkitError:
        names = {each.__name__ for each in kind.__mro__}
        if names & {"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"}:
            return CredentialsError(NO_KEYS)
        why = "cannot be reached"
        if names & {"ReadTimeoutError", "ConnectTimeoutError"}:
            why = f"does not answer within {self.timeout:g} seconds"
        if "SSLError" in names:
            why = "has a certificate that is not trusted"
        return UnreachedError(
            f"the server of s3://{self.bucket} at {self.where} {why}; look at AWS_ENDPOINT_URL and the network, "
            "then repeat the call"
        )


@contextmanager
def _closing(body: Any) -> Iterator[Any]:
    try:
        yield body
    finally:
        body.close()


def _told(key: str, answer: Mapping[str, Any]) -> Object:
    written, asked = answer["LastModified"], answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    age = None if asked is None else (parsedate_to_datetime(asked) - written).total_seconds()
    return Object(key, answer["ContentLength"], answer["ETag"], written, age, answer.get("Metadata", {}))


def _listed(found: Mapping[str, Any]) -> Object:
    return Object(found["Key"], found["Size"], found["ETag"], found["LastModified"].astimezone(UTC), None, {})


def _status(error: Exception) -> int:
    told = getattr(error, "response", None) or {}
    return int(told.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _code(error: Exception) -> str:
    told = getattr(error, "response", None) or {}
    return str(told.get("Error", {}).get("Code", ""))
