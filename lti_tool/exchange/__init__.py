"""The common resource exchange: what organizations share, find, adapt and use."""

from __future__ import annotations

from flask import Flask

from lti_tool.core import audit, jobs
from lti_tool.core import policy as engine
from lti_tool.exchange import belongings, cli, policy, wording
from lti_tool.exchange.community import policy as community_policy
from lti_tool.exchange.community import views as community_views
from lti_tool.exchange.harvesting import jobs as harvesting_jobs
from lti_tool.exchange.harvesting import policy as harvesting_policy
from lti_tool.exchange.harvesting import views as harvesting
from lti_tool.exchange.harvesting import wording as harvesting_wording
from lti_tool.exchange.harvesting.models import HarvestSource
from lti_tool.exchange.health import jobs as health_jobs
from lti_tool.exchange.health import views as health_views
from lti_tool.exchange.health.models import ResourceCheck
from lti_tool.exchange.health.notices import KINDS as NOTICES
from lti_tool.exchange.importing import jobs as importing_jobs
from lti_tool.exchange.importing import policy as importing_policy
from lti_tool.exchange.importing import views as importing_views
from lti_tool.exchange.importing import wording as importing_wording
from lti_tool.exchange.importing.models import Import
from lti_tool.exchange.merging import register as register_merging
from lti_tool.exchange.views import blueprint, opening
from lti_tool.people.guests.views import open_to_partners
from lti_tool.people.notices import kinds as notices

__all__ = ["community_views", "health_views", "importing_views", "init_app"]


def init_app(app: Flask) -> None:
    """Add this feature's rules, screens and commands to the application."""
    app.extensions["exchange"] = {}
    engine.register(policy.RULES, policy.ACTS)
    open_to_partners(*(f"exchange_open.{name}" for name in ("index", "show", "facts", "file", "sitemap")))
    engine.register(community_policy.RULES, community_policy.ACTS)
    engine.register(importing_policy.RULES, importing_policy.ACTS)
    engine.register(harvesting_policy.RULES, harvesting_policy.ACTS)
    audit.word(wording.HAPPENED, wording.THINGS)
    audit.word(importing_wording.HAPPENED, importing_wording.THINGS)
    audit.word(harvesting_wording.HAPPENED, harvesting_wording.THINGS)
    jobs.sweep(Import, importing_jobs.run_import)
    jobs.sweep(HarvestSource, harvesting_jobs.harvest)
    jobs.sweep(ResourceCheck, health_jobs.check_resource)
    notices.register(*NOTICES)
    register_merging()
    belongings.register()
    app.register_blueprint(blueprint)
    app.register_blueprint(opening.blueprint)
    app.register_blueprint(harvesting.blueprint)
    for commands in (cli.exchange, cli.demo):
        app.cli.add_command(commands)
