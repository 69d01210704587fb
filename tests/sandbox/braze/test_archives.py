"""Archives that are meant to do harm, as the imitation makes them on request."""

import io
import zipfile

import pytest

from cdpkit.sandbox.braze.archives import ENTRIES, HOSTILE, RATIO, packed
from cdpkit.sandbox.braze.settings import ARCHIVES
from tests.sandbox.braze.conftest import Begin

LINE = b'{"external_id":"a"}\n'


def opened(kind: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(HOSTILE[kind](LINE)))


def test_each_is_what_it_is_called() -> None:
    """Ratio, number of members, names, nesting, encryption, checksum, end."""
    (large,) = opened("ratio").infolist()
    assert large.file_size > 0.9 * RATIO * large.compress_size
    assert len(HOSTILE["ratio"](LINE)) < 1_000_000
    assert len(opened("entries").infolist()) == ENTRIES
    assert opened("names").namelist() == ["../../outside.txt", "/absolute.txt", "C:\\windows.txt"]
    inside = zipfile.ZipFile(io.BytesIO(opened("nested").read("users.zip")))
    assert inside.read("users.txt") == LINE
    with pytest.raises(RuntimeError, match="encrypted"):
        opened("encrypted").read("users.txt")
    with pytest.raises(zipfile.BadZipFile, match="CRC"):
        opened("crc").read("users.txt")
    with pytest.raises(zipfile.BadZipFile):
        opened("truncated")
    assert {*HOSTILE, "zip"} == {*ARCHIVES}
    assert zipfile.ZipFile(io.BytesIO(packed(LINE, "x", gzipped=False))).read("x.txt") == LINE


@pytest.mark.parametrize("kind", ["truncated", "names"])
def test_the_last_file_of_an_export_is_one_on_request(begin: Begin, kind: str) -> None:
    """By the setting, or told later; the others are proper."""
    braze = begin(people=30, file_users=20, export_gap=1000.0, export_held=True)
    braze.told(archive=kind)
    segment = braze.segment()
    prefix = braze.ask(segment).json()["object_prefix"]
    braze.told(arrive=1)
    (first,) = braze.listed(segment, prefix)
    assert len(braze.users_in(first)) == 20
    braze.told(arrive=1)
    (last,) = {*braze.listed(segment, prefix)} - {first}
    if kind == "truncated":
        with pytest.raises(zipfile.BadZipFile):
            braze.users_in(last)
    else:
        assert len(zipfile.ZipFile(io.BytesIO(braze.read(last))).namelist()) == 3
