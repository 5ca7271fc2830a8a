"""Looking at a course through the eyes of a pupil of some school: what would be shown, and nothing that is anybody's.

The pupil does not exist: no identity has the number 0, so there is no work, no grade, and nothing can be written in that
name. It belongs to no organization either, so that the rule about names shows the host's teacher no more than ever.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from lti_tool.courses.access import Access, ActivityAccess
from lti_tool.courses.availability import HIDDEN, OPEN, Availability
from lti_tool.courses.models import ACTIVE, Participation
from lti_tool.people.actor import Actor

NOBODY = 0


@dataclass(frozen=True)
class Preview:
    """What a teacher chose to look at."""

    participation: Participation | None
    """The class; None: one of a school that does not take part yet."""
    everything_open: bool
    """As if every date had come and everything before had been done."""

    @property
    def school(self) -> str:
        if self.participation is None:
            return str(_("Another school"))
        return self.participation.context.registration.organization.name

    @property
    def chosen(self) -> int:
        return self.participation.id if self.participation else NOBODY


def as_pupil(actor: Actor, preview: Preview) -> Actor:
    """A pupil of that school; the session's own person, to whom addresses of pictures are given."""
    return Actor(
        person_id=actor.person_id,
        identity_id=NOBODY,
        is_pupil=True,
        display_name=str(_("A pupil")),
        organization_name=preview.school,
    )


def through_pupils_eyes(access: Access, preview: Preview) -> Access:
    """The course, as that pupil stands to it."""
    return Access(access.course, learning=(_class_of(access, preview),), preview=True)


def activity_through_pupils_eyes(access: ActivityAccess, preview: Preview) -> ActivityAccess:
    """An activity, in the same way."""
    found = access.availability
    if preview.everything_open and found.state != HIDDEN:
        found = Availability(OPEN)
    eyes = through_pupils_eyes(access, preview)
    return ActivityAccess(**vars(eyes), activity=access.activity, availability=found)


def _class_of(access: Access, preview: Preview) -> Participation:
    if preview.participation is not None:
        return preview.participation
    return Participation(id=NOBODY, course_id=access.course.id, context_id=NOBODY, state=ACTIVE)
