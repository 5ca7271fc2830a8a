"""Who may confirm that guardians of the pupils of an LMS course agree."""

from __future__ import annotations

from typing import Protocol

from flask_babel import lazy_gettext as _l

from lti_tool.contexts.policy import teaches_there
from lti_tool.core.policy import says
from lti_tool.people.actor import Actor
from lti_tool.people.policy import coordinates_it
from lti_tool.platforms.policy import coordinates_owner


class ClassOfPupils(Protocol):
    """An LMS course with what its organization decided."""

    @property
    def id(self) -> int: ...
    @property
    def registration_id(self) -> int: ...
    @property
    def organization_id(self) -> int: ...
    @property
    def teachers_confirm(self) -> bool: ...


@says(_l("A teacher who came from this LMS course, if the organization lets teachers confirm"))
def teaches_there_and_may(actor: Actor, place: ClassOfPupils) -> bool:
    return place.teachers_confirm and actor.organization_id == place.organization_id and teaches_there(actor, place)


RULES = {
    "guardians.list_classes": (coordinates_it,),  # an Organization
    "guardians.confirm": (coordinates_owner, teaches_there_and_may),  # a ClassOfPupils
}
ACTS = {
    "guardians.list_classes": _l("See in which classes guardians' agreement is missing"),
    "guardians.confirm": _l("Confirm the agreement of guardians of a class"),
}
