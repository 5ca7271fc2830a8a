"""An LMS that was registered a second time goes on as the registration it had: people, contexts and grades stay."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import delete, update

from lti_tool.core import audit
from lti_tool.core.db import db, execute
from lti_tool.core.errors import Conflict
from lti_tool.platforms.access import forget_tokens
from lti_tool.platforms.models import ACTIVE, Deployment, DoctorReport, Invitation, Registration
from lti_tool.platforms.moves.addresses import base_of, rewrite, tell_moved
from lti_tool.platforms.moves.models import Move

_TOLD = (
    "issuer",
    "client_id",
    "auth_url",
    "token_url",
    "token_audience",
    "jwks_url",
    "scopes",
    "foreign_hosts",
    "product",
    "product_version",
)
"""What the LMS told when it was registered anew."""


def continue_registration(*, actor: audit.Acting, newcomer: Registration, original: Registration) -> None:
    """Give the original what the LMS told anew, and let the newcomer go. Saying so is its approval.

    The newcomer must be of the same organization and never have been used: people are not joined. A single deployment
    on both sides is taken for the same one, so that the contexts that hang on it go on. Raises Conflict.
    """
    if newcomer.id == original.id or newcomer.organization_id != original.organization_id:
        raise Conflict(_("These are not two registrations of one organization."), _("Open the page again."))
    if newcomer.last_launch_at is not None:
        raise Conflict(
            _("People have come in through the new registration already."),
            _("They are known there, and cannot become those known before. Suspend the one that is not wanted."),
        )
    told = {name: getattr(newcomer, name) for name in _TOLD}
    deployment_ids = [each.deployment_id for each in newcomer.deployments]
    old, ident, before = base_of(original.issuer), original.id, newcomer.id
    _let_go(newcomer, original)
    db.session.refresh(original)
    for name, value in told.items():
        setattr(original, name, value)
    original.state, original.jwks, original.jwks_fetched_at = ACTIVE, None, None
    _take_deployments(original, deployment_ids)
    db.session.flush()
    forget_tokens(ident)
    counts = rewrite(ident, old, base_of(original.issuer))
    tell_moved(ident)
    audit.record(actor, "registration.continue", "registration", ident, newcomer=before, addresses=counts)


def _let_go(newcomer: Registration, original: Registration) -> None:
    """Remove a registration that nobody has used, with what hangs on it."""
    gone = newcomer.id
    forget_tokens(gone)
    used = update(Invitation).where(Invitation.registration_id == gone).values(registration_id=original.id)
    own = [delete(model).where(model.registration_id == gone) for model in (Deployment, DoctorReport, Move)]
    away = delete(Registration).where(Registration.id == gone)
    db.session.expire(newcomer)
    for statement in (used, *own, away):
        execute(statement.execution_options(synchronize_session=False))
    db.session.expunge(newcomer)


def _take_deployments(original: Registration, deployment_ids: list[str]) -> None:
    known = {each.deployment_id: each for each in original.deployments}
    accepted = [each for each in original.deployments if each.state == ACTIVE]
    new = [each for each in deployment_ids if each not in known]
    if len(accepted) == len(deployment_ids) == len(new) == 1:
        accepted[0].deployment_id = new[0]
        return
    for deployment_id in deployment_ids:
        if deployment_id in known:
            known[deployment_id].state = ACTIVE
        else:
            original.deployments.append(Deployment(deployment_id=deployment_id, state=ACTIVE))
