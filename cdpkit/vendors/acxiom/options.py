"""The options of a goal that asks Acxiom, and what is wrong with one."""

from cdpkit.kit.declare import Setting
from cdpkit.kit.enriching import EnrichAsked
from cdpkit.kit.kinds import Choice, Chosen, Number
from cdpkit.kit.lists import chosen
from cdpkit.problem import Problem, unknown
from cdpkit.vendors.acxiom.confidence import STEPS
from cdpkit.vendors.acxiom.documents import BUNDLES, CLASSES, SENSITIVE, kind_of, listed, named
from cdpkit.vendors.acxiom.questions import ENOUGH, PARAMETERS, TOGETHER, needed

OPTIONS = (
    Setting(
        "match_level",
        "How people are looked for: strict passes over the weaker steps",
        Choice(("default", "strict")),
        default="default",
    ),
    Setting(
        "min_confidence",
        f"Matches below it are not imported: {STEPS} takes the best alone, 1 all that tell how sure they are",
        Number(least=1, most=STEPS, whole=True),
        label="Least confidence",
    ),
    Setting(BUNDLES.name, "Bundles to ask for beside those of the mapped fields", Chosen(BUNDLES.name), default=()),
    Setting(
        SENSITIVE.name,
        "Kinds of sensitive data that may be imported; all others are dropped wherever they come",
        Chosen(SENSITIVE.name),
        default=(),
    ),
)


def ticked_kinds(asked: EnrichAsked) -> set[str]:
    """The kinds of sensitive data that a goal may import."""
    there = asked.discovery.items.get(SENSITIVE.name, ())
    return {item.id for item in chosen(asked.options[SENSITIVE.name], there, SENSITIVE)}


def problems(asked: EnrichAsked) -> list[Problem]:
    """What is wrong with the parameters and the fields of a goal."""
    found = [
        unknown("parameters", "parameter", name, PARAMETERS, "link one of these")
        for name in asked.parameters
        if name not in PARAMETERS
    ]
    linked = {*asked.parameters}
    for whole, parts in TOGETHER:
        both = sorted(linked & {*parts})
        if whole in linked and both:
            what = f"{whole!r} cannot be asked by together with {both[0]!r}"
            found.append(Problem("parameters", what, "link the whole or its parts"))
    return found + _fields(asked) + _enough(asked)


def _fields(asked: EnrichAsked) -> list[Problem]:
    """Sensitive fields that nobody has ticked."""
    ticked = {
        item.id for item in chosen(asked.options[SENSITIVE.name], asked.discovery.items[SENSITIVE.name], SENSITIVE)
    }
    own = listed(asked.settings.get("sensitive_fields"))
    kinds = {field: kind_of(parts.rest, own) for field in asked.fields if (parts := named(field))}
    return [
        Problem("mappings", f"{field!r} is sensitive ({kind})", f"add {kind!r} to source.sensitive, or do not map it")
        for field, kind in kinds.items()
        if kind is not None and kind not in ticked
    ]


def _enough(asked: EnrichAsked) -> list[Problem]:
    """Classes of which nobody can be found by what is linked."""
    linked = {*asked.parameters}
    known = {
        "name": "name" in linked or {"firstName", "lastName"} <= linked,
        "last": bool({"name", "lastName"} & linked),
        "street": "streetAddress" in linked or {"primaryNumber", "street"} <= linked,
        "zip": "zipCode" in linked,
        "city": "city" in linked,
        "state": "state" in linked,
        "email": bool({"email", "emailMD5"} & linked),
        "phone": "phone" in linked,
        "business": "businessName" in linked,
    }
    return [
        Problem(
            "parameters",
            f"nobody can be found by them for fields of {CLASSES[about]}",
            f"link {' or '.join(' and '.join(sorted(each)) for each in ENOUGH[about])}",
        )
        for about in needed(asked)
        if not any(all(known[each] for each in group) for group in ENOUGH[about])
    ]
