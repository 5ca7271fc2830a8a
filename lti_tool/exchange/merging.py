"""What becomes of resources when two entries of one organization are merged."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.exchange.community.models import Need, NeedAnswer, Question, UsageReport
from lti_tool.exchange.harvesting.models import HarvestSource
from lti_tool.exchange.importing.models import Import
from lti_tool.exchange.models import Resource, ResourceUse, Vocabulary
from lti_tool.exchange.search.models import ResourceEntry
from lti_tool.organizations import pointers


def register() -> None:
    """Tell the merging of organizations what follows."""
    pointers.moves(Resource.organization_id, _l("Resources in the exchange"))
    pointers.moves(ResourceEntry.organization_id)
    pointers.moves(ResourceUse.organization_id)
    for column in (
        HarvestSource.organization_id,
        Import.organization_id,
        Vocabulary.organization_id,
        UsageReport.organization_id,
        Question.organization_id,
        Need.organization_id,
        NeedAnswer.organization_id,
    ):
        pointers.moves(column)
