"""A workspace: profiles, their history, and what to do with them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Any

from cdpkit.core.processors import StepSpec
from cdpkit.core.words import OnMultipleWord
from cdpkit.errors import ConfigurationError
from cdpkit.runs.catalogue import follow
from cdpkit.runs.compaction import compact_when_due, compact_workspace
from cdpkit.runs.home import Home
from cdpkit.runs.imports.prepare import LoadRequest
from cdpkit.runs.load import load, load_previewed, preview_load
from cdpkit.runs.peek import look_at
from cdpkit.runs.preview import Preview
from cdpkit.runs.progress import Observer, shown
from cdpkit.runs.run import Run, find_run, history
from cdpkit.runs.sync import resume_run
from cdpkit.runs.undo import undo_run
from cdpkit.runs.verify import Verification, verify
from cdpkit.show.lookup import looked_up
from cdpkit.show.told import Told
from cdpkit.store.relation import Relation
from cdpkit.workspace.catalogue import TellsOfFiles
from cdpkit.workspace.connection import Connection
from cdpkit.workspace.connections import Connections
from cdpkit.workspace.objectives import Objectives
from cdpkit.workspace.overview import overview
from cdpkit.workspace.peek import Peek
from cdpkit.workspace.processors import Processors
from cdpkit.workspace.profiles import Profiles
from cdpkit.workspace.properties import Properties
from cdpkit.workspace.runs import Runs
from cdpkit.workspace.segments import Segments
from cdpkit.workspace.stopping import stopping
from cdpkit.workspace.view import View, snapshot_at


class Workspace(TellsOfFiles):
    """Customer profiles in a folder.

    Made by `cdpkit.create`, opened by `cdpkit.open`.
    """

    def __init__(self, home: Home) -> None:
        self._home = home

    @property
    def path(self) -> Path:
        """The folder."""
        return self._home.root.local

    @looked_up
    def profiles(self) -> Profiles:
        """All profiles as they are now: the built-in properties, then one column for each property."""
        return self._view().profiles

    @looked_up
    def properties(self) -> Properties:
        """The catalogue of properties."""
        return Properties(self._home)

    @looked_up
    def segments(self) -> Segments:
        """Named expressions over the profiles."""
        return Segments(self._home)

    @looked_up
    def processors(self) -> Processors:
        """What can be done with source rows before they are matched."""
        return Processors(self._home)

    @looked_up
    def objectives(self) -> Objectives:
        """What people consent to."""
        return Objectives(self._home)

    @looked_up
    def connections(self) -> Connections:
        """All connections by name."""
        return Connections(self._home)

    def connection(self, name: str) -> Connection:
        """A connection.

        Raises:
            UnknownNameError: There is none of this name; names those that exist.
        """
        return self.connections[name]

    def connect(
        self,
        vendor: str,
        name: str | None = None,
        settings: Mapping[str, Any] | None = None,
        *,
        labels: Sequence[str] = (),
        objectives: Sequence[str] = (),
        description: str = "",
    ) -> Connection:
        """Make a connection to a vendor: `connections.add` with the same arguments."""
        return self.connections.add(
            vendor, name, settings, labels=labels, objectives=objectives, description=description
        )

    @looked_up
    def runs(self) -> Runs:
        """Every run once, oldest first: `run_id`, `kind`, `name`, `state`, times, `goals` and `details` as JSON.

        `ws.runs.last` is the last one as a `Run`, `ws.runs["beginning of an id"]` any other.
        """
        return Runs(self._home, history(self._home))

    def sql(self, text: str, timeout: float | None = None) -> Relation:
        """Query the current version: `profiles`, `segments`, `runs`, `run_rows`, `changes`, `rejected`.

        The text can read no file, write none, reach no network and change no setting.

        Args:
            text: One SELECT in DuckDB's dialect.
            timeout: How many seconds it may compute; `sql_seconds` of the settings where it is left out.

        Returns:
            What computes the rows when it is asked for them: `.pl()`, `.df()`, `.fetchall()`, or by being shown.

        Raises:
            ConfigurationError: It is no single SELECT, takes too much time or memory, or DuckDB refuses it. The
                methods of what is returned raise it too.
        """
        return self._view().sql(text, timeout)

    def load(
        self,
        source: object = None,
        identifiers: Mapping[str, str] | None = None,
        mappings: Sequence[Mapping[str, str]] = (),
        create_profiles: bool = True,
        on_multiple_matches: OnMultipleWord | str = "newest",
        processors: Sequence[StepSpec] = (),
        goal: str | None = None,
        *,
        full: bool = False,
        read: Mapping[str, Any] | None = None,
        preview: Preview | None = None,
        progress: bool | Observer | None = None,
    ) -> Run:
        """Merge the rows of a source into the profiles.

        Args:
            source: A frame (Polars, pandas, Arrow, DuckDB), rows as mappings, or the path of files (CSV, NDJSON, JSON,
                Parquet, Excel); may be a glob.
            identifiers: Source field to property; with several, all must match at once.
            mappings: `{"from": field, "to": property, "rule": rule}`; the rules are set, set_if_empty,
                set_or_clear, add and sum. A property that does not exist is made, with the type that fits.
            create_profiles: Whether a row without match makes a profile.
            on_multiple_matches: What a row with several matches does: newest, skip or all.
            processors: Steps over the rows before matching; `ws.processors` lists them.
            goal: A name under which the import delta is kept: rows that were seen before are not applied again.
                Without one every row is applied.
            full: Apply rows again although they were seen before; numbers under `sum` are not added twice.
            read: How files are read, such as `{"separator": ";", "encoding": "cp1252", "decimal": ","}`; the options
                are format, separator, encoding, quote, header, skip, decimal, thousands, nulls, dates and sheet. What
                is left out is detected and said; `ws.peek` shows it.
            preview: Store exactly what this preview showed; all other arguments are left out then.
            progress: True for one line of text a stage, or a function that is given each `RunEvent`.

        Returns:
            The run, with its counters and frames.

        Raises:
            ConfigurationError: Something named does not exist or does not fit; every problem is listed.
            SourceError: The source cannot be read.
            ConflictError: A preview is to be stored, and somebody else has committed since.
        """
        with (
            shown(progress) as show,
            stopping("ws.runs says whether the load was stored; repeat the call"),
        ):
            if preview is not None:
                if source is not None or identifiers or mappings or processors or goal is not None or full or read:
                    raise ConfigurationError(
                        "a preview holds its source and all options of the load; give nothing else"
                    )
                run = load_previewed(self._home, preview, show)
            else:
                request = _request(
                    source, identifiers, mappings, create_profiles, on_multiple_matches, processors, goal, full, read
                )
                run = load(self._home, request, show)
        compact_when_due(self._home)
        return run

    def preview_load(
        self,
        source: object,
        identifiers: Mapping[str, str] | None = None,
        mappings: Sequence[Mapping[str, str]] = (),
        create_profiles: bool = True,
        on_multiple_matches: OnMultipleWord | str = "newest",
        processors: Sequence[StepSpec] = (),
        goal: str | None = None,
        *,
        full: bool = False,
        read: Mapping[str, Any] | None = None,
    ) -> Preview:
        """What `load` with the same arguments would do; nothing is stored.

        Raises:
            ConfigurationError: As `load`.
            SourceError: As `load`.
        """
        request = _request(
            source, identifiers, mappings, create_profiles, on_multiple_matches, processors, goal, full, read
        )
        return preview_load(self._home, request)

    def peek(self, source: object, read: Mapping[str, Any] | None = None) -> Peek:
        """Look at a source: its fields, the types that fit, how many values there are, and how files are read.

        Args:
            source: As of `load`.
            read: As of `load`; what is left out is detected, and the answer's `read` is all of it, to copy.

        Raises:
            SourceError: The source cannot be read.
            ConfigurationError: An option does not fit.
        """
        return Peek(look_at(source, read))

    def run(self, run_id: str) -> Run:
        """A run of the history.

        Raises:
            UnknownNameError: No such run.
        """
        return find_run(self._home, run_id)

    def resume(self, run_id: str, *, progress: bool | Observer | None = None) -> Run:
        """Go on with a run of a connection that was stopped; what was fetched and sent is not repeated.

        Raises:
            UnknownNameError: No such run.
            ConfigurationError: It is no run of a connection, it has ended, or its goals have changed since.
        """
        with shown(progress) as show, stopping("ws.resume(run_id) goes on where the run was"):
            run = resume_run(self._home, run_id, show)
        compact_when_due(self._home)
        return run

    def undo(self, run_id: str, reimport: bool = False) -> Run:
        """Take a load back: values return where they are still as the load left them.

        Profiles that it created and nothing touched since are deleted. The rest is left and listed in the returned
        run's `conflicts`.

        Args:
            run_id: The run of a load.
            reimport: Forget that its rows were seen, so that the next load of them applies them again.

        Raises:
            UnknownNameError: No such run.
            ConfigurationError: It stored nothing, was taken back already, or `reimport` would add numbers twice.
        """
        run = undo_run(self._home, run_id, reimport=reimport)
        compact_when_due(self._home)
        return run

    def at(self, moment: str | datetime) -> View:
        """The profiles as a run left them, or as they were at a time; read only.

        Args:
            moment: The id of a run that stored something, or a time with its zone. Old versions are kept for
                `keep_days`.

        Raises:
            UnknownNameError: No such run.
            ConfigurationError: The run stored nothing, or the time has no zone.
            WorkspaceError: Nothing that old is kept.
        """
        return self._view(moment)

    def compact(self) -> bool:
        """Fold pending patches into the base, and delete files that no kept version needs.

        It also happens by itself after a load that makes it worthwhile. Readers are never blocked.

        Returns:
            Whether anything was folded.
        """
        return compact_workspace(self._home)

    def verify(self) -> Verification:
        """Look at every file of the workspace, byte by byte: which are damaged or missing, and which runs are in them.

        Nothing is changed. It takes about a second for each gigabyte.

        Returns:
            What was found; true where nothing is damaged, `damaged` lists the files as a frame.
        """
        return verify(self._home)

    def _told(self) -> Told:
        return overview(self._home, self.connections)

    def _view(self, moment: str | datetime | None = None) -> View:
        return View(self._home, snapshot_at(self._home, moment))


def create(path: str | PathLike[str]) -> Workspace:
    """Make a new workspace in a new or an empty folder.

    Raises:
        WorkspaceError: There is a workspace already, or the folder holds something else.
    """
    return Workspace(Home.create(Path(path)))


def open(path: str | PathLike[str], create: bool = False) -> Workspace:  # noqa: A001
    """Open a workspace; what a killed process left undone is made up for.

    Args:
        path: Its folder; a relative one is looked up once, so that the workspace stays where it is.
        create: Make a new one where the folder is new or empty, so that a cell can run twice.

    Raises:
        WorkspaceError: The folder is no workspace, was written by a newer version, or is damaged.
        ConfigurationError: A setting does not fit.
    """
    home = Home.open(Path(path), create=create)
    follow(home)
    return Workspace(home)


def _request(
    source: object,
    identifiers: Mapping[str, str] | None,
    mappings: Sequence[Mapping[str, str]],
    create_profiles: bool,
    on_multiple_matches: str,
    processors: Sequence[StepSpec],
    goal: str | None,
    full: bool,
    read: Mapping[str, Any] | None,
) -> LoadRequest:
    return LoadRequest(
        source, identifiers or {}, mappings, create_profiles, on_multiple_matches, processors, goal, full, read
    )
