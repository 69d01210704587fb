"""Lists, or other things to choose, that a goal names by id or by name: which they are, and what is wrong with them."""

from collections.abc import Iterable, Sequence

from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.kit.declare import Options, Setting
from cdpkit.kit.discovery import LISTS, Discovery, Item, Thing
from cdpkit.kit.kinds import Chosen, Switch
from cdpkit.problem import At, Problem, listed, nearest_first


def target_options(help: str) -> tuple[Setting, ...]:  # noqa: A002 - what it is called everywhere
    """The options of a goal's `target` that puts people on lists and takes them off; given is what is said of lists."""
    return (
        Setting(LISTS.name, help, Chosen(LISTS.name, target=True), default=()),
        Setting(
            "on_enter",
            "Put people on the lists when they enter the segment",
            Switch(),
            default=True,
            label="Put on lists on entering",
        ),
        Setting(
            "on_leave",
            "Take people off the lists when they leave the segment",
            Switch(),
            default=False,
            label="Take off lists on leaving",
        ),
    )


def chosen(names: Iterable[object], lists: Sequence[Item], thing: Thing = LISTS) -> tuple[Item, ...]:
    """The lists that are named, each once; an id comes before a name.

    Args:
        names: Ids or names.
        lists: Those that are there.
        thing: What they are.

    Raises:
        UnknownNameError: A list that is not there.
        ConfigurationError: A name that several lists share.
    """
    found: dict[str, Item] = {}
    for name in map(str, names):
        called = _called(name, lists)
        if not called:
            raise UnknownNameError(thing.singular, name, map(_shown, lists))
        if len(called) > 1:
            raise ConfigurationError(_shared(name, called, thing))
        found[called[0].id] = called[0]
    return tuple(found.values())


def problems(
    where: str, names: Iterable[object], lists: Sequence[Item], *, at: str, target: bool = True, thing: Thing = LISTS
) -> list[Problem]:
    """What is wrong with the lists that are named.

    Args:
        where: The option that names them.
        names: Ids or names.
        lists: The lists that are there.
        at: The vendor, as people call it.
        target: Whether people are to be put on them.
        thing: What they are.
    """
    found = []
    targets = ", ".join(sorted(item.name for item in lists if item.target)) or "none"
    for nth, name in enumerate(map(str, names)):
        at_it: At = (*where.split("."), nth)
        called = _called(name, lists)
        if not called:
            what = f"no {thing.singular} {name!r} at {at}; there are: {_there(lists, name)}"
            found.append(Problem(where, what, "choose one of these").about(at_it))
        elif len(called) > 1:
            found.append(Problem(where, _shared(name, called, thing), "give the id instead of the name").about(at_it))
        elif target and not called[0].target:
            what = f"{thing.singular} {name!r} is of type {called[0].kind}, on which people cannot be put"
            fix = f"choose another {thing.singular}; there are: {targets}"
            found.append(Problem(where, what, fix).about(at_it))
    return found


def named(setting: Setting, values: Options) -> tuple[str, ...]:
    """What a setting or option names of the things that the connection finds; nothing, where it is of another kind."""
    if not isinstance(setting.kind, Chosen):
        return ()
    given = values[setting.name] or ()
    return (given,) if isinstance(given, str) else tuple(given)


def choice_problems(
    declared: Sequence[Setting], values: Options, discovery: Discovery, things: Iterable[Thing], part: str, at: str
) -> list[Problem]:
    """What is wrong with the things that settings or options name.

    Args:
        declared: All settings, or all options.
        values: What they are.
        discovery: What the connection found.
        things: The kinds of things that the vendor has.
        part: How messages call the whole: `settings`, `source`, `target`.
        at: The vendor, as people call it.
    """
    known = {thing.name: thing for thing in things}
    return [
        problem
        for each in declared
        if isinstance(each.kind, Chosen)
        for problem in problems(
            f"{part}.{each.name}",
            named(each, values),
            discovery.items.get(each.kind.things, ()),
            at=at,
            target=each.kind.target,
            thing=known[each.kind.things],
        )
    ]


def leaving_problems(options: Options) -> list[Problem]:
    """Whether people are to leave the lists of a goal's `target` though there are none."""
    if options["lists"] or not options["on_leave"]:
        return []
    return [Problem("target.on_leave", "no list is chosen to take people off", "choose target.lists")]


def ids_named(declared: Iterable[Setting], values: Options, discovery: Discovery) -> tuple[str, ...]:
    """The ids of the lists that options name; of a name that several share, all of theirs."""
    names = [
        name
        for each in declared
        if isinstance(each.kind, Chosen) and each.kind.things == LISTS.name
        for name in named(each, values)
    ]
    return tuple(dict.fromkeys(item.id for name in names for item in _called(name, discovery.lists)))


def gone(missing: Sequence[Item], there: Sequence[Item], at: str) -> ConfigurationError:
    """The error that chosen lists are not at the vendor any more; one without a name is named by its id."""
    named = (f"{item.name!r} (id {item.id})" if item.name else f"with the id {item.id}" for item in missing)
    names = ", ".join(named)
    return ConfigurationError(f"list {names} is gone from {at}; there are: {_there(there)}. Choose one of these.")


def still_there(wanted: Sequence[Item], there: Sequence[Item], at: str) -> None:
    """Refuse lists that vanished since they were chosen.

    Raises:
        ConfigurationError: Some did.
    """
    ids = {item.id for item in there}
    missing = [item for item in wanted if item.id not in ids]
    if missing:
        raise gone(missing, there, at)


def _called(name: str, lists: Sequence[Item]) -> tuple[Item, ...]:
    """The list of this id, else those of this name."""
    with_id = tuple(item for item in lists if item.id == name)
    return with_id or tuple(item for item in lists if item.name == name)


def _shown(item: Item) -> str:
    return f"{item.name} (id {item.id})"


def _there(lists: Sequence[Item], name: str = "") -> str:
    """The lists that there are, those first that may have been meant by a name."""
    names = nearest_first(name, sorted({item.name for item in lists}))
    shown = [shown for each in names for shown in sorted(_shown(item) for item in lists if item.name == each)]
    return listed(shown) or "none"


def _shared(name: str, called: Sequence[Item], thing: Thing) -> str:
    return f"{len(called)} {thing.plural} are called {name!r}; use the id: {', '.join(item.id for item in called)}"
