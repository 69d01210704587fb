"""The workspace's own file: objectives, what may be sent, and files as editors leave them."""

from pathlib import Path

import pytest

from cdpkit.config.settings import ObjectiveSettings
from cdpkit.config.settings_file import SettingsFile, add_property
from cdpkit.core.properties import Property
from cdpkit.errors import ConfigurationError, WorkspaceError
from cdpkit.place import Folder


@pytest.fixture
def file(tmp_path: Path) -> SettingsFile:
    """The file of a new workspace."""
    made = SettingsFile(Folder(tmp_path))
    made.create()
    return made


def extend(file: SettingsFile, text: str) -> None:
    """Write on by hand."""
    with file.path.local.open("a", encoding="utf-8") as opened:
        opened.write(text)


def test_objectives_and_segment_names(file: SettingsFile) -> None:
    """By default there are no objectives, an objective needs consent, and no segment's name is sent."""
    assert (file.read().objectives, file.read().expose_segments) == ({}, False)
    extend(
        file,
        "expose_segments = true\n[objectives.newsletter]\ndescription = 'Weekly'\n"
        "[objectives.'order mails']\nneeds_consent = false\n",
    )
    assert file.read().expose_segments
    assert file.read().objectives == {
        "newsletter": ObjectiveSettings(needs_consent=True, description="Weekly"),
        "order mails": ObjectiveSettings(needs_consent=False),
    }


def test_an_objective_that_does_not_fit(file: SettingsFile) -> None:
    """The place is named."""
    extend(file, "[objectives.newsletter]\nconsent = true\n")
    with pytest.raises(ConfigurationError, match=r"cdpkit\.toml: objectives, newsletter: there is no key 'consent'"):
        file.read()


def test_a_change_of_a_file_that_ends_without_line_break(file: SettingsFile) -> None:
    """What is added goes into a line of its own, not behind a comment."""
    extend(file, "# ours")
    file.edit(lambda document: add_property(document, Property("plan")))
    assert [prop.name for prop in file.read().properties] == ["plan"]
    assert "# ours\n" in file.path.local.read_text(encoding="utf-8")


def test_changing_a_damaged_file(file: SettingsFile) -> None:
    """It is named as when it is read, and left alone."""
    extend(file, "zone = \n")
    before = file.path.local.read_bytes()
    for call in (file.read, lambda: file.edit(lambda document: document.update(keep_days=3))):
        with pytest.raises(WorkspaceError, match=r"is damaged: .*; mend that line, or restore the file"):
            call()
    assert file.path.local.read_bytes() == before
