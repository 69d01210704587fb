"""The part of the demo with files: each one that is dropped into a folder is read once, and a segment goes into one."""

from collections.abc import Callable
from pathlib import Path

from cdpkit import Connection, Workspace
from cdpkit.place.passing import copied

Say = Callable[[str], None]

VENDOR, FOLDER = "files", "files"
DROPPED = "in/newsletter.csv"


def exchange(workspace: Workspace, samples: Path, segment: str, say: Say) -> Connection:
    """Read a file once, and write a segment.

    Args:
        workspace: The workspace, in a folder.
        samples: The sample files.
        segment: Who is written.
        say: Shows one line.
    """
    connection = workspace.connect(VENDOR, settings={"address": FOLDER, "settle": 0})
    connection.goals.add(
        kind="import_profiles",
        name="New files",
        source={"files": "in/*.csv", "which": "new"},
        identifiers={"email": "email"},
        mappings=[{"from": "opt_in", "to": "newsletter"}],
    )
    connection.goals.add(
        kind="export_profiles",
        name="Gold readers",
        segment=segment,
        target={"file": "out/gold-{run}.csv"},
        identifiers={"email": "email"},
        mappings=[{"from": "first_name", "to": "first_name"}, {"from": "interests", "to": "interests"}],
    )
    copied(samples / "newsletter.csv", workspace.path / FOLDER / DROPPED)
    say(f"Each new file in {FOLDER}/in is read once, and the segment goes into a file of its own in {FOLDER}/out.")
    for line in connection.run().report().splitlines()[1:]:
        say(line)
    again = connection.run().counters
    say(f"The same again: {again['received']} rows, for no file is new, and {again['sent']} people sent.")
    return connection
