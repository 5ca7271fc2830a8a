"""Harvests in words."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from lti_tool.exchange.harvesting.models import LOM_PREFIX, OAI_DC_PREFIX
from lti_tool.exchange.harvesting.operations import MOST_RECORDS
from lti_tool.exchange.importing import wording as importing

FORMATS: dict[str, Any] = {
    OAI_DC_PREFIX: _l("Dublin Core (oai_dc): every catalogue has it"),
    LOM_PREFIX: _l("LOM (lom): more is told, where the catalogue has it"),
}
STATES: dict[str, tuple[str, Any]] = {
    "waiting": ("success", _lp("harvest", "on schedule")),
    "sending": ("info", _lp("harvest", "under way")),
    "paused": ("secondary", _lp("harvest", "paused")),
}
REASONS: dict[str, Any] = {
    **importing.REASONS,
    "licence": _l("It names no licence that is known here."),
    "double": _l("The same address is in the exchange already."),
}
ERRORS: dict[str, Any] = {
    **importing.FAULTS,
    "not_oai": _l("What is at this address does not speak OAI-PMH."),
    "too_many": _l(
        "The catalogue has no end, or more than %(limit)d records: it is paused. Have only a set of it harvested.",
        limit=MOST_RECORDS,
    ),
    "badResumptionToken": _l("The catalogue has forgotten how far the harvest was: it begins anew."),
    "cannotDisseminateFormat": _l("The catalogue does not have this format. Choose the other one."),
    "noSetHierarchy": _l("The catalogue has no sets. Leave the set empty."),
    "badArgument": _l("The catalogue did not understand the question."),
}
"""Why the last attempt failed; codes that are not here are the protocol's own."""
HAPPENED: dict[str, Any] = {
    "harvest.edit": _l("Catalogue to harvest changed"),
    "harvest.run": _l("Harvest of a catalogue ordered or paused"),
    "harvest.decide": _l("Changes in a harvested catalogue taken or not"),
    "harvest.remove": _l("Catalogue to harvest removed"),
    "harvest.finish": _l("Catalogue harvested"),
}
THINGS: dict[str, Any] = {"harvest": _l("Catalogue to harvest")}
