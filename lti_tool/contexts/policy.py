"""Who may do what with a context."""

from __future__ import annotations

from typing import Protocol

from flask_babel import lazy_gettext as _l

from lti_tool.core.policy import says
from lti_tool.people.actor import Actor


class Place(Protocol):
    """A Context, or what a page needs of one."""

    @property
    def id(self) -> int: ...
    @property
    def registration_id(self) -> int: ...


@says(_l("A teacher who came from this LMS course"))
def teaches_there(actor: Actor, context: Place) -> bool:
    return context.registration_id == actor.registration_id and actor.is_teacher(context.id)


@says(_l("Anyone who came from this LMS course"))
def came_from_there(actor: Actor, context: Place) -> bool:
    return context.registration_id == actor.registration_id and context.id in actor.roles


@says(_l("A site administrator of that LMS, who came in from it"))
def administers_lms(actor: Actor, context: Place) -> bool:
    return actor.administers is not None and actor.administers == context.registration_id


RULES = {
    "context.see": (came_from_there,),
    "context.refresh_roster": (teaches_there,),
    "context.see_participants": (teaches_there, administers_lms),
}
ACTS = {
    "context.see": _l("Open the home of an LMS course"),
    "context.refresh_roster": _l("Have the list of participants read again"),
    "context.see_participants": _l("See the participants of an LMS course"),
}
