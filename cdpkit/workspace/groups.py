"""The catalogue of types of groups: households, companies, and what else profiles belong to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Event
from typing import ClassVar

import polars as pl

from cdpkit.config.groups import drop_group, put_group
from cdpkit.config.settings_file import Document
from cdpkit.core.processors import StepSpec
from cdpkit.core.properties import GROUP_ID, Property, PropertyType
from cdpkit.errors import ConfigurationError, UnknownNameError, refuse
from cdpkit.runs.compaction import compact_when_due
from cdpkit.runs.groups import groups_of, link_problems, members_of, refuse_former
from cdpkit.runs.guard import read_allowed
from cdpkit.runs.home import Home
from cdpkit.runs.imports.prepare import LoadRequest
from cdpkit.runs.load import load, load_previewed, preview_load
from cdpkit.runs.preview import Preview
from cdpkit.runs.progress import Observer, shown
from cdpkit.runs.run import Run
from cdpkit.runs.stopping import stopping
from cdpkit.runs.uses import goals_about
from cdpkit.show.text import counted
from cdpkit.show.told import Told, told
from cdpkit.workspace.catalogue import Catalogue, TellsOfFiles
from cdpkit.workspace.looked import Looked

Properties = Mapping[str, str] | Sequence[Property]
"""`{"size": "number", "name": "text"}`; or a list of `cdpkit` properties, where one holds several values or tells who
somebody is."""


class Groups(Looked):
    """A lazy frame of the groups of a type; what is made of it is a lazy frame as any other.

    Looked at, it shows how many there are, and the first of them.
    """

    noun: ClassVar[str] = "group"


@dataclass(frozen=True, slots=True, repr=False)
class GroupType(TellsOfFiles):
    """A type of groups.

    Attributes:
        name: How it is called.
        link: The property of profiles that holds the `group_id` of theirs.
        label: For people.
        properties: What is known of each group beside its id, by name.
    """

    _home: Home = field(repr=False)
    name: str
    link: str
    label: str
    properties: Mapping[str, Property]

    @property
    def groups(self) -> Groups:
        """The groups as they are now: `group_id`, their properties, and when they were made and changed."""
        return Groups.of(groups_of(self._home, self._home.tables.snapshot(), self.name).drop("row"))

    def count(self) -> int:
        """How many groups there are."""
        return int(self.groups.select(pl.len()).collect().item())

    def members(self) -> pl.DataFrame:
        """`group_id`, `profile_id`: who belongs where, also to groups that are not known."""
        found = members_of(self._home, self._home.tables.snapshot(), self.name)
        return found.select(GROUP_ID.name, "profile_id").collect()

    def load(
        self,
        source: object = None,
        id: str | None = None,
        mappings: Sequence[Mapping[str, str]] = (),
        create_groups: bool = True,
        processors: Sequence[StepSpec] = (),
        goal: str | None = None,
        *,
        full: bool = False,
        read: Mapping[str, object] | None = None,
        preview: Preview | None = None,
        allow: str | Sequence[str] = (),
        progress: bool | Observer | None = None,
        stop: Event | None = None,
    ) -> Run:
        """Merge the rows of a source into the groups: as `ws.load` does into profiles, by the same rules.

        Args:
            source: As of `ws.load`.
            id: The field that holds the id of each group; a row without one is left out.
            mappings: As of `ws.load`; a property that does not exist is made for this type.
            create_groups: Whether an id that is not known makes a group.
            processors: As of `ws.load`.
            goal: Likewise.
            full: Likewise.
            read: Likewise.
            preview: Store exactly what this preview showed; all other arguments but `allow` are left out then.
            allow: As of `ws.load`.
            progress: Likewise.
            stop: Likewise.

        Returns:
            The run; `created` and `updated` in its counters and frames are groups.

        Raises:
            ConfigurationError: Something named does not exist or does not fit; every problem is listed.
            SourceError: The source cannot be read.
            GuardError: More would be changed than the workspace's guards let pass; nothing was stored.
            ConflictError: A preview is to be stored, and somebody else has committed since.
            Stopped: It was ended by an interrupt, or by `stop` while the source was read.
        """
        with shown(progress) as show, stopping("ws.runs says whether the load was stored; repeat the call"):
            if preview is None:
                request = self._request(source, id, mappings, create_groups, processors, goal, full, read)
                run = load(self._home, replace(request, allow=read_allowed(allow)), show, stop)
            else:
                if source is not None or id is not None or goal is not None or any((mappings, processors, full, read)):
                    raise ConfigurationError(
                        "a preview holds its source and all options of the load; give nothing else"
                    )
                run = load_previewed(self._home, preview, show, stop, read_allowed(allow))
        compact_when_due(self._home)
        return run

    def preview_load(
        self,
        source: object,
        id: str | None = None,
        mappings: Sequence[Mapping[str, str]] = (),
        create_groups: bool = True,
        processors: Sequence[StepSpec] = (),
        goal: str | None = None,
        *,
        full: bool = False,
        read: Mapping[str, object] | None = None,
    ) -> Preview:
        """What `load` with the same arguments would do; nothing is stored.

        Raises:
            ConfigurationError: As `load`.
            SourceError: As `load`.
        """
        request = self._request(source, id, mappings, create_groups, processors, goal, full, read)
        with stopping("nothing was stored"):
            return preview_load(self._home, request)

    def _request(
        self,
        source: object,
        field_of_id: str | None,
        mappings: Sequence[Mapping[str, str]],
        create_groups: bool,
        processors: Sequence[StepSpec],
        goal: str | None,
        full: bool,
        read: Mapping[str, object] | None,
    ) -> LoadRequest:
        if not isinstance(field_of_id, str) or not field_of_id:
            raise ConfigurationError(f"say which field of the source holds the id of each {self.name}: id='...'")
        return LoadRequest(
            source,
            {field_of_id: GROUP_ID.name},
            mappings,
            create_profiles=create_groups,
            processors=processors,
            goal=goal,
            full=full,
            read=read,
            group=self.name,
        )

    def _told(self) -> Told:
        lines = [(prop.name, prop.type.value, ["multi"] if prop.multi else []) for prop in self.properties.values()]
        what = f"{counted(self.count(), 'group')}; profiles hold their group_id in {self.link!r}"
        return told(f"GroupType({self.name!r}): {what}", ("property", "type", "flags"), lines)


class GroupTypes(Catalogue[GroupType]):
    """All types of groups by name; a mapping that reads the settings each time."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def define(
        self, name: str, link: str | None = None, properties: Properties = (), label: str | None = None
    ) -> GroupType:
        """Add a type of groups, or change the one of this name; running it again changes nothing.

        Args:
            name: Letters, digits, `_` and `-`, such as `household`; unique without regard to case.
            link: The property of profiles that holds the id of their group: text or number, several where a profile
                belongs to several groups. Where it is left out, it stays.
            properties: What is known of each group; see `Properties`. Those that it has already stay; loads add more.
            label: For people; where it is left out, it stays.

        Raises:
            ConfigurationError: A name does not fit, there is no such link, or a property is of another type already,
                of this type of groups or of another one.
            UnknownNameError: No such type of values.
        """
        given = _read(properties)

        def edit(document: Document) -> None:
            held = self.get(name)
            wanted = link if link is not None else held.link if held else None
            if wanted is None:
                raise ConfigurationError(
                    f"say which property of profiles holds the id of their {name}: "
                    f"ws.groups.define({name!r}, link='PROPERTY')"
                )
            refuse(f"the group type {name!r} does not fit", link_problems(self._home.settings.read(), wanted))
            new = [prop for prop in given if _is_new(name, held, prop)]
            refuse_former(self._home.tables.snapshot(), name, new)
            told = label if label is not None else held.label if held else ""
            put_group(document, name, link=wanted, label=told, properties=new)

        self._home.settings.edit(edit)
        return self[name]

    def remove(self, name: str) -> None:
        """Forget a type; its groups are shown no more, and are there again when it is defined again.

        Raises:
            UnknownNameError: No such type.
            ConfigurationError: Goals import groups of it.
        """
        self[name]
        if uses := goals_about(self._home, name):
            raise ConfigurationError(f"group type {name!r} is used by {', '.join(uses)}; change or remove those first")
        self._home.settings.edit(lambda document: drop_group(document, name))

    def frame(self) -> pl.DataFrame:
        """`type`, `link`, `property`, `value_type`, `multi`: a line for each property of each type."""
        lines = [
            (kind.name, kind.link, prop.name, prop.type.value, prop.multi)
            for kind in self.values()
            for prop in kind.properties.values()
        ]
        schema = dict.fromkeys(("type", "link", "property", "value_type"), pl.String) | {"multi": pl.Boolean}
        return pl.DataFrame(lines, schema=schema, orient="row")

    def __getitem__(self, name: str) -> GroupType:
        held = self._home.settings.read().group(name)
        own = {each.name: each.to_property() for each in held.properties}
        return GroupType(self._home, name, held.link, held.label, own)

    def __contains__(self, name: object) -> bool:
        return name in self._home.settings.read().groups

    def __iter__(self) -> Iterator[str]:
        return iter(self._home.settings.read().groups)

    def __len__(self) -> int:
        return len(self._home.settings.read().groups)

    def _told(self) -> Told:
        lines = [(kind.name, kind.label, kind.link, ", ".join(kind.properties)) for kind in self.values()]
        return told(counted(len(self), "group type"), ("name", "label", "link", "properties"), lines)


def _is_new(name: str, held: GroupType | None, prop: Property) -> bool:
    """Whether a type has no such property yet.

    Raises:
        ConfigurationError: It has another one of this name.
    """
    there = None if held is None else held.properties.get(prop.name)
    if there is not None and there != prop:
        raise ConfigurationError(
            f"group type {name!r} has a property {prop.name!r} already, which is {there.type.value}"
            f"{' with several values' if there.multi else ''} and stays so; choose another name"
        )
    return there is None


def _read(given: Properties) -> list[Property]:
    if isinstance(given, Mapping):
        for kind in given.values():
            if kind not in set(PropertyType):
                raise UnknownNameError("property type", str(kind), PropertyType)
        return [Property(name, PropertyType(kind)) for name, kind in given.items()]
    if not all(isinstance(prop, Property) for prop in given):
        raise ConfigurationError("properties are names with types, such as properties={'size': 'number'}")
    return list(given)
