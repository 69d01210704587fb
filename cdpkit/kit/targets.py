"""What is wrong with the identifiers and fields of an export."""

from collections.abc import Collection, Mapping, Sequence

from cdpkit.kit.discovery import Discovery
from cdpkit.problem import At, Problem, nearest_first

_SHOWN = 20
"""So many of the vendor's fields are named, nearest first, where one is not there."""


def identifier_problems(linked: Collection[str], allowed: Sequence[Sequence[str]], who: str, fix: str) -> list[Problem]:
    """Whether a goal links identifiers that the vendor takes.

    Args:
        linked: The vendor's identifiers that are linked.
        allowed: Those that may be linked together, in each way.
        who: Who takes them: `a project of type 'email'`.
        fix: What else may be mended: `or mend settings.project_type`.
    """
    if set(linked) in [set(names) for names in allowed]:
        return []
    ways = " or ".join(" with ".join(names) for names in allowed)
    what = f"{who} identifies people by {ways}, and {', '.join(linked) or 'nothing'} is linked"
    return [Problem("identifiers", what, f"link {ways}, {fix}")]


def filling(fields: Sequence[str], name: str) -> list[At]:
    """The places of the mappings that fill a field."""
    return [("mappings", nth, "to") for nth, each in enumerate(fields) if each == name]


def field_problems(
    fields: Sequence[str], *, identifying: Collection[str], managed: Mapping[str, str], at: str
) -> list[Problem]:
    """What is wrong with the fields that a goal fills.

    Args:
        fields: Their names, in the order of the mappings.
        identifying: Fields that say who somebody is.
        managed: Fields that the vendor keeps itself, with all that is below them: each with what to do instead.
        at: The vendor, as people call it.
    """
    problems = []
    for name in dict.fromkeys(fields):
        if fields.count(name) > 1:
            twice = Problem("mappings", f"field {name!r} is filled twice", "keep one of the mappings")
            problems.append(twice.about(*filling(fields, name)))
        instead = managed.get(name, managed.get(name.split(".")[0]))
        if instead is not None:
            managing = Problem("mappings", f"field {name!r} is managed by {at} itself", instead)
            problems.append(managing.about(*filling(fields, name)))
        elif name in identifying:
            fix = f"link {name!r} as identifier instead of mapping to it"
            problems.append(Problem("mappings", f"field {name!r} identifies people", fix).about(*filling(fields, name)))
    return problems


def unknown_fields(
    fields: Sequence[str], discovery: Discovery, *, known: Collection[str], at: str, fix: str
) -> list[Problem]:
    """The fields that a goal fills and the vendor does not have.

    Args:
        fields: Their names, in the order of the mappings.
        discovery: What the connection found.
        known: Fields that are there although discovery may not name them, such as identifiers.
        at: The vendor, as people call it.
        fix: What else may be done than to correct the name.
    """
    there = dict.fromkeys([field.name for field in discovery.fields])
    return [
        Problem(
            "mappings", f"no field {name!r} at {at}; there are: {_near(name, list(there))}", f"correct the name, {fix}"
        ).about(*filling(fields, name))
        for name in dict.fromkeys(fields)
        if name not in there and name not in known
    ]


def _near(name: str, there: list[str]) -> str:
    shown, more = nearest_first(name, there)[:_SHOWN], len(there) - _SHOWN
    return (", ".join(shown) or "none yet") + (f", and {more} more" if more > 0 else "")
