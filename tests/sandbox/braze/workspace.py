"""A workspace of the imitation of Braze, as tests write and read it."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import httpx
from botocore.config import Config

from cdpkit.sandbox.server import Site
from tests.plain import NO_TLS

_ONCE = Config(retries={"max_attempts": 1, "mode": "standard"})


def client_of(site: Site) -> httpx.Client:
    address = site.addresses["braze"]
    headers = {"Authorization": f"Bearer {address['api_key']}"}
    return httpx.Client(base_url=address["base_url"], headers=headers, timeout=60, trust_env=False, verify=NO_TLS)


def bucket_of(site: Site, **other: str) -> Any:
    """A client of the buckets that others wrote; parts of its credentials can be given another value."""
    address = {**site.addresses["s3"], **other}
    return boto3.client(
        "s3",
        endpoint_url=address["endpoint_url"],
        aws_access_key_id=address["access_key_id"],
        aws_secret_access_key=address["secret_access_key"],
        region_name=address["region"],
        config=_ONCE,
    )


@dataclass(frozen=True)
class Workspace:
    """The imitation's API, its bucket, and what tests do with them."""

    api: httpx.Client
    s3: Any
    key: str
    addresses: Mapping[str, Mapping[str, str]]

    def track(self, **arrays: Any) -> httpx.Response:
        return self.api.post("/users/track", json=arrays)

    def write(self, **given: Any) -> dict[str, Any]:
        """Write one attributes object, which has to be taken, and read its user."""
        assert self.track(attributes=[given]).json() == {"message": "success", "attributes_processed": 1}
        return self.user(str(given["external_id"]))

    def export(self, *fields: str, **who: Any) -> dict[str, Any]:
        wanted = fields or ("external_id", "email", "phone", "custom_attributes", "user_aliases", "braze_id")
        found: dict[str, Any] = self.api.post("/users/export/ids", json={**who, "fields_to_export": wanted}).json()
        return found

    def user(self, external_id: str, *fields: str) -> dict[str, Any]:
        """One user; empty where there is none."""
        found: list[dict[str, Any]] = self.export(*fields, external_ids=[external_id])["users"]
        return found[0] if found else {}

    def custom(self, external_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.user(external_id).get("custom_attributes", {})
        return found

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.api.get("/_sandbox/state").json()
        return found

    def people(self) -> list[dict[str, Any]]:
        return [json.loads(each) for each in self.api.get("/_sandbox/people").text.splitlines()]

    def segment(self, name: str = "All users") -> str:
        rows = self.api.get("/segments/list").json()["segments"]
        return str(next(row["id"] for row in rows if row["name"] == name))

    def ask(self, segment: str, *fields: str, **more: Any) -> httpx.Response:
        wanted = {"segment_id": segment, "fields_to_export": fields or ("external_id", "email", "custom_attributes")}
        return self.api.post("/users/export/segment", json={**wanted, **more})

    def listed(self, segment: str, prefix: str = "") -> list[str]:
        """The keys below the folder of a segment, with the prefix of an export in them."""
        folder = f"segment-export/{segment}/"
        found = self.s3.list_objects_v2(Bucket=self.addresses["braze"]["bucket"], Prefix=folder).get("Contents", [])
        return [row["Key"] for row in found if f"/{prefix}" in row["Key"]]

    def read(self, key: str) -> bytes:
        found: bytes = self.s3.get_object(Bucket=self.addresses["braze"]["bucket"], Key=key)["Body"].read()
        return found

    def users_in(self, key: str) -> list[dict[str, Any]]:
        """The users of a file of an export, of which the archive has one member."""
        with zipfile.ZipFile(io.BytesIO(self.read(key))) as archive:
            (name,) = archive.namelist()
            assert name.endswith(".txt")
            return [json.loads(each) for each in archive.read(name).splitlines()]

    def told(self, **given: Any) -> httpx.Response:
        return self.api.post("/_sandbox/exports", json=given)
