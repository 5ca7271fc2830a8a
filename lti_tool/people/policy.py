"""Who may do what as an operator of the hub."""

from __future__ import annotations

from lti_tool.people.actor import Actor


def is_operator(actor: Actor, _thing: object) -> bool:
    """An operator of the hub"""
    return actor.is_operator


RULES = {
    "hub.see": (is_operator,),
    "rules.see": (is_operator,),
}
