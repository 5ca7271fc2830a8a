"""Verbs of agreements: write, propose, sign, decline, amend, end before the time; and the days that begin and end them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, delete, select, update

from lti_tool.agreements.models import (
    ACTIVE,
    DECLINED,
    DRAFT,
    EXPIRED,
    PROPOSED,
    REPLACED,
    SIGNED,
    TERMINATED,
    WITHDRAWN,
    Agreement,
    Party,
    Revision,
    Signature,
)
from lti_tool.agreements.terms import Terms, form_of
from lti_tool.core import audit
from lti_tool.core.db import db, execute, utcnow
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.storage import StoredFile, clean_name
from lti_tool.core.versions import step
from lti_tool.organizations.models import Organization
from lti_tool.people.actor import Actor

LONGEST_REASON = 500
MOST_PARTIES = 20


@dataclass(frozen=True)
class Signing:
    """What a party tells when it signs."""

    signatory: str
    signed_on: date
    paper: str = ""
    scan: StoredFile | None = None
    scan_name: str = ""


def draft(*, actor: Actor, terms: Terms) -> Agreement:
    """A first draft, which only the actor's organization sees until it is proposed."""
    assert actor.organization_id is not None
    agreement = Agreement(author_id=actor.organization_id, kind=terms.kind, form=_form(terms))
    db.session.add(agreement)
    db.session.flush()
    _add_revision(actor, agreement, 1, terms)
    _copy(agreement, terms)
    audit.record(actor, "agreement.draft", "agreement", agreement.id, kind=terms.kind)
    return agreement


def edit(*, actor: Actor, agreement: Agreement, terms: Terms, seen: int) -> None:
    """Change the own draft; nothing but the draft changes. Raises Outdated, Invalid and Conflict."""
    revision = _open(agreement, DRAFT)
    assert revision.author_id == actor.organization_id, "the rules let nobody else edit it"
    if terms == revision.terms:
        return
    if agreement.proposed_at is not None:
        _refuse_other_parties(agreement, terms)
    if len(terms.contributions) > MOST_PARTIES:
        raise Invalid({"parties": _("At most %(limit)d organizations fit into one agreement.", limit=MOST_PARTIES)})
    step(agreement, seen)
    revision.stored = terms.to_json()
    if agreement.state == DRAFT:
        _copy(agreement, terms)
    audit.record(actor, "agreement.edit", "agreement", agreement.id, revision=revision.number)


def discard(*, actor: Actor, agreement: Agreement) -> bool:
    """Throw the own draft away; a first one takes the agreement with it (True), nobody else has ever seen it."""
    revision = _open(agreement, DRAFT)
    audit.record(actor, "agreement.discard", "agreement", agreement.id, revision=revision.number)
    db.session.delete(revision)
    if revision.number > 1:
        return False
    db.session.flush()
    execute(delete(Party).where(Party.agreement_id == agreement.id).execution_options(synchronize_session=False))
    execute(delete(Agreement).where(Agreement.id == agreement.id).execution_options(synchronize_session=False))
    return True


def propose(*, actor: Actor, agreement: Agreement, seen: int) -> None:
    """Lay the draft before all parties. Raises Outdated, and Invalid while it names nobody to propose it to."""
    revision = _open(agreement, DRAFT)
    if len(revision.terms.parties) < 2 or not revision.terms.title:
        raise Invalid({"parties": _("Give it a title and add the other organization first.")})
    step(agreement, seen)
    revision.state, revision.proposed_at = PROPOSED, utcnow()
    agreement.proposed_at = agreement.proposed_at or utcnow()
    if agreement.state == DRAFT:
        agreement.state = PROPOSED
        _copy(agreement, revision.terms)
    audit.record(actor, "agreement.propose", "agreement", agreement.id, revision=revision.number)


