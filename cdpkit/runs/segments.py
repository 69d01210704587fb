"""The segments that goals name."""

from cdpkit.problem import Problem
from cdpkit.runs.home import Home


def segment_problems(home: Home, where: str, names: tuple[str, ...]) -> list[Problem]:
    """Segments that the workspace does not have."""
    known = home.settings.read().segments
    return [
        Problem(
            where,
            f"there is no segment {name!r}; there are: {', '.join(known) or 'none yet'}",
            f"add it with ws.segments.add({name!r}, where)",
        )
        for name in names
        if name not in known
    ]
