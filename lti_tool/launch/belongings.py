"""What this feature holds about a person: a choice of content that is still open. States and waiting launches know numbers
only and are gone within minutes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from lti_tool.launch.models import ContentSelection
from lti_tool.people.belongings.registry import holds


def register() -> None:
    """Tell what is held."""
    holds(
        ContentSelection.identity_id,
        _l("Choices of content for an LMS course"),
        told=select(ContentSelection.created_at, ContentSelection.answered_at),
        words={"created_at": _l("Begun"), "answered_at": _l("Answered")},
    )
