"""Clients of Iterable that others wrote, pointed at the imitation by their own settings."""

import json
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest

from cdpkit.sandbox.people import people

EMAILS = people(pl.int_range(0, 300, eager=True), 0)["email"].to_list()


@pytest.fixture
def foreign(api: httpx.Client) -> Any:
    """A client of the library iterable-api."""
    library = pytest.importorskip("iterable", reason="pip install iterable-api")
    return library.Iterable(api.headers["Api-Key"], base_uri=str(api.base_url).rstrip("/"))


def test_iterable_api_reads_and_writes_lists(foreign: Any) -> None:
    """It creates a list, puts people on it, counts and reads them, takes one off, and deletes the list."""
    number = foreign.lists.create("theirs").data["listId"]
    answer = foreign.lists.add_subscribers(
        number, [{"email": EMAILS[0]}, {"email": "their@example.com"}, {"email": "x@"}]
    )
    assert (answer.data["successCount"], answer.data["invalidEmails"]) == (2, ["x@"])
    assert foreign.lists.user_count(number).data == 2
    assert sorted(foreign.lists.users(number).data.split()) == sorted([EMAILS[0], "their@example.com"])
    assert foreign.lists.remove_subscribers_to_list(number, {"email": EMAILS[0]}).data["successCount"] == 1
    assert foreign.lists.users(number).data == "their@example.com\n"
    assert "theirs" in [each["name"] for each in foreign.lists.list().data["lists"]]
    assert foreign.lists.delete(number).data["code"] == "Success"


def test_iterable_api_reads_and_writes_users(foreign: Any) -> None:
    """It updates one and many, and reads them back with the fields that there are."""
    foreign.users.update(email="one@example.com", data_fields={"plan": "pro", "theirField": 1})
    assert foreign.users.get(email="one@example.com").data["user"]["dataFields"]["plan"] == "pro"
    assert foreign.users.get(email="nobody@example.com").data == {}
    assert foreign.users.get_fields().data["fields"]["theirField"] == "long"
    many = [{"email": f"many{n}@example.com", "dataFields": {"plan": "basic"}} for n in range(60)]
    assert foreign.users.bulk_update(many).data["successCount"] == 60
    assert foreign.users.delete(email="one@example.com").status_code == 200


def test_iterable_api_understands_refusals(foreign: Any, api: httpx.Client) -> None:
    """A wrong key and a wrong list are its own errors."""
    exceptions = pytest.importorskip("iterable.exceptions")
    with pytest.raises(exceptions.InvalidParameters, match="invalidListId"):
        foreign.lists.add_subscribers(77, [{"email": EMAILS[0]}])
    stranger = type(foreign)("wrong", base_uri=str(api.base_url).rstrip("/"))
    with pytest.raises(exceptions.AuthorizationError, match="BadApiKey"):
        stranger.lists.list()


def test_iterable_api_exports_everybody(foreign: Any, tmp_path: Path) -> None:
    """It writes the stream into a file."""
    folder = f"{tmp_path}/"
    assert foreign.export.export_data(data_type_name="user", date_range="All", format="json", path=folder)
    (file,) = tmp_path.iterdir()
    found = {json.loads(line)["email"] for line in file.read_text(encoding="utf-8").split("\n") if line}
    assert found >= set(EMAILS)


def test_iterable_api_reads_channels(foreign: Any) -> None:
    """As objects of its own."""
    assert [channel.email_marketing for channel in foreign.channels.list()] == [True]


def test_iterable_data_import_loads_a_file(api: httpx.Client, tmp_path: Path) -> None:
    """The library iterable-data-import sends the rows of a CSV file in batches; its refused batches are recorded."""
    library = pytest.importorskip("iterable_data_import", reason="pip install iterable-data-import")
    recorders = pytest.importorskip("iterable_data_import.error_recorders.api_error_recorder")
    maps = pytest.importorskip("iterable_data_import.error_recorders.map_error_recorder")
    clients = pytest.importorskip("iterable_data_import.importers.sync_api_client")
    importers = pytest.importorskip("iterable_data_import.importers.sync_api_importer")
    sources = pytest.importorskip("iterable_data_import.data_sources.file_system")
    source = tmp_path / "people.csv"
    lines = [f"loaded{n}@example.com,{'many' if n == 25 else n}" for n in range(30)]
    source.write_text("\n".join(["email,points", *lines]), encoding="utf-8")
    errors = tmp_path / "errors"

    def row(record: dict[str, str]) -> Any:
        points = int(record["points"]) if record["points"].isdecimal() else record["points"]
        profile = library.UserProfile(email=record["email"], data_fields={"points": points})
        return library.UpdateUserProfile(profile)

    sender = clients.SyncApiClient(api.headers["Api-Key"], base_url=f"{api.base_url}/api")
    importer = importers.SyncApiImporter(sender, recorders.FileSystemApiErrorRecorder(errors), users_per_batch=10)
    data = sources.FileSystem(source, library.FileFormat.CSV)
    assert library.IterableDataImport(data, importer, maps.NoOpMapErrorRecorder()).run(row)
    found = [
        api.get("/api/users/getByEmail", params={"email": f"loaded{n}@example.com"}).json() != {} for n in range(30)
    ]
    assert found == [True] * 20 + [False] * 10
    assert "RequestFieldsTypesMismatched" in errors.read_text(encoding="utf-8")
