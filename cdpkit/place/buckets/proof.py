"""Whether a server keeps the conditions under which it is asked to write: commits are lost where it does not."""

from uuid import uuid4

from cdpkit.errors import StoreError, WorkspaceError
from cdpkit.place.buckets.objects import Objects, UnreachedError
from cdpkit.place.shown import TakenError


def prove(objects: Objects, prefix: str) -> None:
    """Put an object where there is one and over content that is not there: both have to be refused.

    Raises:
        WorkspaceError: One is not; a workspace in this bucket would lose what one of two writers commits.
    """
    key = f"{prefix}.cdpkit-proof-{uuid4().hex}"
    try:
        tag = objects.put(key, b"first", new=True)
        kept = _refused(objects, key, "If-None-Match", new=True) and _refused(
            objects, key, "If-Match", over=f'"{uuid4().hex}"'
        )
        if kept:
            objects.put(key, b"second", over=tag)
    except TakenError:
        kept = False
    except UnreachedError:
        raise
    except StoreError as error:
        raise WorkspaceError(_why(objects, str(error))) from None
    finally:
        objects.delete([key])
    if not kept:
        raise WorkspaceError(_why(objects, "it writes whatever the condition says"))


def _refused(objects: Objects, key: str, condition: str, *, new: bool = False, over: str | None = None) -> bool:
    try:
        objects.put(key, condition.encode(), new=new, over=over)
    except TakenError:
        return True
    return False


def _why(objects: Objects, what: str) -> str:
    return (
        f"the server of s3://{objects.bucket} at {objects.where} does not keep conditional writes (If-None-Match, "
        f"If-Match): {what}; two processes would overwrite each other's commits there, so no workspace is kept in it. "
        "Use S3 itself or a server that keeps them, such as MinIO, R2 or SeaweedFS"
    )
