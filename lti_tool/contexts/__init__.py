"""Contexts (LMS courses), resource links, memberships and roster sync."""

from __future__ import annotations

from flask import Flask

from lti_tool.contexts import belongings, cli, jobs, operations, policy, queries, retention, views, wording
from lti_tool.contexts.guardians import policy as guardians_policy
from lti_tool.contexts.guardians import views as guardians
from lti_tool.contexts.models import Context, RosterSync
from lti_tool.core import audit
from lti_tool.core import jobs as core_jobs
from lti_tool.core import policy as engine
from lti_tool.people import keeping
from lti_tool.people.privacy.views.gate import open_to_coordinators
from lti_tool.platforms import doctor, evidence
from lti_tool.platforms.moves import addresses


def init_app(app: Flask) -> None:
    """Add this feature's rules, screens, commands and jobs to the application."""
    engine.register(policy.RULES, policy.ACTS)
    audit.word(wording.HAPPENED, wording.THINGS)
    belongings.register()
    retention.register()
    engine.register(guardians_policy.RULES, guardians_policy.ACTS)
    core_jobs.sweep(RosterSync, jobs.sync_roster)
    doctor.find_places_with(queries.service_place)
    evidence.hear(queries.services_seen)
    keeping.on_choice(operations.forget_digests)
    for column in (Context.memberships_url, Context.lineitems_url):
        addresses.holds_addresses(column, lambda registration_id: Context.registration_id == registration_id)
    addresses.after_move(operations.read_rosters_again)
    app.register_blueprint(views.blueprint)
    app.register_blueprint(guardians.blueprint)
    open_to_coordinators("guardians")
    app.cli.add_command(cli.contexts)
    app.cli.add_command(cli.roster)
