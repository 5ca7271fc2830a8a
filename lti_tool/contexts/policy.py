"""Who may do what with a context."""

from __future__ import annotations

from lti_tool.contexts.models import Context
from lti_tool.people.actor import Actor


def teaches_there(actor: Actor, context: Context) -> bool:
    """A teacher who came from this LMS course"""
    return context.registration_id == actor.registration_id and actor.is_teacher(context.id)


def came_from_there(actor: Actor, context: Context) -> bool:
    """Anyone who came from this LMS course"""
    return context.registration_id == actor.registration_id and context.id in actor.roles


RULES = {
    "context.see": (came_from_there,),
    "context.refresh_roster": (teaches_there,),
}
