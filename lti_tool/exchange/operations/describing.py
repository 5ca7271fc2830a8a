"""Own vocabularies: lists of terms that resources of an organization, or of everybody, are described by."""

from __future__ import annotations

from collections.abc import Sequence

from lti_tool.core import audit
from lti_tool.core.db import db
from lti_tool.core.versions import step
from lti_tool.exchange.models import Term, Vocabulary
from lti_tool.people.actor import Actor


def write_vocabulary(
    *,
    actor: Actor,
    vocabulary: Vocabulary | None,
    organization_id: int | None,
    seen: int,
    name: str,
    terms: Sequence[str],
) -> Vocabulary:
    """Make or change a vocabulary. A term keeps its number while it keeps its name. Raises Outdated."""
    if vocabulary is None:
        vocabulary = Vocabulary(organization_id=organization_id, name=name)
        db.session.add(vocabulary)
        db.session.flush()
    else:
        step(vocabulary, seen, name=name)
    there = {term.name: term for term in vocabulary.terms}
    for position, text in enumerate(terms):
        term = there.pop(text, None)
        if term is None:
            term = Term(vocabulary_id=vocabulary.id, name=text, position=position)
            db.session.add(term)
        term.position, term.removed = position, False
    for gone in there.values():
        gone.removed = True
    db.session.flush()
    audit.record(actor, "vocabulary.edit", "vocabulary", vocabulary.id, terms=len(terms))
    return vocabulary
