"""What this feature holds about a person: the files they brought, unless a feature keeps them for an organization."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select, update

from lti_tool.core.db import execute, utcnow
from lti_tool.files.kinds import UNKNOWN
from lti_tool.files.models import ERASED, StoredFile, Upload, VirusCheck
from lti_tool.people.belongings.own import ACTS
from lti_tool.people.belongings.registry import EMPTIED, Subject, holds, mentions

_FACTS = {"name": _l("Name"), "size": _l("Bytes"), "created_at": _l("When")}
_outliving: set[str] = set()


def outlives(purpose: str) -> None:
    """Files taken for this purpose are an organization's, such as published material: they stay when whoever brought them
    is erased, and the feature itself tells of them."""
    _outliving.add(purpose)


def register() -> None:
    """Tell what is held. What points at a file before the file."""
    holds(
        Upload.person_id,
        _l("Files on their way"),
        told=select(Upload.name, Upload.size, Upload.created_at),
        words=_FACTS,
        erase=_give_up,
    )
    mentions(Upload.file_id, _l("Files on their way"), ACTS)
    mentions(VirusCheck.file_id, _l("Virus checks of files"), ACTS)
    holds(
        StoredFile.person_id,
        _l("Files"),
        fate=EMPTIED,
        why=_l("Where a file was used, it says that it is gone; name and content go."),
        told=select(StoredFile.name, StoredFile.size, StoredFile.created_at, StoredFile.key.label("file_key")),
        words=_FACTS,
        emptied={"name": "–", "size": 0, "sha256": "", "media_type": UNKNOWN, "virus_state": ERASED},
        file_key="key",
        where=_own,
    )


def _own(subject: Subject) -> ColumnElement[bool]:
    own = (StoredFile.person_id == subject.person_id) & StoredFile.purpose.not_in(_outliving)
    own &= StoredFile.virus_state != ERASED
    return own if subject.organization_id is None else own & (StoredFile.organization_id == subject.organization_id)


def _give_up(subject: Subject) -> None:
    """The hourly duty removes them, with the pieces that have come."""
    own = Upload.person_id == subject.person_id
    if subject.organization_id is not None:
        own &= Upload.organization_id == subject.organization_id
    execute(
        update(Upload).where(own).values(name="–", expires_at=utcnow()).execution_options(synchronize_session=False)
    )
