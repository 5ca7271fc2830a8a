"""Findings about a new address as sentences, and what to do next."""

from __future__ import annotations

from flask_babel import gettext as _

from lti_tool.platforms.moves.models import CHECKED, Move
from lti_tool.platforms.moves.operations import FAILED, GIVEN, OTHER, SAME, UNKNOWN


def told_findings(move: Move) -> list[tuple[str, str]]:
    """(colour, sentence) for everything the look at the new address found."""
    if move.state != CHECKED and not move.findings:
        return []
    keys, why = move.findings.get("keys", ""), move.findings.get("why", "")
    token = move.findings.get("token", "")
    known = {
        SAME: (
            "success",
            _(
                "The new address shows the same keys as the old one. Keys are public: that is a good sign, but no proof."
            ),
        ),
        OTHER: (
            "warning",
            _("The new address shows other keys than the old one. Ask the school by phone before you go on."),
        ),
        UNKNOWN: (
            "warning",
            _("No keys of the old address are known to compare with. Ask the school by phone before you go on."),
        ),
        FAILED: ("danger", _("The public keys cannot be read at the new address (%(why)s).", why=why)),
    }
    told = [known[keys]] if keys in known else []
    if token == GIVEN:
        told.append(("success", _("The LMS at the new address knows the tool and lets it in.")))
    elif token:
        told.append(("warning", _("The LMS at the new address does not let the tool in yet (%(code)s).", code=token)))
    if move.findings.get("clash"):
        told.append(("danger", _("Another registration has this address already.")))
    return told
