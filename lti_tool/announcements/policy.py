"""Who writes announcements, and who reads which."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import lazy_gettext as _l

from lti_tool.announcements.models import (
    ADMINISTRATORS,
    COORDINATORS,
    EVERYBODY,
    TEACHERS,
    URGENT,
    Announcement,
)
from lti_tool.core.policy import Predicate, says
from lti_tool.people.actor import Actor
from lti_tool.people.policy import is_operator

_MEANT: dict[str, Callable[[Actor], bool]] = {
    EVERYBODY: lambda _actor: True,
    COORDINATORS: lambda actor: actor.coordinates,
    ADMINISTRATORS: lambda actor: actor.administers is not None,
    TEACHERS: lambda actor: actor.is_teacher(),
}


@says(_l("Whom the announcement is for"))
def is_meant(actor: Actor, announcement: Announcement) -> bool:
    return _MEANT[announcement.audience](actor)


@says(_l("Whom the announcement is for, unless it is urgent"))
def may_put_away(actor: Actor, announcement: Announcement) -> bool:
    return announcement.kind != URGENT and is_meant(actor, announcement)


RULES: dict[str, tuple[Predicate, ...]] = {
    "announcement.write": (is_operator,),
    "announcement.read": (is_meant,),  # an Announcement
    "announcement.dismiss": (may_put_away,),  # an Announcement
}
ACTS = {
    "announcement.write": _l("Write, change and end announcements"),
    "announcement.read": _l("See an announcement on top of the pages"),
    "announcement.dismiss": _l("Put an announcement away"),
}
