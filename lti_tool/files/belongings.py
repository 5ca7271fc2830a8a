"""What this feature itself holds about whoever brought a file. What a feature took is told and erased with the feature's
own rows."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, select

from lti_tool.core.db import run
from lti_tool.files.models import StoredFile, Upload
from lti_tool.files.operations.keeping import forget_many
from lti_tool.people.belongings.registry import Subject, holds


def register() -> None:
    """Tell what is held."""
    holds(
        Upload.person_id,
        _l("Uploads under way"),
        told=select(Upload.name, Upload.size, Upload.created_at),
        words={"name": _l("Name"), "size": _l("Bytes"), "created_at": _l("When")},
    )
    holds(
        StoredFile.person_id,
        _l("Files uploaded and not used yet"),
        told=select(StoredFile.name, StoredFile.size, StoredFile.created_at, StoredFile.key.label("file_key")),
        words={"name": _l("Name"), "size": _l("Bytes"), "created_at": _l("When")},
        file_key="key",
        where=_untaken,
        erase=lambda subject: forget_many(run(select(StoredFile.id).where(_untaken(subject))).scalars().all()),
    )


def _untaken(subject: Subject) -> ColumnElement[bool]:
    own = StoredFile.person_id == subject.person_id
    if subject.organization_id is not None:
        own &= StoredFile.organization_id == subject.organization_id
    return and_(own, StoredFile.kept_at.is_(None))
