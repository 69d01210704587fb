"""Clients of Iterable that others wrote, pointed at the imitation by their own settings."""

from importlib import import_module
from pathlib import Path
from typing import Any

import httpx


def test_iterable_data_import_loads_a_file(api: httpx.Client, tmp_path: Path) -> None:
    """The library iterable-data-import sends the rows of a CSV file in batches; its refused batches are recorded."""
    library = import_module("iterable_data_import")
    recorders = import_module("iterable_data_import.error_recorders.api_error_recorder")
    maps = import_module("iterable_data_import.error_recorders.map_error_recorder")
    clients = import_module("iterable_data_import.importers.sync_api_client")
    importers = import_module("iterable_data_import.importers.sync_api_importer")
    sources = import_module("iterable_data_import.data_sources.file_system")
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
