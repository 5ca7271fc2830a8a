"""The page of rules: every rule of the program in words, grouped by what it is about, and searched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from lti_tool.core.policy import all_rules

SUBJECTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "people": (_l("Coordinators and invited people"), ("coordinator", "guest", "passkey")),
    "organizations": (_l("Organizations"), ("organization", "school")),
    "registrations": (_l("LMSs and invitations"), ("registration", "deployment", "invitation")),
    "agreements": (_l("Agreements"), ("agreement",)),
    "courses": (_l("Courses"), ("course", "context", "participation", "activity", "attendance", "work", "selection")),
    "grades": (_l("Delivery of grades"), ("deliveries", "reconciliation")),
    "privacy": (_l("Personal data"), ("privacy", "guardians")),
    "hub": (_l("The hub"), ("hub", "rules", "journal", "support", "announcement", "state")),
}
"""Heading of each group, and how the verbs of it begin."""
_OTHER = _l("Other")


@dataclass(frozen=True)
class Rule:
    """One verb in words."""

    verb: str
    act: str
    who: tuple[str, ...]

    def holds(self, part: str) -> bool:
        """Whether its words have this part, however it is written."""
        return any(part in text.casefold() for text in (self.verb, self.act, *self.who))


@dataclass(frozen=True)
class Group:
    """The rules about one subject."""

    name: str
    heading: str
    rules: tuple[Rule, ...]


def groups(search: str = "") -> list[Group]:
    """All rules in groups, or those whose words hold every word of `search`."""
    words = search.casefold().split()
    found = [Rule(*each) for each in all_rules()]
    found = [rule for rule in found if all(rule.holds(word) for word in words)]
    known = {begins for _heading, beginnings in SUBJECTS.values() for begins in beginnings}
    made = [Group(name, str(heading), _of(found, beginnings)) for name, (heading, beginnings) in SUBJECTS.items()]
    made.append(Group("other", str(_OTHER), _of(found, {_begins(rule) for rule in found} - known)))
    return [group for group in made if group.rules]


def _begins(rule: Rule) -> str:
    return rule.verb.partition(".")[0]


def _of(rules: Iterable[Rule], beginnings: Iterable[str]) -> tuple[Rule, ...]:
    wanted = set(beginnings)
    return tuple(sorted((rule for rule in rules if _begins(rule) in wanted), key=lambda rule: rule.act.casefold()))
