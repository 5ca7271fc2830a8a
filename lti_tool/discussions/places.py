"""Where discussions stand: a feature names a place and says, for each actor, what may be done there and who is around.

A place's name is a prefix of its feature, a hyphen and the rest: `activity-40`. The feature registers the prefix once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from lti_tool.core.errors import NotFound
from lti_tool.discussions.models import Post
from lti_tool.people.actor import Actor
from lti_tool.people.guests.models import Guest
from lti_tool.people.models import Identity


@dataclass(frozen=True)
class Participant:
    """Somebody who may be named in a post, and told of it."""

    person_id: int
    identity: Identity | None = None
    guest: Guest | None = None
    """One of the two."""


def nobody() -> Sequence[Participant]:
    return ()


def nothing_follows(_post: Post) -> None:
    return None


def short_names(_identity: Identity) -> bool:
    """No full names but those the privacy table gives anyway."""
    return False


@dataclass(frozen=True)
class Place:
    """A discussion as one actor meets it."""

    name: str
    title: Any
    """What it is about: the heading of its page."""
    home: str = ""
    """Address of the feature's own page, which shows the threads among other things; empty: the page here does."""
    crumbs: Sequence[tuple[str, Any]] = ()
    """(address, text) of the pages above, the outermost first."""
    organization_id: int | None = None
    """The owner."""
    reads: bool = False
    writes: bool = False
    begins: bool | None = None
    """May begin threads; None: whoever may write."""
    veiled: bool = False
    """Reads nothing but the own posts and those of teachers: the actor has to write first."""
    moderates: bool = False
    """Teachers of the place: they moderate and their posts never wait."""
    moderated: bool | None = None
    """A pupil's first post waits; None: moderators choose on the page of rules."""
    full_names: Callable[[Identity], bool] = short_names
    """May the actor read this identity's whole name? As `full` of people.names.display_name."""
    teachers: Collection[int] = field(default_factory=frozenset)
    """Ids of the identities that teach here: their names are shown in full."""
    participants: Callable[[], Sequence[Participant]] = nobody
    """Everybody here; asked for only where somebody can be named. One statement."""
    noted: Callable[[Post], None] = nothing_follows
    """A post came, or what became of it changed; in the same transaction."""


Finder = Callable[[Actor, str], Place | None]
_finders: dict[str, Finder] = {}


def register(prefix: str, find: Finder) -> None:
    """Have `find(actor, rest)` answer for every place whose name is `prefix-rest`; None: there is no such thing, or the
    actor may not know of it."""
    assert "-" not in prefix, prefix
    _finders[prefix] = find


def place_of(actor: Actor, name: str) -> Place:
    """The place as the actor meets it. Raises NotFound when they may not read there."""
    prefix, _hyphen, rest = name.partition("-")
    find = _finders.get(prefix)
    place = find(actor, rest) if find is not None and rest else None
    if place is None or not place.reads:
        raise NotFound
    return place
