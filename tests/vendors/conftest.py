"""The vendors of the tests are installed as those of another package are."""

from pathlib import Path

import pytest

from tests.vendors.case import TOYS
from tests.vendors.installed import install


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    install(monkeypatch, folder, **TOYS, lookup="tests.vendors.lookup:VENDOR")
    return folder
