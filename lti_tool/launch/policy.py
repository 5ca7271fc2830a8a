"""Who may do what with a content selection."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.core.policy import says
from lti_tool.launch.models import ContentSelection
from lti_tool.people.actor import Actor


@says(_l("The teacher who opened it from the LMS"))
def opened_it(actor: Actor, selection: ContentSelection) -> bool:
    return actor.identity_id == selection.identity_id and (
        selection.context_id is None or actor.is_teacher(selection.context_id)
    )


RULES = {"selection.answer": (opened_it,)}
ACTS = {
    "selection.answer": _l("Choose what a link of the LMS opens"),
}
