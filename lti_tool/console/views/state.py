"""How the installation does: storage, queues, duties, workers, versions."""

from __future__ import annotations

from flask import g, render_template, url_for

from lti_tool.console import wording
from lti_tool.console.queries import state as figures
from lti_tool.console.views.base import EVERY, asked_page, blueprint
from lti_tool.core import queues
from lti_tool.core.paging import paged
from lti_tool.core.policy import require
from lti_tool.core.settings import current_settings


@blueprint.get("/state")
def state() -> str:
    """Everything an operator looks at when something is slow, full or silent."""
    require(g.actor, "state.see", EVERY)
    settings = current_settings()
    page = paged(figures.largest_first(), asked_page(), lambda number: url_for(".state", page=number, _anchor="files"))
    return render_template(
        "console/state.html",
        page=page,
        stored=figures.stored(),
        versions=figures.versions(),
        disks=figures.disks(settings),
        grades=figures.grades_on_the_way(),
        rosters=figures.rosters(),
        backlogs=queues.backlogs(),
        counted=queues.COUNTED,
        workers=queues.workers(),
        duties=queues.duties(),
        mail=settings.mail,
        storage="S3" if settings.storage_url.startswith("s3:") else "",
    )


@blueprint.app_template_global("hub_summary")
def hub_summary() -> figures.Summary:
    """For the overview, which stands on a lower floor."""
    return figures.summary(current_settings())


blueprint.add_app_template_global(wording.duty_name, "duty_name")
blueprint.add_app_template_global(wording.queue_name, "queue_name")
blueprint.add_app_template_filter(wording.interval, "interval")
blueprint.add_app_template_filter(wording.size, "filesize")
