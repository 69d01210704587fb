"""One load at work: every row in source order, over the running state of the profiles (semantics 2 to 5)."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.model import consent, matching, rules
from tests.model.delta import Delta, Record, Unit, record
from tests.model.runs import Load, ModelRun
from tests.model.values import same

if TYPE_CHECKING:
    from tests.model.model import Model

Fate = tuple[str, str | None]


@dataclass
class Row:
    """A source row that reached profiles, and what came of its values up to now."""

    number: int
    values: Mapping[str, object]
    unit: Unit
    record: Record
    targets: list[int]
    had: bool = False  # a non-empty mapped value
    accepted: bool = False  # at least one of them
    changed: bool = False  # a running value of at least one profile


class Merge:
    """The state of one load.

    Attributes:
        matched: What rows match, and ask for consent: profiles as they were before the run, created ones as they were
            created.
        running: The profiles as the rows up to now have made them.
    """

    def __init__(self, model: "Model", load: Load) -> None:
        self.model = model
        self.load = load
        self.run = ModelRun(model.seq)
        self.matched = deepcopy(model.profiles)
        self.running = deepcopy(model.profiles)
        self.delta = Delta(model.seen.get(load.goal, {}) if load.goal else {}, full=load.full)
        self.text_sums: dict[tuple[int, str], rules.TextSum] = {}
        self.last_change: dict[tuple[int, str], tuple[str, int]] = {}

    def row(self, number: int, values: Mapping[str, object]) -> Fate:
        """Decide and apply one row, in the order of the checks."""
        pairs = matching.pairs(values, self.load.identifiers, self.model.properties)
        rejected = {(number, pair.field, text) for pair in pairs for text in pair.rejected}
        if not all(pair.accepted for pair in pairs):
            self.run.rejected |= rejected
            return "excluded", "missing_identifier"
        unit, seen = matching.unit(pairs), record(values, self.load)
        if self.delta.seen(unit, seen):
            return "excluded", "not_changed"
        self.run.rejected |= rejected
        found = matching.matches(self.matched, pairs)
        self.run.multiple_matches += len(found) > 1
        if not found and not self.load.create_profiles:
            return "excluded", "no_match"
        several = len(found) > 1 and self.load.on_multiple_matches == "skip"
        targets = [] if several else self._consenting(found, pairs, values)
        if not targets:
            return "excluded", "multiple_matches" if several else "no_consent"
        row = Row(number, values, unit, seen, targets)
        for mapping in self.load.mappings:
            self._map(row, mapping)
        self.delta.store(unit, seen)
        if row.changed or not found:
            return "applied", None
        return ("excluded", "all_rejected") if row.had and not row.accepted else ("unchanged", None)

    def _consenting(self, found: list[int], pairs: list[matching.Pair], values: Mapping[str, object]) -> list[int]:
        """Those of the chosen profiles that consented, or a created one whose consent the row carries."""
        if not self.load.objectives:
            return self._choose(found) if found else [self._create(pairs)]
        if found:
            return [profile for profile in self._choose(found) if consent.consents(self.matched[profile], self.load)]
        carried = consent.carried(values, self.load, self.model.properties)
        if not consent.consents(carried, self.load):
            return []
        created = self._create(pairs)
        self.matched[created] |= carried
        return [created]

    def _choose(self, found: list[int]) -> list[int]:
        """A profile created in this run has this run's number, so it is the newest."""
        if self.load.on_multiple_matches == "all":
            return found
        return [max(found, key=lambda profile: (self.model.updated_seq[profile], profile))]

    def _create(self, pairs: list[matching.Pair]) -> int:
        """Add a profile that holds the row's identifier values; the mappings come after."""
        profile = self.model.next_row
        self.model.next_row += 1
        self.model.updated_seq[profile] = self.run.seq
        self.matched[profile] = matching.new_profile(pairs, self.model.properties)
        self.running[profile] = deepcopy(self.matched[profile])
        self.run.created.append(profile)
        return profile

    def _map(self, row: Row, mapping: Mapping[str, str]) -> None:
        """Apply one mapping of a row to every profile that it reached."""
        field, name, rule = mapping["from"], mapping["to"], mapping["rule"]
        property_ = self.model.properties[name]
        given = rules.given(row.values.get(field), property_, rule)
        self.run.rejected |= {(row.number, field, text) for text in given.rejected}
        row.had = row.had or bool(given.accepted or given.rejected)
        if rule == "sum":
            for number in given.accepted:
                self._sum(row, field, name, number)
            return
        row.accepted = row.accepted or bool(given.accepted)
        for profile in row.targets:
            self._write(row, profile, name, rule, rules.write(rule, property_, self.running[profile][name], given))

    def _sum(self, row: Row, field: str, name: str, number: object) -> None:
        """Add a number, unless this goal took it before; it is stored as taken when at least one profile took it."""
        if self.delta.reapplies(row.unit, row.record) and self.delta.take_sum(row.unit, (field, number)):
            row.accepted = True
            row.record.sums.append((field, number))
            return
        taken = False
        for profile in row.targets:
            try:
                after = self._added(profile, name, number)
            except rules.Overflow:
                self.run.rejected |= {(row.number, field, text) for text in rules.texts(row.values.get(field))[:1]}
                continue
            taken = True
            self._write(row, profile, name, "sum", after)
        if taken:
            row.accepted = True
            row.record.sums.append((field, number))

    def _added(self, profile: int, name: str, number: object) -> object:
        now = self.running[profile][name]
        if self.model.properties[name].type != "text":
            return rules.add_number(now, number)
        if (profile, name) not in self.text_sums:
            self.text_sums[profile, name] = rules.TextSum(now)
        return self.text_sums[profile, name].add(now, number)

    def _write(self, row: Row, profile: int, name: str, rule: str, after: object) -> None:
        if same(self.running[profile][name], after):
            return
        self.running[profile][name] = after
        self.last_change[profile, name] = (rule, row.number)
        row.changed = True

    def finish(self) -> None:
        """Compare the end with the beginning, and store both profiles and delta."""
        model, run = self.model, self.run
        for profile, old in model.profiles.items():
            for name, before in old.items():
                after = self.running[profile][name]
                if not same(before, after):
                    run.changes[profile, name] = (before, after, *self.last_change[profile, name])
        for (profile, name), (_, after, _, _) in run.changes.items():
            model.profiles[profile][name] = after
            model.updated_seq[profile] = run.seq
            run.updated.add(profile)
        model.profiles |= {profile: self.running[profile] for profile in run.created}
        if self.load.goal:
            model.seen[self.load.goal] = self.delta.before | self.delta.after
