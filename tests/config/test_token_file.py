"""What a login keeps from run to run."""

import json
import os
import stat
from pathlib import Path

import pytest

from cdpkit.config.token_file import TokenFile
from cdpkit.errors import WorkspaceError
from cdpkit.place import Folder

KEPT = {"refresh_token": "s3cret", "scopes": ["a"]}


def test_what_was_kept_is_there_again(tmp_path: Path) -> None:
    """Each connection has its own, and a later one takes the place of an earlier one."""
    file, other = TokenFile(Folder(tmp_path), "crm", "toy"), TokenFile(Folder(tmp_path), "crm-2", "toy")
    assert file.load() is None
    file.save({"refresh_token": "before"})
    file.save(KEPT)
    assert (TokenFile(Folder(tmp_path), "crm", "toy").load(), other.load()) == (KEPT, None)
    assert sorted(path.name for path in (tmp_path / "secrets").iterdir()) == [".gitignore", "crm.json"]


def test_it_belongs_to_the_vendor(tmp_path: Path) -> None:
    """A token is not sent to another vendor whose connection has the same name."""
    TokenFile(Folder(tmp_path), "crm", "toy").save(KEPT)
    assert TokenFile(Folder(tmp_path), "crm", "other").load() is None


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps who may read a file elsewhere")
def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    """Neither the file, whatever the umask says, nor its folder; git leaves both alone."""
    before = os.umask(0)
    try:
        file = TokenFile(Folder(tmp_path), "crm", "toy")
        file.save(KEPT)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "secrets" / "crm.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert ((tmp_path / "secrets") / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"vendor": "toy"}', '{"vendor": "toy", "kept": 1}', "[" * 100_000])
def test_a_damaged_file_says_what_to_do(text: str, tmp_path: Path) -> None:
    """And nothing of what it holds."""
    file = TokenFile(Folder(tmp_path), "crm", "toy")
    file.save(KEPT)
    (tmp_path / "secrets" / "crm.json").write_text(text)
    with pytest.raises(WorkspaceError, match=r"crm\.json is damaged; remove it"):
        file.load()


def test_where_it_cannot_be_written_what_was_there_stays(tmp_path: Path) -> None:
    """The message names the file, and what became of the login, and holds no secret."""
    file = TokenFile(Folder(tmp_path), "crm", "toy")
    file.save({"refresh_token": "before"})
    (tmp_path / "secrets" / "crm.json").unlink()
    (tmp_path / "secrets" / "crm.json").mkdir()
    with pytest.raises(WorkspaceError, match=r"cannot be kept in .*crm\.json .*make the folder writable") as caught:
        file.save(KEPT)
    assert "s3cret" not in str(caught.value)
    assert sorted(path.name for path in (tmp_path / "secrets").iterdir()) == [".gitignore", "crm.json"]


def test_it_holds_what_was_kept_and_whose_it_is(tmp_path: Path) -> None:
    """Its form is read by later versions too; its repr shows nothing."""
    file = TokenFile(Folder(tmp_path), "crm", "toy")
    file.save(KEPT)
    assert json.loads((tmp_path / "secrets" / "crm.json").read_bytes()) == {"vendor": "toy", "kept": KEPT}
    assert "s3cret" not in repr(file)
