"""Shared cross-school courses."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from lti_tool.contexts.watching import watch
from lti_tool.core import audit
from lti_tool.core import jobs as core_jobs
from lti_tool.core import policy as engine
from lti_tool.courses import belongings, cli, jobs, kinds, policy, retention, wording
from lti_tool.courses.assignments.kind import KIND as ASSIGNMENT
from lti_tool.courses.calendar import belongings as calendar_belongings
from lti_tool.courses.calendar import views as calendar_views
from lti_tool.courses.certificates import belongings as certificate_belongings
from lti_tool.courses.certificates import policy as certificate_policy
from lti_tool.courses.certificates import views as certificate_views
from lti_tool.courses.certificates import wording as certificate_wording
from lti_tool.courses.certificates.notices import KINDS as CERTIFICATE_NOTICES
from lti_tool.courses.discussing import places as discussing
from lti_tool.courses.discussing.kind import KIND as DISCUSSION
from lti_tool.courses.endings import belongings as endings
from lti_tool.courses.endings.jobs import tell_ending
from lti_tool.courses.endings.models import EndingMail
from lti_tool.courses.gradebook import views as gradebook_views
from lti_tool.courses.groups import jobs as group_jobs
from lti_tool.courses.groups import views as group_views
from lti_tool.courses.groups import wording as group_wording
from lti_tool.courses.groups.operations import place_newcomers
from lti_tool.courses.live.kind import KIND as LIVE
from lti_tool.courses.models import CourseOffer, SharedCourse
from lti_tool.courses.operations.teaching import settle_offers
from lti_tool.courses.pages.kind import KIND as PAGE
from lti_tool.courses.placing import views as placing_views
from lti_tool.courses.placing.models import CourseTotal
from lti_tool.courses.placing.totals import send_totals
from lti_tool.courses.progress import views as progress_views
from lti_tool.courses.quizzes import belongings as quiz_belongings
from lti_tool.courses.quizzes import jobs as quiz_jobs
from lti_tool.courses.quizzes import wording as quiz_wording
from lti_tool.courses.quizzes.kind import KIND as QUIZ
from lti_tool.courses.resources.kind import KIND as RESOURCE
from lti_tool.courses.seats import belongings as seat_belongings
from lti_tool.courses.seats import jobs as seat_jobs
from lti_tool.courses.seats import policy as seat_policy
from lti_tool.courses.seats import views as seat_views
from lti_tool.courses.seats import wording as seat_wording
from lti_tool.courses.seats.models import Quota, SchoolRule
from lti_tool.courses.seats.operations.settling import settle_context
from lti_tool.courses.staff import views as staff_views
from lti_tool.courses.staff import wording as staff_wording
from lti_tool.courses.talk import views as talk_views
from lti_tool.courses.telling import belongings as telling_belongings
from lti_tool.courses.telling import jobs as telling_jobs
from lti_tool.courses.telling.kinds import KINDS as NOTICES
from lti_tool.courses.views import blueprint
from lti_tool.discussions import places
from lti_tool.organizations import pointers
from lti_tool.people.guests.views import open_to_partners
from lti_tool.people.notices import kinds as notices
from lti_tool.people.privacy.views.gate import open_to_held

__all__ = [
    "gradebook_views",
    "group_jobs",
    "group_views",
    "jobs",
    "placing_views",
    "progress_views",
    "quiz_jobs",
    "seat_jobs",
    "seat_views",
    "staff_views",
    "talk_views",
    "telling_jobs",
]


def init_app(app: Flask) -> None:
    """Add this feature's rules, screens and commands to the application."""
    kinds.register(PAGE, RESOURCE, ASSIGNMENT, QUIZ, DISCUSSION, LIVE)
    places.register(discussing.PREFIX, discussing.find)
    notices.register(*NOTICES, *CERTIFICATE_NOTICES)
    engine.register(policy.RULES, policy.ACTS)
    engine.register(seat_policy.RULES, seat_policy.ACTS)
    engine.register(certificate_policy.RULES, certificate_policy.ACTS)
    audit.word(wording.HAPPENED, wording.THINGS)
    audit.word(seat_wording.HAPPENED, seat_wording.THINGS)
    audit.word(certificate_wording.HAPPENED, certificate_wording.THINGS)
    audit.word(group_wording.HAPPENED, {})
    audit.word(staff_wording.HAPPENED, {})
    watch(settle_context)
    watch(place_newcomers)
    audit.word(quiz_wording.HAPPENED, quiz_wording.THINGS)
    quiz_belongings.register()
    telling_belongings.register()
    calendar_belongings.register()
    certificate_belongings.register()
    belongings.register()
    endings.register()
    seat_belongings.register()
    retention.register()
    pointers.moves(SharedCourse.organization_id, _l("Shared courses it hosts"))
    pointers.moves(CourseOffer.organization_id, _l("Courses offered to it"), settle=settle_offers)
    pointers.moves(Quota.organization_id, settle=pointers.one_for_each(Quota.organization_id, Quota.course_id))
    pointers.moves(SchoolRule.organization_id, settle=pointers.one_for_each(SchoolRule.organization_id))
    core_jobs.sweep(EndingMail, tell_ending)
    core_jobs.sweep(CourseTotal, send_totals)
    app.register_blueprint(blueprint)
    app.register_blueprint(calendar_views.blueprint)
    app.register_blueprint(certificate_views.checking.blueprint)
    open_to_partners(*certificate_views.checking.OPEN)
    open_to_held(*certificate_views.checking.OPEN)
    app.cli.add_command(cli.courses)
