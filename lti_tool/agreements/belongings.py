"""What this feature holds about a person: only that a coordinator noted a signature. Names inside an agreement are part of
a document of its parties, typed by hand, and stay."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.agreements.models import Signature
from lti_tool.people.belongings.own import ACTS
from lti_tool.people.belongings.registry import mentions


def register() -> None:
    """Tell what is held."""
    mentions(Signature.by_id, _l("Signatures of agreements the person noted"), ACTS)
