"""Who harvests other catalogues. The thing is a HarvestSource, or anything for the list."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.core.policy import Predicate, says
from lti_tool.exchange.harvesting.models import HarvestSource
from lti_tool.exchange.policy import coordinates_or_operates
from lti_tool.people.actor import Actor


@says(_l("A coordinator of the organization that harvests it"))
def coordinates_source(actor: Actor, source: HarvestSource) -> bool:
    return actor.coordinates and actor.organization_id == source.organization_id


@says(_l("An operator of the hub"))
def operates_hub(actor: Actor, _source: HarvestSource) -> bool:
    return actor.is_operator


@says(_l("A coordinator of any organization"))
def coordinates_any(actor: Actor, _thing: object) -> bool:
    return actor.coordinates and actor.organization_id is not None


RULES: dict[str, tuple[Predicate, ...]] = {
    "harvest.list": (coordinates_or_operates,),
    "harvest.add": (coordinates_any,),
    "harvest.see": (coordinates_source, operates_hub),
    "harvest.edit": (coordinates_source,),
    "harvest.run": (coordinates_source, operates_hub),
    "harvest.remove": (coordinates_source,),
}
ACTS = {
    "harvest.list": _l("See the catalogues that are harvested"),
    "harvest.add": _l("Add a catalogue to harvest"),
    "harvest.see": _l("See how the harvest of a catalogue goes"),
    "harvest.edit": _l("Change a catalogue, and publish what it brought"),
    "harvest.remove": _l("Remove a catalogue that is harvested"),
    "harvest.run": _l("Harvest a catalogue at once, or pause it"),
}
