"""Where the bucket of exports is, with which keys, and which buckets these can see."""

from typing import Any

from cdpkit.kit.buckets import ENVIRONMENT, Access, GetObject, ListBuckets, ListObjects, PutObject, code_of
from cdpkit.kit.declare import Setting, Settings
from cdpkit.kit.discovery import Item, Thing
from cdpkit.kit.effects import Effects, Reply
from cdpkit.kit.kinds import Address, Chosen, Secret
from cdpkit.problem import Problem

BUCKETS = Thing("buckets", "bucket", "buckets")

_SAME = "those that stand in Braze at Partner Integrations > Technology Partners > Amazon S3"
SETTINGS = (
    Setting("bucket", f"The S3 bucket into which Braze exports, of {_SAME}", Chosen(BUCKETS.name, several=False)),
    Setting(
        "s3_access_key_id",
        f"The ID of the S3 access key, of {_SAME}; left out, keys are looked for where boto3 does",
        Secret(),
        label="S3 access key ID",
    ),
    Setting("s3_secret_access_key", "The S3 secret access key that belongs to it", Secret(), label="S3 secret key"),
    Setting("s3_region", "Where the bucket is, such as eu-west-1; left out, the environment tells", label="S3 region"),
    Setting("s3_endpoint", "The address of a server of buckets that is not Amazon's", Address(), label="S3 endpoint"),
    Setting("s3_folder", "The folder of the bucket in which segment-export lies, where Braze has one", label="Folder"),
)

_OK = 200
_KEYS = "s3_access_key_id and s3_secret_access_key, or the environment's"


def access(settings: Settings) -> Access:
    """Keys and place, as settings say it; what they leave out is the environment's."""
    given = (settings["s3_access_key_id"], settings["s3_secret_access_key"])
    made = Access(*given, region=settings["s3_region"], endpoint=settings["s3_endpoint"] or None)
    return ENVIRONMENT if made == ENVIRONMENT else made


def _common(settings: Settings) -> dict[str, Any]:
    return {"limit": "bucket", "access": access(settings), "address": "s3_endpoint and s3_region"}


def listing(settings: Settings, prefix: str) -> ListObjects:
    """The call that lists what is below a prefix of the bucket."""
    folder = (settings["s3_folder"] or "").strip("/")
    whole = f"{folder}/{prefix}" if folder else prefix
    return ListObjects(bucket=settings["bucket"] or "", prefix=whole, **_common(settings))


def getting(settings: Settings, key: str, page: str) -> GetObject:
    """The call that stores an object, unpacked."""
    packed = "gzip" if key.endswith(".gz") else "zip"
    return GetObject(bucket=settings["bucket"] or "", key=key, page=page, packed=packed, **_common(settings))  # type: ignore[arg-type]


def putting(settings: Settings, bucket: str, key: str, body: bytes) -> PutObject:
    """The call that writes an object into a bucket."""
    return PutObject(bucket=bucket, key=key, body=body, **_common(settings))


def buckets(settings: Settings) -> Effects[tuple[Item, ...]]:
    """The buckets that the keys can see; the chosen one beside them where they may read it, but not list all."""
    reply: Reply = yield ListBuckets(**_common(settings))
    names = [str(each) for each in reply.json()["buckets"]] if reply.status == _OK else []
    chosen = settings["bucket"]
    if chosen and chosen not in names:
        reply = yield listing(settings, "segment-export/")
        names += [chosen] if reply.status == _OK else []
    return tuple(Item(name, name) for name in names)


def problems(settings: Settings) -> list[Problem]:
    """What is wrong with the settings themselves."""
    one, other = ("s3_access_key_id", "s3_secret_access_key")
    if (settings[one] is None) == (settings[other] is None):
        return []
    missing = one if settings[one] is None else other
    return [Problem(f"settings.{missing}", "an S3 access key has an ID and a secret, and one is missing", "give both")]


def refused(settings: Settings, reply: Reply) -> Problem:
    """Why the bucket is not shown."""
    word, bucket = code_of(reply), settings["bucket"]
    what = f"bucket {bucket!r} is not shown to these keys ({word})"
    fix = f"look at {_KEYS}, at s3_region, and at the bucket's policy: they need ListBucket and GetObject"
    return Problem("settings.bucket", what, fix)
