"""Licences as data, and their arithmetic: what a work made from others may be licensed under, and how they are named.

The Creative Commons licences are those of version 4.0. What an adapter may choose follows their "adapter's licence"
clauses (section 3(b) of the ShareAlike licences, 2(a) of the NoDerivatives ones).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

CC0, BY, BY_SA, BY_NC, BY_NC_SA, BY_ND, BY_NC_ND = (
    "cc0",
    "cc-by",
    "cc-by-sa",
    "cc-by-nc",
    "cc-by-nc-sa",
    "cc-by-nd",
    "cc-by-nc-nd",
)
OWN_TERMS, SCHOOL_ONLY = "own", "school"


@dataclass(frozen=True)
class Licence:
    """What people may do with a work."""

    code: str
    name: Any
    short: str
    """As it stands in a line of credit; empty: its name does."""
    says: Any
    """In a sentence for people who read no licences."""
    url: str = ""


_CC = "https://creativecommons.org/licenses/{}/4.0/"
LICENCES: dict[str, Licence] = {
    each.code: each
    for each in (
        Licence(
            CC0,
            _l("CC0: no rights reserved"),
            "CC0 1.0",
            _l("Anybody may do anything with it, without naming you."),
            "https://creativecommons.org/publicdomain/zero/1.0/",
        ),
        Licence(
            BY,
            _l("CC BY: name the authors"),
            "CC BY 4.0",
            _l("Anybody may use and change it who names you."),
            _CC.format("by"),
        ),
        Licence(
            BY_SA,
            _l("CC BY-SA: name the authors, share alike"),
            "CC BY-SA 4.0",
            _l("Anybody may use and change it who names you and shares the result under the same licence."),
            _CC.format("by-sa"),
        ),
        Licence(
            BY_NC,
            _l("CC BY-NC: not for sale"),
            "CC BY-NC 4.0",
            _l("Anybody may use and change it who names you and does not sell it."),
            _CC.format("by-nc"),
        ),
        Licence(
            BY_NC_SA,
            _l("CC BY-NC-SA: not for sale, share alike"),
            "CC BY-NC-SA 4.0",
            _l("As before, and the result is shared under the same licence."),
            _CC.format("by-nc-sa"),
        ),
        Licence(
            BY_ND,
            _l("CC BY-ND: no changes"),
            "CC BY-ND 4.0",
            _l("Anybody may use it unchanged who names you."),
            _CC.format("by-nd"),
        ),
        Licence(
            BY_NC_ND,
            _l("CC BY-NC-ND: no changes, not for sale"),
            "CC BY-NC-ND 4.0",
            _l("Anybody may use it unchanged who names you and does not sell it."),
            _CC.format("by-nc-nd"),
        ),
        Licence(
            OWN_TERMS, _l("Own terms"), "", _l("You write what is allowed. Nobody may change it without asking you.")
        ),
        Licence(
            SCHOOL_ONLY,
            _l("Only for use in our school"),
            "",
            _l("Only teachers and pupils of your organization use it."),
        ),
    )
}
_EVERYTHING = frozenset(LICENCES)
_MAY_BECOME: dict[str, frozenset[str]] = {
    CC0: _EVERYTHING,
    BY: _EVERYTHING - {CC0},
    BY_NC: frozenset({BY_NC, BY_NC_SA, BY_NC_ND, SCHOOL_ONLY}),
    BY_SA: frozenset({BY_SA}),
    BY_NC_SA: frozenset({BY_NC_SA}),
    BY_ND: frozenset(),
    BY_NC_ND: frozenset(),
    OWN_TERMS: frozenset(),
    SCHOOL_ONLY: frozenset(),
}


@dataclass(frozen=True)
class Source:
    """A work that something is made from."""

    title: str
    licence: str
    ours: bool = False
    """The own organization holds the rights: its licence binds others, not itself."""


@dataclass(frozen=True)
class Outcome:
    """What the result may be licensed under; nothing, then `reason` says why."""

    allowed: tuple[str, ...]
    reason: str = ""


def of_remix(sources: Iterable[Source]) -> Outcome:
    """The licences for a work adapted from all of these."""
    binding = [each for each in sources if not each.ours]
    for each in binding:
        if refusal := _refusal(each):
            return Outcome((), refusal)
    allowed = _EVERYTHING.intersection(*(_MAY_BECOME[each.licence] for each in binding))
    if not allowed:
        return Outcome((), _conflict(binding))
    return Outcome(tuple(code for code in LICENCES if code in allowed))


def _refusal(source: Source) -> str:
    """Why nothing at all may be made from this one."""
    if source.licence in (BY_ND, BY_NC_ND):
        return str(
            _(
                "“%(title)s” may be used, but not changed: its licence is %(licence)s. Place it as it is, or put it into a "
                "collection.",
                title=source.title,
                licence=LICENCES[source.licence].short,
            )
        )
    if source.licence == OWN_TERMS:
        return str(_("“%(title)s” has terms of its own: ask its authors before you change it.", title=source.title))
    if source.licence == SCHOOL_ONLY:
        return str(_("“%(title)s” is only for use in the school it comes from.", title=source.title))
    return ""


def _conflict(sources: Sequence[Source]) -> str:
    """The first two that do not go together, in words."""
    for index, one in enumerate(sources):
        for other in sources[index + 1 :]:
            if not _MAY_BECOME[one.licence] & _MAY_BECOME[other.licence]:
                return str(
                    _(
                        "“%(one)s” (%(first)s) and “%(other)s” (%(second)s) cannot be mixed: each asks that the result has "
                        "conditions which the other forbids. Use only one of them, or ask the authors of one.",
                        one=one.title,
                        first=LICENCES[one.licence].short,
                        other=other.title,
                        second=LICENCES[other.licence].short,
                    )
                )
    return str(_("These works cannot be mixed."))


def credit(title: str, authors: Sequence[str], organization: str, licence: str, url: str) -> str:
    """The line by which a work is named where it is used: title, authors, licence, source."""
    who = ", ".join(authors) or organization
    if organization and organization not in who:
        who = f"{who} ({organization})"
    known = LICENCES.get(licence)
    terms = (known.short or str(known.name)) if known else licence
    address = f", {known.url}" if known and known.url else ""
    return str(
        _(
            "“%(title)s”, %(who)s. %(terms)s%(address)s. Source: %(url)s",
            title=title,
            who=who,
            terms=terms,
            address=address,
            url=url,
        )
    )
