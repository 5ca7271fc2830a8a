"""What the exchange holds about a person: the name under works, reports and questions, kept searches, what a pupil worked
through."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from lti_tool.core.db import db, execute
from lti_tool.exchange.community.models import Need, NeedAnswer, Question, UsageReport
from lti_tool.exchange.importing.models import Import, ImportFile
from lti_tool.exchange.models import (
    PURPOSE,
    CompletedWork,
    Resource,
    ResourceAuthor,
    ResourceFile,
    ResourceOrigin,
    ResourceUse,
    ResourceVersion,
)
from lti_tool.exchange.search.models import SavedSearch
from lti_tool.exchange.search.operations import refresh
from lti_tool.files.belongings import outlives
from lti_tool.people.belongings.own import ACTS, NAME
from lti_tool.people.belongings.registry import EMPTIED, KEPT, Subject, holds, mentions

_TITLE, _WHEN, _TEXT = _l("Resource"), _l("When"), _l("Text")


def _title(column: InstrumentedAttribute[Any]) -> Any:
    return select(Resource.title).where(Resource.id == column).scalar_subquery().label("title")


def register() -> None:
    """Tell what is held."""
    holds(
        ResourceAuthor.person_id,
        _l("Name under resources"),
        fate=EMPTIED,
        why=_l("The work stays with its organization and with those who use it, without the name."),
        told=select(_title(ResourceAuthor.resource_id), ResourceAuthor.name, ResourceAuthor.organization),
        words={"title": _TITLE, "name": NAME, "organization": _l("Organization")},
        erase=_take_names_off,
    )
    holds(
        CompletedWork.identity_id,
        _l("Resources worked through"),
        told=select(_title(CompletedWork.resource_id), CompletedWork.created_at),
        words={"title": _TITLE, "created_at": _WHEN},
    )
    holds(
        SavedSearch.person_id,
        _l("Kept searches"),
        told=select(SavedSearch.name, SavedSearch.created_at),
        words={"name": _l("Name"), "created_at": _WHEN},
    )
    _told()
    outlives(PURPOSE)
    mentions(ResourceFile.file_id, _l("Files of resources that the person brought"), ACTS)
    mentions(ImportFile.file_id, _l("Files that an import reads"), ACTS)
    mentions(Import.person_id, _l("Imports into the exchange"), ACTS)
    mentions(Resource.person_id, _l("Resources the person added"), ACTS)
    mentions(ResourceVersion.person_id, _l("Versions of resources the person made"), ACTS)
    mentions(ResourceUse.person_id, _l("Resources the person placed in LMS courses"), ACTS)
    mentions(NeedAnswer.person_id, _l("Resources the person offered for requests"), ACTS)


def _told() -> None:
    holds(
        UsageReport.person_id,
        _l("Reports on the use of resources"),
        told=select(_title(UsageReport.resource_id), UsageReport.rating, UsageReport.setting).add_columns(
            UsageReport.worked, UsageReport.changed, UsageReport.changed_at
        ),
        words={
            "title": _TITLE,
            "rating": _l("Rating"),
            "setting": _l("In what class, of what age"),
            "worked": _TEXT,
            "changed": _l("What I changed"),
            "changed_at": _WHEN,
        },
        erase=_take_reports_back,
    )
    holds(
        Question.person_id,
        _l("Questions to authors"),
        told=select(_title(Question.resource_id), Question.text, Question.created_at),
        words={"title": _TITLE, "text": _TEXT, "created_at": _WHEN},
    )
    holds(
        Need.person_id,
        _l("Requests for resources"),
        fate=KEPT,
        why=_l("The request is the organization's, and others have answered it; the number leads to nobody any more."),
        told=select(Need.title, Need.text, Need.created_at),
        words={"title": _l("What is needed"), "text": _TEXT, "created_at": _WHEN},
    )


def _take_names_off(subject: Subject) -> None:
    """No name under their works, nor where others name them as origin, nor in the search."""
    own = ResourceAuthor.person_id == subject.person_id
    if subject.organization_id is not None:
        theirs = select(Resource.id).where(Resource.organization_id == subject.organization_id)
        own &= ResourceAuthor.resource_id.in_(theirs)
    idents = list(db.session.scalars(select(ResourceAuthor.resource_id).where(own).distinct()))
    execute(delete(ResourceAuthor).where(own))
    names: dict[int, list[str]] = {ident: [] for ident in idents}
    left = select(ResourceAuthor.resource_id, ResourceAuthor.name).where(ResourceAuthor.resource_id.in_(idents))
    for ident, name in db.session.execute(left.order_by(ResourceAuthor.position)):
        names[ident].append(name)
    for ident, others in names.items():
        named = update(ResourceOrigin).where(ResourceOrigin.origin_id == ident)
        execute(named.values(authors=", ".join(others)).execution_options(synchronize_session=False))
    db.session.expire_all()
    refresh(idents)


def _take_reports_back(subject: Subject) -> None:
    """Their reports go, and no rating stays without one."""
    own = UsageReport.person_id == subject.person_id
    if subject.organization_id is not None:
        own &= UsageReport.organization_id == subject.organization_id
    idents = list(db.session.scalars(select(UsageReport.resource_id).where(own)))
    execute(delete(UsageReport).where(own))
    about = UsageReport.resource_id == Resource.id
    count = select(func.count()).where(about).scalar_subquery()
    total = select(func.coalesce(func.sum(UsageReport.rating), 0)).where(about).scalar_subquery()
    statement = update(Resource).where(Resource.id.in_(idents)).values(rating_count=count, rating_total=total)
    execute(statement.execution_options(synchronize_session=False))
    db.session.expire_all()
    refresh(idents)
