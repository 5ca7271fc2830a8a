"""Who may do what with courses. Things are an Access (see access.py), or what the verb's comment says."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.core.policy import Predicate, says
from lti_tool.courses.access import Access, ActivityAccess, ParticipationAccess, WorkAccess
from lti_tool.courses.models import ARCHIVED, Participation
from lti_tool.courses.staff.models import COMMENT, GRADE, CourseTutor
from lti_tool.people.actor import Actor


@says(_l("A teacher in an LMS course of the organization"))
def teaches_at_organization(actor: Actor, organization_id: int) -> bool:
    return actor.identity_id is not None and actor.organization_id == organization_id and actor.is_teacher()


@says(_l("A teacher in the LMS course"))
def teaches_in_context(actor: Actor, context_id: int) -> bool:
    return actor.identity_id is not None and actor.is_teacher(context_id)


@says(_l("Anyone who came in through the LMS course"))
def enters_context(actor: Actor, context_id: int) -> bool:
    return actor.identity_id is not None and context_id in actor.roles


@says(_l("A teacher of the course at the host"))
def hosts_course(_actor: Actor, access: Access) -> bool:
    return access.hosts


@says(_l("A teacher of the course at the host, unless the course is archived"))
def writes_course(_actor: Actor, access: Access) -> bool:
    return access.hosts and access.course.state != ARCHIVED


@says(_l("A teacher whose own LMS course takes part"))
def brings_class(_actor: Actor, access: Access) -> bool:
    return bool(access.teaching)


@says(_l("A pupil of an LMS course that takes part, while the course is published"))
def takes_course(_actor: Actor, access: Access) -> bool:
    return access.learns


@says(_l("A teacher whose own LMS course takes part, when the activity is published"))
def brings_class_to_activity(_actor: Actor, access: ActivityAccess) -> bool:
    return bool(access.teaching) and access.shown_to_pupils


@says(_l("A pupil of an LMS course that takes part, when the activity is open to pupils"))
def takes_activity(_actor: Actor, access: ActivityAccess) -> bool:
    return access.learns and access.open_to_pupils


@says(_l("A pupil of an LMS course that takes part, when the activity is published and not open yet"))
def awaits_activity(_actor: Actor, access: ActivityAccess) -> bool:
    return access.learns and access.shown_to_pupils and not access.open_to_pupils


@says(
    _l("A pupil of an LMS course that takes part, while the activity is open; unless suspended, or the course archived")
)
def works_on_activity(actor: Actor, access: ActivityAccess) -> bool:
    may_write = not access.suspended and access.course.state != ARCHIVED
    return takes_activity(actor, access) and access.availability.open and may_write


@says(_l("A teacher of the LMS course that takes part"))
def teaches_participation(actor: Actor, participation: Participation) -> bool:
    return actor.is_teacher(participation.context_id) and participation.context.registration_id == actor.registration_id


@says(_l("A teacher of the course at the host"))
def hosts_class(_actor: Actor, access: ParticipationAccess) -> bool:
    return access.hosts


@says(_l("A teacher of the LMS course that takes part"))
def teaches_class(_actor: Actor, access: ParticipationAccess) -> bool:
    return access.home


@says(_l("A teacher of the pupil's own LMS course, once it takes part"))
def teaches_pupil(_actor: Actor, work: WorkAccess) -> bool:
    return work.own_pupil


@says(_l("The pupil whose work it is, as long as pupils are shown the activity"))
def did_work(actor: Actor, work: WorkAccess) -> bool:
    own = work.pupil is not None and work.pupil.identity.id == actor.identity_id
    return own and work.learns and work.shown_to_pupils


@says(_l("The pupil whose work it is, once the activity is open; unless suspended, or the course archived"))
def asks_about_work(actor: Actor, work: WorkAccess) -> bool:
    may_write = not work.suspended and work.course.state != ARCHIVED
    return did_work(actor, work) and work.open_to_pupils and may_write


@says(_l("A teacher who accepted an invitation to the course"))
def tutors_course(_actor: Actor, access: Access) -> bool:
    return bool(access.tutor)


@says(_l("A teacher who accepted an invitation to the course, when the activity is open to pupils"))
def tutors_activity(_actor: Actor, access: ActivityAccess) -> bool:
    return bool(access.tutor) and access.open_to_pupils


@says(_l("A teacher invited to the course, for the pupils the invitation names"))
def tutors_pupil(_actor: Actor, work: WorkAccess) -> bool:
    return bool(work.tutor) and (work.tutors_everybody or work.own_pupil)


@says(_l("A teacher invited to the course to comment, for the pupils the invitation names"))
def comments_as_tutor(actor: Actor, work: WorkAccess) -> bool:
    return work.tutor in (COMMENT, GRADE) and work.course.state != ARCHIVED and tutors_pupil(actor, work)


@says(_l("A teacher invited to the course to grade, for the pupils the invitation names"))
def grades_as_tutor(actor: Actor, access: Access) -> bool:
    if access.tutor != GRADE or access.course.state == ARCHIVED:
        return False
    return not isinstance(access, WorkAccess) or tutors_pupil(actor, access)


@says(_l("The teacher who is invited"))
def is_invited(actor: Actor, tutor: CourseTutor) -> bool:
    return actor.identity_id == tutor.identity_id and actor.is_teacher()


@says(_l("A pupil of the course, unless suspended at home"))
def learns_there(_actor: Actor, access: Access) -> bool:
    return access.learns and not access.suspended


@says(_l("A coordinator of the host or of the class's own organization"))
def coordinates_side(actor: Actor, participation: Participation) -> bool:
    sides = (participation.course.organization_id, participation.context.registration.organization_id)
    return actor.coordinates and actor.organization_id in sides


RULES: dict[str, tuple[Predicate, ...]] = {
    "course.create": (teaches_at_organization,),  # an organization's id
    "course.see": (hosts_course, brings_class, takes_course, tutors_course),
    "course.edit": (writes_course,),
    "course.host": (hosts_course,),  # what stays possible when the course is archived
    "course.grade": (writes_course, grades_as_tutor),
    "course.see_works": (hosts_course, tutors_course),
    "course.see_grades": (hosts_course, brings_class, tutors_course),
    "course.send_grades": (hosts_course, brings_class),
    "course.settle_differences": (hosts_course, brings_class),
    "context.see_courses": (enters_context,),  # a context's id
    "context.bring_courses": (teaches_in_context,),  # a context's id
    "participation.change": (teaches_participation,),  # a Participation
    "participation.settle_scale": (hosts_class, teaches_class),  # a ParticipationAccess
    "activity.see": (hosts_course, brings_class_to_activity, takes_activity, tutors_activity),
    "activity.await": (awaits_activity,),
    "activity.work": (works_on_activity,),
    "attendance.note": (hosts_course, brings_class_to_activity),
    "work.review": (hosts_course, teaches_pupil, tutors_pupil),  # a WorkAccess
    "work.see": (hosts_course, teaches_pupil, tutors_pupil, did_work),  # a WorkAccess
    "work.comment": (hosts_course, teaches_pupil, comments_as_tutor, asks_about_work),  # a WorkAccess
    "groups.see": (hosts_course, brings_class, tutors_course),
    "groups.choose": (learns_there,),
    "tutor.answer": (is_invited,),  # a CourseTutor
    "participation.decide_after": (coordinates_side,),  # a Participation
}
ACTS = {
    "course.create": _l("Make a shared course"),
    "course.see": _l("Open a shared course"),
    "course.edit": _l("Change a shared course and decide who may take part"),
    "course.host": _l("Look at a course as a pupil, copy it, archive it and bring it back"),
    "course.grade": _l("Grade work"),
    "course.see_works": _l("See what was handed in for an activity"),
    "course.see_grades": _l("See the gradebook of a course"),
    "course.settle_differences": _l("Decide about grades that differ in an LMS"),
    "context.see_courses": _l("See the shared courses of an LMS course"),
    "context.bring_courses": _l("Bring a shared course into an LMS course"),
    "participation.change": _l("Change how an LMS course takes part"),
    "participation.settle_scale": _l("Agree on a school's scale"),
    "activity.see": _l("Open an activity"),
    "activity.await": _l("Be told when an activity opens"),
    "activity.work": _l("Hand in work"),
    "attendance.note": _l("Note who was present"),
    "work.review": _l("Read a pupil's work as a teacher"),
    "work.see": _l("See a pupil's work"),
    "work.comment": _l("Comment on a pupil's work"),
    "course.send_grades": _l("Send grades that did not arrive once more"),
    "groups.see": _l("See the groups of a course"),
    "groups.choose": _l("Choose a group"),
    "tutor.answer": _l("Answer an invitation to teach along"),
    "participation.decide_after": _l("Decide what happens to a course after an agreement"),
}
