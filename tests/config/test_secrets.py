"""References to secrets: where they lead, and what is said where they lead nowhere."""

import os
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from cdpkit.config.secrets import look_up, reference_problem
from cdpkit.errors import ConfigurationError
from cdpkit.problem import Problem

KEYRING = """
class errors:
    class KeyringError(Exception):
        pass

def get_password(service, name):
    if service == "locked":
        raise errors.KeyringError("sk-7 is locked")
    return {("https://api.example.com/v1", "ann"): "sk-7"}.get((service, name))
"""


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package of that name, which holds one secret."""
    (tmp_path / "keyring.py").write_text(KEYRING, encoding="utf-8")
    monkeypatch.setitem(sys.modules, "keyring", sys)
    monkeypatch.delitem(sys.modules, "keyring")
    monkeypatch.syspath_prepend(tmp_path)


def reveal(reference: str, folder: Path) -> SecretStr:
    """The secret, which is there."""
    found = look_up(reference, folder)
    assert isinstance(found, SecretStr)
    return found


def refusal(reference: str, folder: Path) -> str:
    """The message for a reference that leads nowhere; nothing in it is the secret."""
    problem = look_up(reference, folder)
    assert isinstance(problem, Problem)
    assert "sk-7" not in repr(problem)
    return str(ConfigurationError("", [problem]))


def test_an_environment_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked up each time, so that a changed one counts."""
    monkeypatch.setenv("CDPKIT_KEY", "sk-7")
    assert reveal("env:CDPKIT_KEY", tmp_path) == SecretStr("sk-7")
    monkeypatch.setenv("CDPKIT_KEY", "sk-8")
    assert reveal("env:CDPKIT_KEY", tmp_path) == SecretStr("sk-8")
    monkeypatch.setenv("CDPKIT_KEY", " ")
    assert refusal("env:CDPKIT_KEY", tmp_path) == (
        "env:CDPKIT_KEY leads to no secret: the environment variable CDPKIT_KEY is empty; set it to the secret"
    )
    monkeypatch.delenv("CDPKIT_KEY")
    assert refusal("env:CDPKIT_KEY", tmp_path) == (
        "env:CDPKIT_KEY leads to no secret: there is no environment variable CDPKIT_KEY; "
        "set it before Python is started"
    )


def test_a_file(tmp_path: Path) -> None:
    """Below the workspace or anywhere; only line breaks at its end are left out."""
    (tmp_path / "keys").mkdir()
    key = tmp_path / "keys" / "vendor key.txt"
    key.write_bytes(b"\xef\xbb\xbf sk-7 \r\n\n")
    for reference in ("file:keys/vendor key.txt", f"file:{key}", "file:keys/../keys/vendor key.txt"):
        assert reveal(reference, tmp_path).get_secret_value() == " sk-7 "
    assert refusal("file:key.txt", tmp_path) == (
        f"file:key.txt leads to no secret: there is no file {tmp_path / 'key.txt'}; "
        "make it with the secret as its only content, or mend the path"
    )
    assert "cannot be read (" in refusal("file:keys", tmp_path)
    key.write_bytes(b"\xff sk-7")
    assert "is no UTF-8 text; save the secret as plain text" in refusal("file:keys/vendor key.txt", tmp_path)
    key.write_bytes(b"\n")
    assert "is empty; put the secret into it" in refusal("file:keys/vendor key.txt", tmp_path)


def test_a_file_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tilde is the home folder."""
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    (tmp_path / "key").write_text("sk-7", encoding="utf-8")
    assert reveal("file:~/key", tmp_path / "elsewhere").get_secret_value() == "sk-7"
    assert "there is no file" in refusal("file:~nobody-here/key", tmp_path)


def test_a_path_that_no_file_can_have(tmp_path: Path) -> None:
    """It is a problem of the reference, not an error of the system."""
    assert "cannot be read (ValueError)" in refusal("file:a\0b", tmp_path)


@pytest.mark.usefixtures("keyring")
def test_the_keyring(tmp_path: Path) -> None:
    """A service may have slashes, the name behind the last one has none; a locked keyring is named."""
    assert reveal("keyring:https://api.example.com/v1/ann", tmp_path).get_secret_value() == "sk-7"
    assert refusal("keyring:vendor/ann", tmp_path) == (
        "keyring:vendor/ann leads to no secret: the keyring has no 'ann' of 'vendor'; "
        "store it with: keyring set vendor ann"
    )
    assert refusal("keyring:locked/ann", tmp_path) == (
        "keyring:locked/ann leads to no secret: the keyring cannot be read (KeyringError); "
        "unlock it, or use env: or file:"
    )


def test_without_the_keyring_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has the command that installs it."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert refusal("keyring:vendor/ann", tmp_path) == (
        "keyring:vendor/ann leads to no secret: the keyring needs a package that is not installed; "
        'install it with pip install "cdpkit[keyring]"'
    )


@pytest.mark.parametrize(
    "text", ["sk-7", "", "env:", "env:sk-7", "env:1A", "file:", "keyring:sk-7", "keyring:a/", "ENV:sk_7", " env:KEY"]
)
def test_a_literal_is_refused_and_not_shown(tmp_path: Path, text: str) -> None:
    """Where a reference is needed; what it would lead to is not looked at."""
    expected = (
        "a secret must be given as a reference (env:NAME, file:path or keyring:service/name), and this text is none; "
        "it may be a secret itself and is not shown; put the secret into an environment variable, a file or "
        "the keyring, and write the reference to it"
    )
    problem = reference_problem(text)
    assert problem is not None
    assert str(ConfigurationError("", [problem])) == expected
    assert refusal(text, tmp_path) == expected


def test_references_are_known_by_their_form() -> None:
    """Nothing is read for that."""
    assert "CDPKIT_NOWHERE" not in os.environ
    for text in ("env:CDPKIT_NOWHERE", "file:nowhere/at all", "keyring:vendor/ann"):
        assert reference_problem(text) is None


def test_a_secret_is_masked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In every text that is made of it."""
    monkeypatch.setenv("CDPKIT_KEY", "sk-7")
    secret = reveal("env:CDPKIT_KEY", tmp_path)
    assert "sk-7" not in f"{secret} {secret!r} {[secret]} { {'key': secret} }"
