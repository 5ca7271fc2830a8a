"""What an agreement says, apart from who has signed it: fields, what is missing, what an amendment changes.

A *party* is an organization that takes part. Its *contribution* is what it brings in; a *duty* is who answers for what.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any

JOINT_COURSE, JOINT_PROJECT, FACILITIES, MENTORING, OTHER = "course", "project", "facilities", "mentoring", "other"
KINDS = (JOINT_COURSE, JOINT_PROJECT, FACILITIES, MENTORING, OTHER)
"""What it is about: a joint course, a joint project, use of rooms and equipment, mentoring, something else."""
TEACHING, ASSESSING, SAFETY, DOCUMENTS = "teaching", "assessing", "safety", "documents"
DUTIES = (TEACHING, ASSESSING, SAFETY, DOCUMENTS)
"""Who teaches, who assesses, who answers for the pupils' safety, who issues documents."""
DUTIES_OF = {FACILITIES: (SAFETY,), MENTORING: (SAFETY,)}
"""Kinds in which nobody teaches for another."""
USUAL_DUTIES = {JOINT_COURSE: DUTIES, JOINT_PROJECT: DUTIES, **DUTIES_OF}
"""What a new agreement of a kind lays on the organization that writes it, until the parties say otherwise."""
HORIZONTAL, VERTICAL, MIXED = "horizontal", "vertical", "mixed"


@dataclass(frozen=True)
class Contribution:
    """What one party brings in, and who speaks for it."""

    staff: str = ""
    rooms: str = ""
    """Rooms and equipment."""
    seats: int = 0
    """Places for pupils of the other parties."""
    hours: int = 0
    """Of teaching."""
    materials: str = ""
    money: str = ""
    """A note; the tool counts no money."""
    contact: str = ""
    signatory: str = ""
    """Who signs, with the office held."""

    @property
    def is_empty(self) -> bool:
        """It brings in nothing."""
        return not (self.staff or self.rooms or self.seats or self.hours or self.materials or self.money)


@dataclass(frozen=True)
class Terms:
    """Everything the parties agree on."""

    title: str = ""
    kind: str = JOINT_COURSE
    network_form: bool = False
    """An agreement on the network form of an educational programme, which needs more fields."""
    purpose: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    programme: str = ""
    """Kind, level and name of the programme (network form only)."""
    admission: str = ""
    """How pupils are admitted, and whose pupils they stay (network form only)."""
    document: str = ""
    """What pupils receive at the end (network form only)."""
    duties: Mapping[str, int] = field(default_factory=dict)
    """One of DUTIES to the organization that has it."""
    contributions: Mapping[int, Contribution] = field(default_factory=dict)
    """Of each party, by the organization's id."""

    @property
    def parties(self) -> tuple[int, ...]:
        """The organizations' ids, rising."""
        return tuple(sorted(self.contributions))

    def missing(self) -> list[tuple[str, int | None]]:
        """(field, organization or None) of all that has to be filled in before anybody can sign."""
        return list(_missing(self))

    def renamed(self, before: int, after: int) -> Terms:
        """The same with another organization in the place of one."""
        duties = {duty: after if party == before else party for duty, party in self.duties.items()}
        given = {after if party == before else party: one for party, one in self.contributions.items()}
        return replace(self, duties=duties, contributions=given)

    def to_json(self) -> dict[str, Any]:
        """For the database: dates as ISO texts, ids as texts."""
        return asdict(self) | {
            "starts_on": self.starts_on and self.starts_on.isoformat(),
            "ends_on": self.ends_on and self.ends_on.isoformat(),
            "duties": dict(self.duties),
            "contributions": {str(party): asdict(one) for party, one in self.contributions.items()},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Terms:
        """What to_json has made."""
        values = dict(stored)
        for name in ("starts_on", "ends_on"):
            values[name] = date.fromisoformat(values[name]) if values[name] else None
        values["contributions"] = {int(party): Contribution(**one) for party, one in values["contributions"].items()}
        return cls(**values)


def _missing(terms: Terms) -> Iterator[tuple[str, int | None]]:
    needed = ["title", "purpose", "starts_on", "ends_on"]
    if terms.network_form:
        needed += ["programme", "admission", "document"]
    yield from ((name, None) for name in needed if not getattr(terms, name))
    if terms.starts_on and terms.ends_on and terms.ends_on < terms.starts_on:
        yield "ends_on", None
    if len(terms.contributions) < 2:
        yield "parties", None
    for duty in DUTIES_OF.get(terms.kind, DUTIES):
        if terms.duties.get(duty) not in terms.contributions:
            yield duty, None
    for party in terms.parties:
        contribution = terms.contributions[party]
        if contribution.is_empty:
            yield "contribution", party
        yield from ((name, party) for name in ("contact", "signatory") if not getattr(contribution, name))


@dataclass(frozen=True)
class Change:
    """One thing an amendment changes; before and after as they are stored, None where there was nothing."""

    name: str
    party: int | None
    before: Any
    after: Any


def changes(before: Terms, after: Terms) -> list[Change]:
    """What differs, in the order of the fields: the terms, the duties, then each party."""
    found = [
        Change(each.name, None, getattr(before, each.name), getattr(after, each.name))
        for each in fields(Terms)
        if each.name not in ("duties", "contributions")
    ]
    found += [Change(duty, None, before.duties.get(duty), after.duties.get(duty)) for duty in DUTIES]
    for party in sorted({*before.parties, *after.parties}):
        old, new = before.contributions.get(party), after.contributions.get(party)
        if old is None or new is None:
            found.append(Change("party", party, old and party, new and party))
        old, new = old or Contribution(), new or Contribution()
        found += [
            Change(each.name, party, getattr(old, each.name), getattr(new, each.name)) for each in fields(Contribution)
        ]
    return [change for change in found if (change.before or None) != (change.after or None)]


def form_of(organizations: Collection[tuple[str, str]]) -> str:
    """The form of cooperation of parties given as (type, department).

    Horizontal: the same type and department; vertical: different types of one department; mixed: several departments.
    """
    departments = {department.casefold().strip() for _type, department in organizations}
    if len(departments) > 1:
        return MIXED
    return VERTICAL if len({type_ for type_, _department in organizations}) > 1 else HORIZONTAL
