"""Who sees imports, and who may undo them. The thing is an Import."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.core.policy import Predicate, says
from lti_tool.exchange.access import is_grown_up
from lti_tool.exchange.importing.models import Import
from lti_tool.people.actor import Actor


@says(_l("Whoever brought it in, while they work for the organization"))
def brought_it(actor: Actor, job: Import) -> bool:
    return is_grown_up(actor) and job.person_id == actor.person_id and job.organization_id == actor.organization_id


@says(_l("A coordinator of the organization it was brought in for"))
def coordinates_it(actor: Actor, job: Import) -> bool:
    return actor.coordinates and job.organization_id == actor.organization_id


RULES: dict[str, tuple[Predicate, ...]] = {
    "import.see": (brought_it, coordinates_it),
    "import.undo": (brought_it, coordinates_it),
}
ACTS = {
    "import.see": _l("See what was brought into the exchange at once"),
    "import.undo": _l("Undo what was brought into the exchange at once"),
}
