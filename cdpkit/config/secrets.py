"""Secrets: files hold references to them, and they are looked up at the moment of use."""

import os
import re
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from pydantic import SecretStr

from cdpkit.errors import ConfigurationError
from cdpkit.kit.kinds import FORMS
from cdpkit.place.folder import Folder
from cdpkit.problem import Problem

_ENV = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")
_FILE = re.compile(r"file:(.+)")
_KEYRING = re.compile(r"keyring:(.+)/([^/]+)")


def reference_problem(text: str) -> Problem | None:
    """What is wrong with a text that has to be a reference; None where it is one. The caller says where it is."""
    if _ENV.fullmatch(text) or _FILE.fullmatch(text) or _KEYRING.fullmatch(text):
        return None
    return Problem(
        "",
        f"a secret must be given as a reference ({FORMS}), and this text is none; it may be a secret itself and is "
        "not shown",
        "put the secret into an environment variable, a file or the keyring, and write the reference to it",
    )


def look_up(reference: str, folder: Path) -> SecretStr | Problem:
    """The secret to which a reference leads, or why it leads to none; the caller says where it is.

    Args:
        reference: `env:NAME`, `file:path` or `keyring:service/name`.
        folder: The workspace; paths are relative to it. Line breaks at the end of a file are left out.
    """
    problem = reference_problem(reference)
    if problem:
        return problem
    if match := _ENV.fullmatch(reference):
        found = _from_environment(match[1])
    elif match := _FILE.fullmatch(reference):
        found = _from_file(folder, match[1])
    else:
        service, _, name = reference.removeprefix("keyring:").rpartition("/")
        found = _from_keyring(service, name)
    if isinstance(found, Problem):
        return replace(found, what=f"{reference} leads to no secret: {found.what}")
    return found


def keep_secret(service: str, name: str, secret: str) -> str:
    """Put a secret into the keyring, or where there is none that keeps it into a file that its owner alone may read.

    What the keyring was given is read back and compared: some drop it without a word. The file is in the user's own
    folder of settings, never in a workspace.

    Args:
        service: Whose secret it is; letters, digits, `_` and `-`.
        name: Which one; likewise.
        secret: The secret.

    Returns:
        The reference that leads to it.

    Raises:
        ConfigurationError: It is empty.
        WorkspaceError: The file cannot be written.
    """
    if not secret.strip():
        raise ConfigurationError("the secret is empty; type it once more")
    if _into_keyring(service, name, secret):
        return f"keyring:{service}/{name}"
    path = own_folder() / "secrets" / f"{service}-{name}"
    Folder(path).write([secret.encode()], private=True)
    return f"file:{path}"


def own_folder() -> Path:
    """Where programs of this user keep their settings."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.environ.get("APPDATA")
    return (Path(home) if home else Path.home() / ".config") / "cdpkit"


def _into_keyring(service: str, name: str, secret: str) -> bool:
    """Whether the keyring has it now."""
    try:
        keyring = import_module("keyring")
    except ModuleNotFoundError:
        return False
    try:
        keyring.set_password(service, name, secret)
        kept: str | None = keyring.get_password(service, name)
    except (
        keyring.errors.KeyringError,
        EOFError,
        OSError,
    ):  # the second one: it asks for a password, and nobody is there
        return False
    return kept == secret


def _from_environment(name: str) -> SecretStr | Problem:
    value = os.environ.get(name)
    if value is None:
        return Problem("", f"there is no environment variable {name}", "set it before Python is started")
    if not value.strip():
        return Problem("", f"the environment variable {name} is empty", "set it to the secret")
    return SecretStr(value)


def _from_file(folder: Path, named: str) -> SecretStr | Problem:
    path = folder / _at_home(named)
    try:
        value = path.read_bytes().decode("utf-8-sig").rstrip("\r\n")
    except FileNotFoundError:
        return Problem("", f"there is no file {path}", "make it with the secret as its only content, or mend the path")
    except UnicodeDecodeError:
        return Problem("", f"{path} is no UTF-8 text", "save the secret as plain text")
    except (OSError, ValueError) as error:  # the second one: a character that no path can have
        return Problem("", f"{path} cannot be read ({type(error).__name__})", "check that it is a file you may read")
    if not value.strip():
        return Problem("", f"{path} is empty", "put the secret into it")
    return SecretStr(value)


def _at_home(named: str) -> Path:
    """The path with the home folder for its tilde; as it is where nobody of that name has one."""
    try:
        return Path(named).expanduser()
    except RuntimeError:
        return Path(named)


def _from_keyring(service: str, name: str) -> SecretStr | Problem:
    try:
        keyring = import_module("keyring")
    except ModuleNotFoundError:
        return Problem(
            "", "the keyring needs a package that is not installed", 'install it with pip install "cdpkit[keyring]"'
        )
    try:
        value = keyring.get_password(service, name)
    except keyring.errors.KeyringError as error:
        return Problem("", f"the keyring cannot be read ({type(error).__name__})", "unlock it, or use env: or file:")
    if not value:
        return Problem(
            "", f"the keyring has no {name!r} of {service!r}", f"store it with: keyring set {service} {name}"
        )
    return SecretStr(value)
