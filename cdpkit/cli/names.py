"""Names that a shell completes: of connections, goals, segments, runs, and the like.

A shell asks while somebody types, so these read the settings alone where they can, and give nothing where there is no
workspace or it cannot be read.
"""

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import typer

from cdpkit.errors import CdpkitError
from cdpkit.place import is_bucket

Names = Callable[[typer.Context, str], list[str]]

_BASH = "complete_bash"
_ASKED = "_CDPKIT_COMPLETE"
_SPECIAL = re.compile(r"""([\s"'\\$`&|;<>()*?!#~\[\]{}])""")


def _completes(find: Callable[[typer.Context], Iterable[str]]) -> Names:
    """Those of the names that begin as what is typed does; a shell of the kind that cannot quote gets them quoted."""

    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        try:
            found = [name for name in find(ctx) if name.startswith(incomplete)]
        except (CdpkitError, OSError):
            return []
        return [_SPECIAL.sub(r"\\\1", name) for name in found] if os.environ.get(_ASKED) == _BASH else found

    return complete


def _workspace(ctx: typer.Context) -> Path:
    path = Path(ctx.params.get("workspace") or "")
    return path if is_bucket(path) else path.resolve()


def _connections(ctx: typer.Context) -> Iterable[str]:
    from cdpkit.config.connections import ConnectionFiles
    from cdpkit.place import place_at

    return ConnectionFiles(place_at(_workspace(ctx))).names()


def _goals(ctx: typer.Context) -> Iterable[str]:
    from cdpkit.config.connections import ConnectionFile
    from cdpkit.place import place_at

    # An option without its value, which is just being typed, leaves the arguments before it unread.
    connection = ctx.params.get("connection") or next(iter(ctx.args), "")
    return [goal.name for goal in ConnectionFile(place_at(_workspace(ctx)), connection).read().goals]


def _segments(ctx: typer.Context) -> Iterable[str]:
    from cdpkit.config.settings_file import SettingsFile
    from cdpkit.place import place_at

    return SettingsFile(place_at(_workspace(ctx))).read().segments


def _groups(ctx: typer.Context) -> Iterable[str]:
    from cdpkit.config.settings_file import SettingsFile
    from cdpkit.place import place_at

    return SettingsFile(place_at(_workspace(ctx))).read().groups


def _runs(ctx: typer.Context) -> Iterable[str]:
    import cdpkit

    return [str(run_id) for run_id in cdpkit.open(_workspace(ctx)).runs["run_id"].reverse()]


def _load_goals(ctx: typer.Context) -> Iterable[str]:
    import cdpkit

    runs = cdpkit.open(_workspace(ctx)).runs
    return [str(name) for name in runs.filter(kind="load")["name"].drop_nulls().unique(maintain_order=True)]


def _vendors(_ctx: typer.Context) -> Iterable[str]:
    from cdpkit import vendors

    return vendors.names()


def _topics(_ctx: typer.Context) -> Iterable[str]:
    from cdpkit.cli.manual_pages import pages

    return pages()


def _processors(_ctx: typer.Context) -> Iterable[str]:
    from cdpkit.core.processors import BUILT_INS

    return BUILT_INS


def _types(_ctx: typer.Context) -> Iterable[str]:
    from cdpkit.core.properties import PropertyType

    return [kind.value for kind in PropertyType]


connections, goals, segments, runs = (_completes(find) for find in (_connections, _goals, _segments, _runs))
load_goals, vendors, topics = (_completes(find) for find in (_load_goals, _vendors, _topics))
processors, types, groups = (_completes(find) for find in (_processors, _types, _groups))