def rewrite(*, actor: Actor, agreement: Agreement, seen: int) -> Revision:
    """Begin a draft from the newest text: a counter-proposal, or an amendment of one that is signed by all.

    A proposal that waits is withdrawn by it, with the signatures it has. Raises Outdated and Conflict.
    """
    newest = agreement.revisions[-1]
    if newest.state == DRAFT:
        raise Conflict(_("A new text is being written already."), _("Wait until it is proposed, or ask its author."))
    if agreement.state in (EXPIRED, TERMINATED):
        raise Conflict(_("This agreement is over. Write a new one."))
    step(agreement, seen)
    if newest.state == PROPOSED:
        newest.state = WITHDRAWN
    if agreement.state == PROPOSED:
        agreement.state = DRAFT
    db.session.flush()
    revision = _add_revision(actor, agreement, newest.number + 1, newest.terms)
    audit.record(actor, "agreement.rewrite", "agreement", agreement.id, revision=revision.number)
    return revision


def decline(*, actor: Actor, agreement: Agreement, reason: str) -> None:
    """Say no to what is proposed, with a reason that every party reads. Raises Invalid and Conflict."""
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Invalid({"reason": _("Write a reason of at most %(limit)d characters.", limit=LONGEST_REASON)})
    revision = _open(agreement, PROPOSED)
    revision.state, revision.reason, revision.declined_by_id = DECLINED, reason, actor.organization_id
    if agreement.state == PROPOSED:
        agreement.state = DRAFT
    agreement.version += 1
    audit.record(actor, "agreement.decline", "agreement", agreement.id, revision=revision.number)


def sign(*, actor: Actor, agreement: Agreement, number: int, signing: Signing, today: date) -> bool:
    """The actor's organization has signed revision `number`; the last signature brings it into force, on its first day.

    False when it had signed already. Raises Invalid while legal fields are missing, Conflict when another text is proposed.
    """
    revision = _open(agreement, PROPOSED)
    if revision.number != number:
        raise Conflict(_("Another text is proposed now."), _("Read it, then sign."))
    if agreement.state in (EXPIRED, TERMINATED):
        raise Conflict(_("This agreement is over. Write a new one."))
    if revision.terms.missing():
        raise Invalid({"signatory": _("Some fields are missing; nobody can sign before they are filled in.")})
    if any(each.organization_id == actor.organization_id for each in revision.signatures):
        return False
    _check(signing, today)
    revision.signatures.append(_signature(actor, signing))
    agreement.version += 1
    db.session.flush()
    audit.record(actor, "agreement.sign", "agreement", agreement.id, revision=number, scan=signing.scan is not None)
    if {each.organization_id for each in revision.signatures} >= set(revision.terms.parties):
        _take_effect(actor, agreement, revision, today)
    return True


def end_early(*, actor: Actor, agreement: Agreement, last_day: date, reason: str, today: date) -> None:
    """End it before its time: `last_day` is the last one it holds. Raises Invalid and Conflict."""
    reason = reason.strip()
    faults = {}
    if not 0 < len(reason) <= LONGEST_REASON:
        faults["reason"] = _("Write a reason of at most %(limit)d characters.", limit=LONGEST_REASON)
    if last_day < today or (agreement.ends_on is not None and last_day > agreement.ends_on):
        faults["last_day"] = _("Choose a day from today to the last day of the agreement.")
    if faults:
        raise Invalid(faults)
    _alone(agreement)
    if agreement.state not in (SIGNED, ACTIVE):
        raise Conflict(_("Only an agreement that everybody has signed can be ended."))
    agreement.ends_on, agreement.ended_reason, agreement.ended_by_id = last_day, reason, actor.organization_id
    agreement.version += 1
    audit.record(actor, "agreement.end_early", "agreement", agreement.id, last_day=last_day.isoformat())


def turn(today: date) -> int:
    """Begin and end what is due; returns how many. Reads of what is in force look at the days, not at this."""
    begins = (Agreement.state == SIGNED, Agreement.starts_on <= today)
    over = (Agreement.state == ACTIVE, Agreement.ends_on < today)
    return (
        _move(begins, ACTIVE, "agreement.begin")
        + _move((*over, Agreement.ended_by_id.is_(None)), EXPIRED, "agreement.expire")
        + _move((*over, Agreement.ended_by_id.is_not(None)), TERMINATED, "agreement.terminate")
    )


