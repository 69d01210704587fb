"""The carrier of calls to buckets."""

import json
from collections.abc import Callable, Mapping
from threading import Semaphore
from typing import Any, Self

from cdpkit.errors import ConfigurationError
from cdpkit.kit.buckets import PAGE, GetObject, ListBuckets, ListObjects, PutObject
from cdpkit.transport.attempt import Answer, Attempt, Failure, Stopped
from cdpkit.transport.bodies import taken_in
from cdpkit.transport.buckets.archives import from_gzip, from_zip
from cdpkit.transport.buckets.clients import Clients, put_whole
from cdpkit.transport.buckets.failures import outcome_of
from cdpkit.transport.buckets.ranges import SPARE, begun, in_ranges
from cdpkit.transport.means import Means
from cdpkit.transport.unpack import unpacked

PIECE = 1 << 20
"""Bytes of a small object that are in memory at once."""

_FOUND = 200


class ObjectCarrier:
    """Reads, writes and lists objects from any thread, on connections that are kept open."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._clients = Clients(allow_http=means.allow_http)
        self._spare = Semaphore(SPARE)
        self._work: Mapping[type, Callable[..., Answer]] = {
            GetObject: self._got,
            ListBuckets: self._buckets,
            ListObjects: self._listed,
            PutObject: self._put,
        }

    @classmethod
    def open(cls, means: Means) -> Self:
        """Ready to call; boto3 is loaded when the first call is made."""
        return cls(means)

    def send(self, call: GetObject | ListBuckets | ListObjects | PutObject, attempt: Attempt) -> Answer | Failure:
        """Make the call; whatever goes wrong is a value."""
        try:
            client = self._clients.client(call.access, attempt.timeout)
        except ConfigurationError as error:
            return Failure("", sent=False, error=error)
        try:
            return self._work[type(call)](client, call, attempt)
        except Stopped as stopped:
            return stopped.failure
        except Exception as error:  # boto3 has two families of errors, and is not loaded where nobody calls it
            outcome = outcome_of(error, attempt.timeout, client.meta.endpoint_url)
            if outcome is None:
                raise
            return outcome

    def close(self) -> None:
        """Close all connections."""
        self._clients.close()

    def _got(self, client: Any, call: GetObject, attempt: Attempt) -> Answer:
        attempt.leaves()
        like = {} if call.etag is None else {"IfMatch": call.etag}
        first = begun(client, {"Bucket": call.bucket, "Key": call.key, **like})
        body = first.answer["Body"]
        try:
            headers = first.answer["ResponseMetadata"]["HTTPHeaders"]
            if first.is_whole:
                whole = body.iter_chunks(PIECE)
            else:
                whole = in_ranges(client, call.bucket, call.key, first, self._spare)
            pieces = unpacked(whole, first.answer.get("ContentEncoding", ""))
            if call.packed is not None:
                room = self._means.free() - self._means.caps.free
                pieces = from_zip(pieces, room) if call.packed == "zip" else from_gzip(pieces)
            return taken_in(attempt, self._means, pieces, status=_FOUND, headers=headers, announced=first.size)
        finally:
            body.close()

    def _put(self, client: Any, call: PutObject, attempt: Attempt) -> Answer:
        attempt.leaves()
        put_whole(client, call.bucket, call.key, call.body)
        return taken_in(attempt, self._means, [b"{}"], status=_FOUND, headers={})

    def _buckets(self, client: Any, _call: ListBuckets, attempt: Attempt) -> Answer:
        attempt.leaves()
        told = {"buckets": [each["Name"] for each in client.list_buckets().get("Buckets", ())]}
        return taken_in(attempt, self._means, [json.dumps(told).encode()], status=_FOUND, headers={})

    def _listed(self, client: Any, call: ListObjects, attempt: Attempt) -> Answer:
        attempt.leaves()
        more = {} if call.after is None else {"ContinuationToken": call.after}
        got = client.list_objects_v2(Bucket=call.bucket, Prefix=call.prefix, MaxKeys=PAGE, **more)
        told = {"objects": [_told(each) for each in got.get("Contents", ())], "next": got.get("NextContinuationToken")}
        return taken_in(attempt, self._means, [json.dumps(told).encode()], status=_FOUND, headers={})


def _told(found: Mapping[str, Any]) -> dict[str, Any]:
    modified = found.get("LastModified")
    told = {"key": found["Key"], "size": found["Size"], "etag": found["ETag"].strip('"')}
    return {**told, "modified": "" if modified is None else modified.isoformat()}
