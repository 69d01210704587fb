"""What is wrong with the identifiers and fields of an export."""

from collections.abc import Collection, Sequence

from cdpkit.problem import Problem


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


def field_problems(
    fields: Sequence[str], *, identifying: Collection[str], managed: Collection[str], at: str
) -> list[Problem]:
    """What is wrong with the fields that a goal fills.

    Args:
        fields: Their names, in the order of the mappings.
        identifying: Fields that say who somebody is.
        managed: Fields that the vendor keeps itself, with all that is below them.
        at: The vendor, as people call it.
    """
    problems = []
    for name in dict.fromkeys(fields):
        if fields.count(name) > 1:
            problems.append(Problem("mappings", f"field {name!r} is filled twice", "keep one of the mappings"))
        if name.split(".")[0] in managed:
            problems.append(Problem("mappings", f"field {name!r} is managed by {at} itself", "map to another field"))
        elif name in identifying:
            fix = f"link {name!r} as identifier instead of mapping to it"
            problems.append(Problem("mappings", f"field {name!r} identifies people", fix))
    return problems