def _move(which: Iterable[ColumnElement[bool]], state: str, verb: str) -> int:
    statement = update(Agreement).where(*which).values(state=state, version=Agreement.version + 1)
    moved = db.session.scalars(statement.returning(Agreement.id).execution_options(synchronize_session=False)).all()
    for ident in moved:
        audit.record(None, verb, "agreement", ident)
    return len(moved)


def _alone(agreement: Agreement) -> None:
    """Two parties answer at once: the second waits here for the first, and then sees what it has done."""
    execute(select(Agreement.id).where(Agreement.id == agreement.id).with_for_update())
    for revision in agreement.revisions:
        db.session.expire(revision)
    db.session.expire(agreement)


def _open(agreement: Agreement, state: str) -> Revision:
    """The newest revision, when it is in this state; nobody else changes it meanwhile. Raises Conflict."""
    _alone(agreement)
    if not agreement.revisions:
        raise Conflict
    newest = agreement.revisions[-1]
    if newest.state != state:
        raise Conflict
    return newest


def _add_revision(actor: Actor, agreement: Agreement, number: int, terms: Terms) -> Revision:
    revision = Revision(agreement=agreement, number=number, author_id=actor.organization_id, stored=terms.to_json())
    db.session.add(revision)
    db.session.flush()
    return revision


def _copy(agreement: Agreement, terms: Terms) -> None:
    """What lists and partnerships ask for."""
    agreement.title, agreement.kind, agreement.network_form = terms.title, terms.kind, terms.network_form
    agreement.starts_on, agreement.ends_on, agreement.form = terms.starts_on, terms.ends_on, _form(terms)
    known = {party.organization_id: party for party in agreement.parties}
    for ident in terms.parties:
        party = known.pop(ident, None)
        if party is None:
            party = Party(organization_id=ident)
            agreement.parties.append(party)
        party.seats, party.hours = terms.contributions[ident].seats, terms.contributions[ident].hours
    for party in known.values():
        agreement.parties.remove(party)
        db.session.delete(party)
    db.session.flush()


def _form(terms: Terms) -> str:
    statement = select(Organization.type, Organization.department).where(Organization.id.in_(terms.parties))
    return form_of([(kind, department) for kind, department in db.session.execute(statement)])


def _refuse_other_parties(agreement: Agreement, terms: Terms) -> None:
    if set(terms.parties) != {party.organization_id for party in agreement.parties}:
        raise Invalid({"parties": _("Its parties stay the same. For others, write a new agreement.")})


def _check(signing: Signing, today: date) -> None:
    faults = {}
    if not signing.signatory.strip():
        faults["signatory"] = _("Write who has signed.")
    if signing.signed_on > today:
        faults["signed_on"] = _("This day has not come yet.")
    if not signing.paper.strip() and signing.scan is None:
        faults["paper"] = _("Write the number and date of the paper, or add a scan.")
    if faults:
        raise Invalid(faults)


def _signature(actor: Actor, signing: Signing) -> Signature:
    scan = signing.scan
    return Signature(
        organization_id=actor.organization_id,
        signatory=signing.signatory.strip(),
        paper=signing.paper.strip(),
        signed_on=signing.signed_on,
        by_id=actor.person_id,
        scan_key=scan.key if scan else "",
        scan_name=clean_name(signing.scan_name) if scan else "",
        scan_size=scan.size if scan else 0,
    )


def _take_effect(actor: Actor, agreement: Agreement, revision: Revision, today: date) -> None:
    """All have signed: from now on this is what the agreement says."""
    for each in agreement.revisions:
        if each.state == SIGNED:
            each.state = REPLACED
    revision.state = SIGNED
    _copy(agreement, revision.terms)
    begun = agreement.starts_on is not None and agreement.starts_on <= today
    agreement.state = ACTIVE if begun else SIGNED
    agreement.ended_by_id, agreement.ended_reason = None, ""
    audit.record(actor, "agreement.in_force", "agreement", agreement.id, revision=revision.number)
