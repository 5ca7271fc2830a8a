"""What becomes of agreements when two entries of one organization are merged."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from lti_tool.agreements.models import Agreement, Party, Revision, Signature
from lti_tool.core.db import db
from lti_tool.core.errors import Conflict
from lti_tool.organizations import pointers


def register() -> None:
    """Tell the merging of organizations what follows."""
    pointers.moves(Party.organization_id, _l("Agreements"), settle=rewrite_terms)
    for column in (
        Agreement.author_id,
        Agreement.ended_by_id,
        Revision.author_id,
        Revision.declined_by_id,
        Signature.organization_id,
    ):
        pointers.moves(column)


def rewrite_terms(source: int, target: int) -> None:
    """Let the texts name `target` where they named `source`. Raises Conflict where they agree with each other."""
    ours = select(Party.agreement_id).where(Party.organization_id == source)
    both = select(Party.agreement_id).where(Party.organization_id == target, Party.agreement_id.in_(ours))
    if shared := db.session.scalar(both.limit(1)):
        raise Conflict(
            _("Both are parties of agreement %(number)d, so they are not one organization.", number=shared),
            _(
                "Ask their coordinators. If one of them was entered by mistake, that agreement has to name the right one."
            ),
        )
    for revision in db.session.scalars(select(Revision).where(Revision.agreement_id.in_(ours))):
        revision.stored = revision.terms.renamed(source, target).to_json()
    db.session.flush()
