"""Commands at a workspace in a bucket: what names a folder may name an address."""

from pathlib import Path

import pytest

from tests.cli.shell import call, json_of, refusal_of


def test_the_commands_work_on_an_address_as_on_a_folder(bucket: str, tmp_path: Path) -> None:
    """From making it to looking at every byte."""
    made = json_of(call("init", bucket, "--json"))
    assert made["workspace"] == bucket
    assert all(bucket in line for line in made["next"])
    assert call("properties", "add", "email", "--identifier", "-w", bucket).exit_code == 0
    source = tmp_path / "people.csv"
    source.write_text("email\nann@example.com\nbob@example.com\n", encoding="utf-8")
    loaded = json_of(call("load", source, "--id", "email", "--create", "-w", bucket, "--json"))
    assert loaded["goals"][0]["counters"]["created"] == 2
    assert json_of(call("runs", "-w", bucket, "--json"))["runs"][0]["id"] == loaded["id"]
    assert json_of(call("verify", "-w", bucket, "--json"))["ok"] is True
    seen = json_of(call("doctor", "-w", bucket, "--json"))["workspace"]
    assert [each["about"] for each in seen] == ["disk", bucket]


def test_what_keeps_a_bucket_from_working_is_a_line_of_the_doctor(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own commands say the same; a folder is not proposed where the server does not answer."""
    answer = json_of(call("doctor", "-w", "s3://nobody-has-this/w", "--json"), status=1)
    (line,) = [each["said"] for each in answer["workspace"] if each["problem"]]
    assert "there is no bucket 'nobody-has-this'" in line
    answer = json_of(call("doctor", "-w", bucket, "--json"), status=1)
    (line,) = [each["said"] for each in answer["workspace"] if each["problem"]]
    assert line.startswith("is no cdpkit workspace")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    message = refusal_of(call("runs", "-w", bucket, "--json"), status=1)
    assert "127.0.0.1:1 cannot be reached" in message
    assert "--workspace" not in message
    assert "the demo is made in a folder" in refusal_of(call("demo", bucket, "--json"))
