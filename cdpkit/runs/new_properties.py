"""The properties that an import makes, as reports tell of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def made_lines(
    made: Iterable[Mapping[str, Any]], read: Mapping[str, Any], notes: Sequence[str], run: str | None = None
) -> list[str]:
    """What is made, why, and how each mends a type that is not what it should be.

    Args:
        made: `property`, `type`, `why`, `rows`, `nearly`.
        read: The options of the reader that would give other types; empty for none.
        notes: What no option says.
        run: The run that has made them; None where that is only planned.
    """
    lines = list(made)
    if not lines:
        return []
    told = [f"    new properties: {'; '.join(map(_told, lines))}"]
    nearly = {each["property"]: each["nearly"] for each in lines if each["nearly"] is not None}
    for name, kind in nearly.items():
        if run is None:
            mend = f"ws.properties.add({name!r}, type={kind!r}) before the load"
        else:
            mend = f"ws.properties.change({name!r}, type={kind!r}, rest='reject')"
        told.append(f"    to have {name} as {kind}: {mend}; what does not fit is listed")
    if read:
        first = "" if run is None else f"ws.undo({run!r}), then load with "
        told.append(f"    to have more types than text: {first}read={dict(read)!r}")
    return [*told, *(f"    {note}" for note in notes)]


def _told(each: Mapping[str, Any]) -> str:
    rows = ", ".join(map(str, each["rows"]))
    return f"{each['property']} ({each['type']}: {each['why']}{f': row {rows}' if rows else ''})"
