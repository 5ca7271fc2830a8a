"""Resources in words: kinds, states, who may see them, what happened."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from lti_tool.exchange.health.models import BLOCKED, NO_FILE, NOT_FOUND, UNREACHABLE
from lti_tool.exchange.licences import LICENCES
from lti_tool.exchange.models import (
    COLLECTION,
    DRAFT,
    FILE,
    HUB,
    LINK,
    OWN,
    PACKAGE,
    PAGE,
    PARTNERS,
    PUBLIC,
    PUBLISHED,
    RETIRED,
)
from lti_tool.exchange.vocabularies import LANGUAGES, STAGES, SUBJECTS, USES, level_name

KINDS: dict[str, Any] = {
    FILE: _l("Files"),
    LINK: _l("Link"),
    PAGE: _l("Page"),
    PACKAGE: _l("Package"),
    COLLECTION: _l("Collection"),
}
KIND_ICONS = {
    FILE: "file-earmark-text",
    LINK: "link-45deg",
    PAGE: "file-richtext",
    PACKAGE: "box-seam",
    COLLECTION: "collection",
}
STATES: dict[str, tuple[str, Any]] = {
    DRAFT: ("secondary", _lp("resource", "draft")),
    PUBLISHED: ("success", _lp("resource", "published")),
    RETIRED: ("warning", _lp("resource", "retired")),
}
VISIBILITIES: dict[str, Any] = {
    OWN: _l("Teachers of our organization"),
    PARTNERS: _l("Also our partners under an agreement in force"),
    HUB: _l("Teachers of every organization in the network"),
    PUBLIC: _l("Everybody, also without signing in"),
}
DIMENSIONS: dict[str, Any] = {
    "subject": _l("Subject"),
    "level": _l("Level of education"),
    "grade": _l("Grade"),
    "kind": _l("Kind"),
    "use": _l("What it is for"),
    "language": _l("Language"),
    "licence": _l("Licence"),
    "tag": _l("Topic"),
}
SORTS: dict[str, Any] = {
    "relevance": _l("Best match"),
    "newest": _l("Newest"),
    "used": _l("Most used"),
    "rated": _l("Best rated"),
}
WHOSE: dict[str, Any] = {
    "": _l("Everything"),
    "own": _l("Of our organization"),
    "partners": _l("Of our partners"),
    "used": _l("Used by our partners"),
}
TROUBLES: dict[str, Any] = {
    NOT_FOUND: _l("Nothing is at its address any more"),
    UNREACHABLE: _l("Its address does not answer"),
    BLOCKED: _l("Its address leads where nobody may look"),
    NO_FILE: _l("A file of it is gone"),
}
HAPPENED: dict[str, Any] = {
    "resource.add": _l("Resource added"),
    "resource.edit": _l("Resource changed"),
    "resource.publish": _l("Resource published"),
    "resource.retire": _l("Resource retired"),
    "resource.discard": _l("Draft of a resource deleted"),
    "resource.adapt": _l("Resource adapted"),
    "resource.credit": _l("Origin of a resource named"),
    "resource.place": _l("Resource placed in an LMS course"),
    "resource.pin": _l("Version for an LMS course chosen"),
    "resource.complete": _l("Resource worked through"),
    "resource.collect": _l("Collection changed"),
    "resource.report": _l("Use in class reported"),
    "resource.unreport": _l("Report of use taken back"),
    "resource.ask": _l("Question about a resource asked"),
    "resource.answer": _l("Question about a resource answered"),
    "need.ask": _l("Resource asked for"),
    "need.offer": _l("Resource offered for a request"),
    "need.thank": _l("Thanked for a resource"),
    "need.close": _l("Request closed"),
    "vocabulary.edit": _l("Vocabulary changed"),
}
THINGS: dict[str, Any] = {
    "resource": _l("Resource"),
    "vocabulary": _l("Vocabulary"),
    "need": _l("Request for a resource"),
}


def code_name(dimension: str, code: str) -> str:
    """A code of a filter in words; the code itself when it is none of ours."""
    names: dict[str, dict[str, Any]] = {
        "subject": SUBJECTS,
        "kind": KINDS,
        "use": USES,
        "language": LANGUAGES,
        "level": {stage: name for stage, (name, _codes) in STAGES.items()},
        "licence": {each.code: each.short or each.name for each in LICENCES.values()},
    }
    if dimension == "grade":
        return level_name(code)
    return str(names.get(dimension, {}).get(code, code))
