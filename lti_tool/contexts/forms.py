"""What a teacher asks of the list of participants."""

from __future__ import annotations

from flask import request

from lti_tool.contexts.models import LEARNER, TEACHER
from lti_tool.contexts.queries import OTHER, Wanted

EVERYBODY = "all"
STATES = ("active", "inactive")
MAX_SEARCH = 100


def read_wanted() -> Wanted:
    """The search in the address; who takes part at present unless it says otherwise, and nothing it does not know."""
    asked = {name: request.args.get(name, "")[:MAX_SEARCH].strip() for name in ("name", "status", "role", "group")}
    status = asked["status"] if asked["status"] in STATES else ""
    return Wanted(
        name=asked["name"].replace("\0", ""),
        status=status if status or asked["status"] == EVERYBODY else "active",
        role=asked["role"] if asked["role"] in (TEACHER, LEARNER, OTHER) else "",
        group=asked["group"].replace("\0", ""),
    )
