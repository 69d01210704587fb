"""Goals as a connection file holds them: what is imported or exported, under which names, by which rules."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StrictBool,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from cdpkit.config.part import NO_CHOICE, Filled, Part, misfit, misfits
from cdpkit.core.export_values import VALUE_TYPES, ValueType
from cdpkit.core.goal import OnMultiple, Rule
from cdpkit.core.processors.steps import StepSpec
from cdpkit.errors import ConfigurationError

RUN_ORDER = ("import_profiles", "export_profiles")
"""The categories of goals, in the order in which they run."""


class PairSettings(Part):
    """An identifier pair: `from` a field of the source `to` a property, or `from` a property `to` a vendor's field."""

    source: Filled = Field(alias="from")
    target: Filled = Field(alias="to")


def _pair_list(given: Any) -> Any:
    if isinstance(given, Mapping):
        return [{"from": source, "to": target} for source, target in given.items()]
    return given


def _some_pairs(pairs: tuple[PairSettings, ...]) -> tuple[PairSettings, ...]:
    if not pairs:
        raise misfit("is empty", 'give at least one pair such as { from = "email", to = "email" }')
    twice = _twice([pair.target for pair in pairs])
    if twice:
        raise misfit(f"has {twice!r} twice on its right side", "keep one pair for it")
    return pairs


def _step(given: Any) -> StepSpec:
    if not isinstance(given, str | Mapping):
        raise misfit("is no processor", 'write the name of one, or a table such as { processor = "trim" }')
    return given


Pairs = Annotated[tuple[PairSettings, ...], BeforeValidator(_pair_list), AfterValidator(_some_pairs)]
Steps = tuple[Annotated[StepSpec, PlainValidator(_step)], ...]


class ImportMappingSettings(Part):
    """`from` a field of the source `to` a property, merged by `rule`."""

    source: Filled = Field(alias="from")
    target: Filled = Field(alias="to")
    rule: Rule = Rule.SET


class ImportGoalSettings(Part):
    """A goal that enriches or creates profiles.

    Attributes:
        source: The vendor's own options.
        identifiers: Pairs of field and property; all must match at once.
        mappings: What is stored, in order; a property is the target of at most one, `save_lists_to` included.
        processors: Steps on the rows before matching.
        save_lists_to: The property that takes the names of a person's lists.
        save_lists_rule: Whether they join the names there (`add`) or replace them (`set_or_clear`).
    """

    hint: ClassVar[str] = "the vendor's own options go into source = { ... }"

    kind: Literal["import_profiles"]
    name: Filled
    active: StrictBool = True
    source: Mapping[str, Any] = Field(default={})
    create_profiles: StrictBool = True
    on_multiple_matches: OnMultiple = OnMultiple.NEWEST
    identifiers: Pairs
    mappings: tuple[ImportMappingSettings, ...] = ()
    processors: Steps = ()
    save_lists_to: Filled | None = None
    save_lists_rule: Literal["add", "set_or_clear"] = "add"

    @model_validator(mode="after")
    def _one_target(self) -> "ImportGoalSettings":
        saved = [self.save_lists_to] if self.save_lists_to else []
        twice = _twice([mapping.target for mapping in self.mappings] + saved)
        if twice:
            raise misfit(f"property {twice!r} is the target of two mappings (save_lists_to counts as one)", "keep one")
        return self


def _value_type(name: str) -> str:
    if name not in VALUE_TYPES:
        raise misfit(NO_CHOICE, f"write one of: {', '.join(map(repr, VALUE_TYPES))}")
    return name


class ExportMappingSettings(Part):
    """A value and the vendor's field that it fills.

    Attributes:
        value: What is sent: one of `VALUE_TYPES`, which say what they take of `from`, `text` and `segments`.
        target: In the file `to`: the vendor's field.
        join: What stands between several values that are sent as one text; None for the vendor's own way.
        send_empty: Clear the vendor's field where the value is empty.
    """

    value: Annotated[str, AfterValidator(_value_type)] = "property"
    source: Filled | None = Field(default=None, alias="from")
    text: Filled | None = None
    segments: tuple[Filled, ...] | None = None
    target: Filled = Field(alias="to")
    join: str | None = None
    send_empty: StrictBool = False

    @property
    def type(self) -> ValueType:
        """The type of its value."""
        return VALUE_TYPES[self.value]

    @model_validator(mode="after")
    def _what_the_value_takes(self) -> "ExportMappingSettings":
        given = {"from": self.source, "text": self.text, "segments": self.segments}
        surplus = [key for key, value in given.items() if value is not None and key not in self.type.takes]
        if surplus:
            fitting = next(each.name for each in VALUE_TYPES.values() if surplus[0] in each.takes)
            raise misfit(f'value = "{self.value}" takes no {surplus[0]}', f'remove it, or write value = "{fitting}"')
        needed = next((key for key in self.type.needs if given[key] is None), None)
        if needed:
            raise misfit(f'value = "{self.value}" needs the key {needed}', "add it")
        if self.segments == ():
            raise misfit("segments is empty", "name segments, or remove the key to send all")
        return self


def _one_field_each(mappings: tuple[ExportMappingSettings, ...]) -> tuple[ExportMappingSettings, ...]:
    names = Counter(mapping.target for mapping in mappings)
    twice = [name for name, times in names.items() if times > 1]
    if twice:
        raise misfit(f"two of them fill the vendor's field {twice[0]!r}", "keep one")
    return mappings


class ExportGoalSettings(Part):
    """A goal that sends a segment's profiles to the vendor.

    Attributes:
        segment: The name of the segment.
        target: The vendor's own options.
        create: Whether the vendor may create a person where none matches.
        identifiers: Pairs of property and the vendor's identifier.
        mappings: What is sent, in the order in which the vendor gets it.
        skip_unchanged_payload: Leave out a profile whose body equals the last one the vendor accepted.
        processors: Steps on the rows before sending.
    """

    hint: ClassVar[str] = "the vendor's own options go into target = { ... }"

    kind: Literal["export_profiles"]
    name: Filled
    active: StrictBool = True
    segment: Filled
    target: Mapping[str, Any] = Field(default={})
    create: StrictBool = True
    identifiers: Pairs
    mappings: Annotated[tuple[ExportMappingSettings, ...], AfterValidator(_one_field_each)] = ()
    skip_unchanged_payload: StrictBool = False
    processors: Steps = ()


Goal = ImportGoalSettings | ExportGoalSettings
GoalSettings = Annotated[Goal, Field(discriminator="kind")]
"""A goal of any kind, told apart by `kind`."""

_GOAL: TypeAdapter[Goal] = TypeAdapter(GoalSettings, config=ConfigDict(hide_input_in_errors=True))


def read_goal(given: Mapping[str, Any]) -> Goal:
    """A goal from the keys that a connection file has; `identifiers` may be `{"email": "email"}` too.

    Raises:
        ConfigurationError: It does not fit; the message has every misfit.
    """
    try:
        return _GOAL.validate_python(given)
    except ValidationError as error:
        goal = f"goal {str(given.get('name', 'without a name'))!r}"
        raise ConfigurationError(f"{goal} does not fit", misfits(error, given)) from error


def in_run_order(goals: Iterable[Goal]) -> tuple[Goal, ...]:
    """By category, inside one in the order given."""
    return tuple(sorted(goals, key=lambda goal: RUN_ORDER.index(goal.kind)))


def _twice(names: Sequence[str]) -> str | None:
    counts = Counter(name.casefold() for name in names)
    return next((name for name in names if counts[name.casefold()] > 1), None)
