"""The buckets beside imitations: a server that speaks S3, with a bucket for each site."""

import httpx
import pytest
from botocore.exceptions import ClientError

from cdpkit.errors import ConfigurationError
from cdpkit.sandbox import buckets, server
from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.process import start
from cdpkit.sandbox.server import running, site
from tests.sandbox.braze.workspace import bucket_of


def test_it_is_a_store_of_objects_with_what_that_needs() -> None:
    """Listing, writing only where nothing is, parts, ranges; the bucket's own calls are counted."""
    with running("braze", options=Options(people=1)) as one:
        s3, bucket = bucket_of(one), one.addresses["s3"]["bucket"]
        assert one.addresses["braze"]["bucket"] == bucket
        assert bucket in {each["Name"] for each in s3.list_buckets()["Buckets"]}
        s3.put_object(Bucket=bucket, Key="a/é b.txt", Body=b"0123456789", IfNoneMatch="*")
        with pytest.raises(ClientError, match="PreconditionFailed"):
            s3.put_object(Bucket=bucket, Key="a/é b.txt", Body=b"other", IfNoneMatch="*")
        assert s3.get_object(Bucket=bucket, Key="a/é b.txt", Range="bytes=2-4")["Body"].read() == b"234"
        assert [each["Key"] for each in s3.list_objects_v2(Bucket=bucket, Prefix="a/")["Contents"]] == ["a/é b.txt"]
        assert one.buckets is not None
        assert one.buckets.calls["LIST"] == 1


def test_in_a_process_of_its_own_it_says_nothing_and_ends_with_it() -> None:
    """Its address and keys are printed beside the imitation's, the same at every start but for the port."""
    with start("braze", people=1) as sandbox:
        s3 = sandbox.addresses["s3"]
        assert list(s3) == ["endpoint_url", "access_key_id", "secret_access_key", "region", "bucket"]
        assert list(sandbox.addresses["braze"]) == ["base_url", "api_key", "bucket"]
        assert s3["bucket"] == sandbox.addresses["braze"]["bucket"] == "cdpkit-exports"
        reply = httpx.get(s3["endpoint_url"], trust_env=False)
        assert (reply.status_code, sandbox.errors()) == (403, "")
    with pytest.raises(httpx.ConnectError):
        httpx.get(s3["endpoint_url"], trust_env=False)


def test_another_key_is_refused() -> None:
    """As the vendor's own store refuses it, whatever it asks for."""
    with running("braze", options=Options(people=1)) as one:
        stranger = bucket_of(one, access_key_id="AKIAOFSOMEBODYELSE00")
        with pytest.raises(ClientError, match="InvalidAccessKeyId"):
            stranger.list_buckets()


def test_each_site_has_a_bucket_of_its_own_which_goes_with_it() -> None:
    """Also in one process, where what moto holds is in one place."""
    with running("braze", options=Options(people=1)) as first:
        with running("braze", options=Options(people=1)) as second:
            names = {each.addresses["s3"]["bucket"] for each in (first, second)}
            bucket_of(second).put_object(Bucket=second.addresses["s3"]["bucket"], Key="x", Body=b"x")
        assert len(names) == 2
        there = {each["Name"] for each in bucket_of(first).list_buckets()["Buckets"]}
        assert names & there == {first.addresses["s3"]["bucket"]}


def test_the_port_after_the_last_imitation_is_theirs() -> None:
    """And one that is taken is named, with the others given back."""
    with running("braze", options=Options(people=1)) as probe:
        taken = int(probe.addresses["braze"]["base_url"].rsplit(":", 1)[1])
        with pytest.raises(ConfigurationError, match=f"port {taken} is not free"):
            site(["braze"], Options(people=1), taken - 1, {})


def test_without_what_buckets_need_the_other_imitations_are_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is named and cannot be is an error that says what to install."""
    for module in (buckets, server):
        monkeypatch.setattr(module, "missing", lambda: ["moto"])
    with pytest.raises(ConfigurationError, match=r'need moto; install .* pip install "cdpkit\[sandbox\]"'):
        site(["braze"], Options(people=1), None, {})
    built = site([], Options(people=1), None, {})
    try:
        assert "iterable" in built.addresses
        assert not {"braze", "s3"} & built.addresses.keys()
        assert built.notes == (
            'braze is left out, for moto is not installed; it comes with: pip install "cdpkit[sandbox]"',
        )
    finally:
        built.close()
