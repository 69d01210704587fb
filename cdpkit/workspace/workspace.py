"""A workspace: profiles, their history, and what to do with them."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

from cdpkit.errors import ConfigurationError
from cdpkit.place import is_bucket
from cdpkit.runs.compaction import compact_when_due, compact_workspace
from cdpkit.runs.profile_card import ProfileCard, profile_card
from cdpkit.runs.progress import Observer, shown
from cdpkit.runs.run import Run, find_run, history
from cdpkit.runs.stopping import stopping
from cdpkit.runs.sync import resume_run
from cdpkit.runs.undo import undo_run
from cdpkit.runs.verify import Verification, verify
from cdpkit.runs.watch.watch import Watch
from cdpkit.show.face import Shown, face_of
from cdpkit.show.lookup import looked_up
from cdpkit.show.told import Told
from cdpkit.store.relation import Relation
from cdpkit.workspace.connection import Connection
from cdpkit.workspace.connections import Connections
from cdpkit.workspace.event_types import EventTypes
from cdpkit.workspace.events import Events
from cdpkit.workspace.gallery import Gallery
from cdpkit.workspace.groups import GroupTypes
from cdpkit.workspace.loads import Loads
from cdpkit.workspace.objectives import Objectives
from cdpkit.workspace.overview import overview
from cdpkit.workspace.processors import Processors
from cdpkit.workspace.profiles import Profiles
from cdpkit.workspace.properties import Properties
from cdpkit.workspace.runs import Runs
from cdpkit.workspace.segments import Segments
from cdpkit.workspace.view import View, snapshot_at

_LAST_RUNS = 100


class Workspace(Loads):
    """Customer profiles in a folder, or in a bucket.

    Made by `cdpkit.create`, opened by `cdpkit.open`.
    """

    @property
    def path(self) -> Path:
        """The folder.

        Raises:
            ConfigurationError: It lies in a bucket; `address` says where.
        """
        root = self._home.root
        if is_bucket(str(root)):
            raise ConfigurationError(f"this workspace lies in {root} and has no folder; ws.address says where it lies")
        return root.local

    @property
    def address(self) -> str:
        """Where it lies, as `cdpkit.open` takes it: the path of its folder, or `s3://bucket/prefix`."""
        return str(self._home.root)

    @looked_up
    def profiles(self) -> Profiles:
        """All profiles as they are now: the built-in properties, then one column for each property."""
        return self._view().profiles

    @looked_up
    def events(self) -> Events:
        """All timeline events as they are now: `profile_id`, `type`, `id`, `time`, `properties` (a JSON object)."""
        return self._view().events

    @looked_up
    def event_types(self) -> EventTypes:
        """The types of timeline events: `order`, and those of the workspace."""
        return EventTypes(self._home)

    def profile(self, profile_id: str | None = None, /, **identifier: object) -> ProfileCard:
        """All that is known of one profile: `ws.profile(id)`, or `ws.profile(email="ann@example.com")`.

        Its values with what set them, earlier values, segments, lists, consents, and the runs that touched it.

        Args:
            profile_id: Its public id.
            identifier: Instead of it a value of one property that is an identifier, compared as rows are matched.

        Raises:
            ConfigurationError: There is none, there are several, or neither an id nor one identifier is given.
            UnknownNameError: No such property.
        """
        return profile_card(self._home, profile_id, identifier)

    @looked_up
    def properties(self) -> Properties:
        """The catalogue of properties."""
        return Properties(self._home)

    @looked_up
    def groups(self) -> GroupTypes:
        """The types of groups, such as households: `ws.groups["household"].load(...)` fills one."""
        return GroupTypes(self._home)

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

    @looked_up
    def gallery(self) -> Gallery:
        """The vendors to which a connection can be made; `gallery.search("email")` finds some."""
        return Gallery()

    def form(self) -> Shown:
        """The connections, a gallery of vendors for new ones, and the form of each: shown as the last line of a cell.

        Raises:
            ConfigurationError: The packages that notebooks need are not installed.
        """
        return face_of(self)

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
        title: str = "",
        favorite: bool = False,
        labels: Sequence[str] = (),
        objectives: Sequence[str] = (),
        description: str = "",
    ) -> Connection:
        """Make a connection to a vendor: `connections.add` with the same arguments."""
        return self.connections.add(
            vendor,
            name,
            settings,
            title=title,
            favorite=favorite,
            labels=labels,
            objectives=objectives,
            description=description,
        )

    @looked_up
    def runs(self) -> Runs:
        """Every run once, oldest first: `run_id`, `kind`, `name`, `state`, times, `goals` and `details` as JSON.

        `ws.runs.last` is the last one as a `Run`, `ws.runs["beginning of an id"]` any other.
        """
        return Runs(self._home, history(self._home))

    def sql(self, text: str, timeout: float | None = None) -> Relation:
        """Query `profiles`, `events`, `groups`, `segments`, `exchange`, `runs`, `changes` and others as they are.

        Those are `group_members`, `run_rows`, `rejected`, `requests` and `event_exports`.

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

    def run(self, run_id: str | Run) -> Run:
        """A run of the history; given a run, that one as it stands now.

        Args:
            run_id: Its id, any beginning of it that no other has, or a run.

        Raises:
            UnknownNameError: No such run.
        """
        return find_run(self._home, run_id)

    def resume(self, run_id: str | Run, *, progress: bool | Observer | None = None, stop: Event | None = None) -> Run:
        """Go on with a run of a connection that was stopped; what was fetched and sent is not repeated.

        Args:
            run_id: The run, or its id.
            progress: As for `conn.run`.
            stop: Likewise.

        Raises:
            UnknownNameError: No such run.
            ConfigurationError: It is no run of a connection, it has ended, or its goals have changed since.
        """
        with shown(progress) as show, stopping("ws.resume(run_id) goes on where the run was"):
            run = resume_run(self._home, run_id, show, stop)
        compact_when_due(self._home)
        return run

    def watch(
        self,
        seconds: float | None = None,
        *,
        progress: bool | Observer | None = None,
        ended: Callable[[Run], None] | None = None,
        stop: Event | None = None,
    ) -> tuple[Run, ...]:
        """Follow the commits, and carry out goals with `real_time = true` as soon as they concern somebody.

        It looks five times a second, also at what has changed since the last watch, and works for those alone who have
        changed. An interrupt ends it; one that comes while a run is at work stops that too, and the next watch goes on.

        Args:
            seconds: For how long; 0 for one look, None until it is stopped.
            progress: As for `conn.run`.
            ended: Is given each run when it has ended.
            stop: Set from another thread, it ends the watch.

        Returns:
            The last hundred of its runs.

        Raises:
            ConflictError: Another watch follows this workspace.
            ConfigurationError: No active goal of a connection that is on runs in real time.
        """
        runs: deque[Run] = deque(maxlen=_LAST_RUNS)

        def heard(run: Run) -> None:
            runs.append(run)
            if ended is not None:
                ended(run)

        with shown(progress) as show:
            Watch(self._home, show, heard, stop or Event()).follow(seconds)
        return tuple(runs)

    def undo(self, run_id: str | Run, reimport: bool = False) -> Run:
        """Take a load back: values return where they are still as the load left them.

        Profiles that it created and nothing touched since are deleted. The rest is left and listed in the returned
        run's `conflicts`.

        Args:
            run_id: The run of a load, of a sync or of a change of a property; or its id.
            reimport: Forget that its rows were seen, so that the next load of them applies them again.

        Raises:
            UnknownNameError: No such run.
            ConfigurationError: It stored nothing, was taken back already, or `reimport` would add numbers twice.
        """
        with stopping("ws.runs says whether it was taken back; repeat the call"):
            run = undo_run(self._home, run_id, reimport=reimport)
        compact_when_due(self._home)
        return run

    def at(self, moment: str | Run | datetime) -> View:
        """The profiles as a run left them, or as they were at a time; read only.

        Args:
            moment: A run that stored something, its id, or a time with its zone. Old versions are kept for
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
        with stopping("what was not folded yet is folded by the next call"):
            return compact_workspace(self._home)

    def verify(self) -> Verification:
        """Look at every file of the workspace, byte by byte: which are damaged or missing, and which runs are in them.

        Nothing is changed. It takes about a second for each gigabyte.

        Returns:
            What was found; true where nothing is damaged, `damaged` lists the files as a frame.
        """
        with stopping("nothing was changed; call it again to look at all"):
            return verify(self._home)

    def _told(self) -> Told:
        return overview(self._home, self.connections)

    def _view(self, moment: str | Run | datetime | None = None) -> View:
        return View(self._home, snapshot_at(self._home, moment))
