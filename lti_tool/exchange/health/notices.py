"""The notice to owners, in words."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _

from lti_tool.people.notices.kinds import Facts, NoticeKind

BROKEN = "resource.broken"


def _broken(facts: Facts, _number: int) -> str:
    return str(_("“%(title)s” can no longer be opened: its address or a file of it is gone.", title=facts["title"]))


def _to_it(facts: Facts) -> str:
    return url_for("exchange.show", resource_id=facts["resource"])


KINDS = (NoticeKind(BROKEN, "exclamation-triangle", _broken, _to_it),)
