"""Who may do what with courses. Things are an Access (see access.py), or what the verb's comment says."""

from __future__ import annotations

from lti_tool.core.policy import Predicate
from lti_tool.courses.access import Access, ActivityAccess, WorkAccess
from lti_tool.courses.models import Participation
from lti_tool.people.actor import Actor


def teaches_at_organization(actor: Actor, organization_id: int) -> bool:
    """a teacher in an LMS course of the organization"""
    return actor.identity_id is not None and actor.organization_id == organization_id and actor.is_teacher()


def teaches_in_context(actor: Actor, context_id: int) -> bool:
    """a teacher in the LMS course"""
    return actor.identity_id is not None and actor.is_teacher(context_id)


def enters_context(actor: Actor, context_id: int) -> bool:
    """anyone who came in through the LMS course"""
    return actor.identity_id is not None and context_id in actor.roles


def hosts_course(_actor: Actor, access: Access) -> bool:
    """a teacher of the course at the host"""
    return access.hosts


def brings_class(_actor: Actor, access: Access) -> bool:
    """a teacher whose own LMS course takes part"""
    return bool(access.teaching)


def takes_course(_actor: Actor, access: Access) -> bool:
    """a pupil of an LMS course that takes part, while the course is published"""
    return access.learns


def brings_class_to_activity(_actor: Actor, access: ActivityAccess) -> bool:
    """a teacher whose own LMS course takes part, when the activity is open to pupils"""
    return bool(access.teaching) and access.open_to_pupils


def takes_activity(_actor: Actor, access: ActivityAccess) -> bool:
    """a pupil of an LMS course that takes part, when the activity is open to pupils"""
    return access.learns and access.open_to_pupils


def works_on_activity(actor: Actor, access: ActivityAccess) -> bool:
    """a pupil of an LMS course that takes part, unless suspended there"""
    return takes_activity(actor, access) and not access.suspended


def teaches_participation(actor: Actor, participation: Participation) -> bool:
    """a teacher of the LMS course that takes part"""
    return actor.is_teacher(participation.context_id) and participation.context.registration_id == actor.registration_id


def teaches_pupil(_actor: Actor, work: WorkAccess) -> bool:
    """a teacher of the pupil's own LMS course, once it takes part"""
    return work.own_pupil


def did_work(actor: Actor, work: WorkAccess) -> bool:
    """the pupil whose work it is"""
    return work.pupil is not None and work.pupil.identity.id == actor.identity_id and work.learns


RULES: dict[str, tuple[Predicate, ...]] = {
    "course.create": (teaches_at_organization,),  # an organization's id
    "course.see": (hosts_course, brings_class, takes_course),
    "course.edit": (hosts_course,),
    "course.grade": (hosts_course,),
    "course.see_grades": (hosts_course, brings_class),
    "context.see_courses": (enters_context,),  # a context's id
    "context.bring_courses": (teaches_in_context,),  # a context's id
    "participation.change": (teaches_participation,),  # a Participation
    "activity.see": (hosts_course, brings_class_to_activity, takes_activity),
    "activity.work": (works_on_activity,),
    "work.review": (hosts_course, teaches_pupil),  # a WorkAccess
    "work.see": (hosts_course, teaches_pupil, did_work),  # a WorkAccess
}
