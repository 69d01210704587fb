"""What a workspace does with a source of rows: look at it, say what a load would do, load it."""

from collections.abc import Mapping, Sequence
from threading import Event
from typing import Any

from cdpkit.core.processors import StepSpec
from cdpkit.core.words import OnMultipleWord
from cdpkit.errors import ConfigurationError
from cdpkit.runs.compaction import compact_when_due
from cdpkit.runs.guard import read_allowed
from cdpkit.runs.home import Home
from cdpkit.runs.imports.prepare import LoadRequest
from cdpkit.runs.load import load, load_previewed, preview_load
from cdpkit.runs.peek import look_at
from cdpkit.runs.preview import Preview
from cdpkit.runs.progress import Observer, shown
from cdpkit.runs.run import Run
from cdpkit.runs.stopping import stopping
from cdpkit.workspace.catalogue import TellsOfFiles
from cdpkit.workspace.peek import Peek


class Loads(TellsOfFiles):
    """The loads of a workspace."""

    def __init__(self, home: Home) -> None:
        self._home = home

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
        events: Sequence[Mapping[str, Any]] = (),
        full: bool = False,
        read: Mapping[str, Any] | None = None,
        preview: Preview | None = None,
        allow: str | Sequence[str] = (),
        progress: bool | Observer | None = None,
        stop: Event | None = None,
    ) -> Run:
        """Merge the rows of a source into the profiles.

        Args:
            source: A frame (Polars, pandas, Arrow, DuckDB), rows as mappings, or the path of files (CSV, NDJSON, JSON,
                Parquet, Excel), or the `https://` or `s3://` address of such; a path and a key may be globs.
            identifiers: Source field to property; with several, all must match at once.
            mappings: `{"from": field, "to": property, "rule": rule}`; `{"from": "*", "to": "crm_*"}` are all fields
                that have no row and are no identifiers, with `crm_` before their names. The rules are set,
                set_if_empty, set_or_clear, add and sum. A property that does not exist is made, with the type that
                fits.
            create_profiles: Whether a row without match makes a profile.
            on_multiple_matches: What a row with several matches does: newest, skip or all.
            processors: Steps over the rows before matching; `ws.processors` lists them.
            goal: A name under which the import delta is kept: rows that were seen before are not applied again.
                Without one every row is applied.
            events: What becomes of the rows on the time lines of their profiles:
                `{"type": "order", "time": field, "id": field, "mappings": [{"from": field, "to": property}]}`, one for
                each type. `{"from": "items.sku", "to": "products.sku"}` reads objects in lists; rows with the same id
                and time are one event. Without an id it is made of what the event holds. `mappings="*"` fills every
                property that a field is called like, `"where": {field: value}` keeps rows with this value. Types are
                listed by `ws.event_types`.
            full: Apply rows again although they were seen before; numbers under `sum` are not added twice.
            read: How files are read, such as `{"separator": ";", "encoding": "cp1252", "decimal": ","}`; the options
                are format, separator, encoding, quote, header, skip, decimal, thousands, nulls, dates and sheet. What
                is left out is detected and said; `ws.peek` shows it.
            preview: Store exactly what this preview showed; all other arguments but `allow` are left out then.
            allow: The guards that are not to stop it, such as "clears" (topic `guards`); kept in the history.
            progress: True for one line of text a stage, or a function that is given each `RunEvent`.
            stop: Ends the load when it is set, from whichever thread; nothing of it is stored then, and it
                is returned as `stopped`.

        Returns:
            The run, with its counters and frames.

        Raises:
            ConfigurationError: Something named does not exist or does not fit; every problem is listed.
            SourceError: The source cannot be read.
            GuardError: More would be changed than the workspace's guards let pass; nothing was stored.
            RemoteError: The server of an address cannot be reached, or refuses.
            ConflictError: A preview is to be stored, and somebody else has committed since.
            Stopped: It was ended by an interrupt, or by `stop` while the source was read.
        """
        with (
            shown(progress) as show,
            stopping("ws.runs says whether the load was stored; repeat the call"),
        ):
            if preview is not None:
                given = (identifiers, mappings, processors, events, full, read)
                if source is not None or goal is not None or any(given):
                    raise ConfigurationError(
                        "a preview holds its source and all options of the load; give nothing else"
                    )
                run = load_previewed(self._home, preview, show, stop, read_allowed(allow))
            else:
                request = LoadRequest(
                    source,
                    identifiers or {},
                    mappings,
                    create_profiles,
                    on_multiple_matches,
                    processors,
                    goal,
                    full,
                    read,
                    read_allowed(allow),
                    events,
                )
                run = load(self._home, request, show, stop)
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
        events: Sequence[Mapping[str, Any]] = (),
        full: bool = False,
        read: Mapping[str, Any] | None = None,
    ) -> Preview:
        """What `load` with the same arguments would do; nothing is stored.

        Raises:
            ConfigurationError: As `load`.
            SourceError: As `load`.
        """
        request = LoadRequest(
            source,
            identifiers or {},
            mappings,
            create_profiles,
            on_multiple_matches,
            processors,
            goal,
            full,
            read,
            events=events,
        )
        with stopping("nothing was stored"):
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
        with stopping("nothing was stored"):
            return Peek(look_at(source, read, self._home.passing))
