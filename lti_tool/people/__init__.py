"""People: persons, identities, the actor, names by the privacy rule, operators and guests and their sign-in."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from lti_tool.core import audit, web
from lti_tool.core import jobs as core_jobs
from lti_tool.core import policy as engine
from lti_tool.organizations import pointers
from lti_tool.people import cli, coordinators, policy, queries, session, views, wording
from lti_tool.people.belongings import jobs as belongings_jobs
from lti_tool.people.belongings import own as own_belongings
from lti_tool.people.belongings import policy as belongings_policy
from lti_tool.people.belongings import wording as belongings_wording
from lti_tool.people.belongings.models import Copy
from lti_tool.people.belongings.views import office as person_data
from lti_tool.people.belongings.views import own as my_data
from lti_tool.people.guests import jobs as guest_jobs
from lti_tool.people.guests import policy as guest_policy
from lti_tool.people.guests import views as guest_views
from lti_tool.people.guests.models import Guest, MailCode
from lti_tool.people.journal import views as journal
from lti_tool.people.models import Appointment, Coordinator
from lti_tool.people.notices import belongings as notice_belongings
from lti_tool.people.notices import jobs as notice_jobs
from lti_tool.people.notices import policy as notice_policy
from lti_tool.people.notices import views as notice_views
from lti_tool.people.notices.models import NoticeDigest
from lti_tool.people.privacy import merging as privacy_merging
from lti_tool.people.privacy import policy as privacy_policy
from lti_tool.people.privacy.views import gate, office, own
from lti_tool.people.retention import jobs as retention_jobs
from lti_tool.people.retention import rules as retention_rules
from lti_tool.people.retention import views as retention_views
from lti_tool.people.retention import wording as retention_wording
from lti_tool.people.support import operations as support
from lti_tool.people.support import policy as support_policy
from lti_tool.people.support import views as support_views
from lti_tool.people.support import wording as support_wording
from lti_tool.people.support.models import SupportAccess
from lti_tool.platforms import evidence

__all__ = ["retention_jobs"]


def init_app(app: Flask) -> None:
    """Add this feature's rules, screens, commands and jobs to the application."""
    session.init_app(app)
    web.on_language_choice(session.remember_language)
    engine.register(policy.RULES, policy.ACTS)
    audit.word(wording.HAPPENED, wording.THINGS)
    audit.word(belongings_wording.HAPPENED, {})
    audit.word(retention_wording.HAPPENED, retention_wording.THINGS)
    audit.word(support_wording.HAPPENED, support_wording.THINGS)
    for rules in (support_policy, guest_policy, privacy_policy, belongings_policy, notice_policy):
        engine.register(rules.RULES, rules.ACTS)
    notice_belongings.register()
    own_belongings.register()
    retention_rules.register()
    core_jobs.sweep(Copy, belongings_jobs.make_copy)
    core_jobs.sweep(MailCode, guest_jobs.send_code)
    core_jobs.sweep(NoticeDigest, notice_jobs.mail_notices)
    evidence.hear(queries.names_seen)
    pointers.moves(Coordinator.organization_id, _l("Coordinators"), settle=coordinators.one_office)
    pointers.moves(Appointment.organization_id)
    pointers.moves(Guest.organization_id, _l("Invited people"))
    pointers.stays(Copy.organization_id)
    pointers.moves(SupportAccess.organization_id, settle=support.keep_stricter)
    privacy_merging.register()
    guest_views.open_to_partners(
        "privacy.notice",
        "privacy.version",
        "privacy.ask",
        "privacy.answer",
        "privacy.mine",
        "privacy.withdraw",
        "privacy.noted",
        "my_data.index",
        "my_data.copy",
        "my_data.state",
        "my_data.file",
        "my_data.drop",
    )
    for screens in (
        views.operating,
        views.coordinators,
        views.facts,
        views.keeping,
        guest_views,
        own,
        office,
        journal,
        support_views,
        notice_views,
    ):
        app.register_blueprint(screens.blueprint)
    for screens in (my_data, person_data, retention_views):
        app.register_blueprint(screens.blueprint)
    gate.open_to_coordinators("coordinators", "support")
    app.cli.add_command(cli.operator)
    app.cli.add_command(cli.people)
