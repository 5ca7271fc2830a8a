"""How much there is of whose files."""

from __future__ import annotations

from typing import cast

from sqlalchemy import ColumnElement, Select, select

from lti_tool.files.models import StoredFile, Upload


def files_in_storage() -> Select[tuple[int, int]]:
    """(organization, bytes) of every file that has come whole: of resources, questions, activities, posts, and those
    that nobody has taken yet. Operators' files are no organization's."""
    owner = cast("ColumnElement[int]", StoredFile.organization_id)
    return select(owner, StoredFile.size).where(owner.is_not(None))


def pieces_in_storage() -> Select[tuple[int, int]]:
    """(organization, bytes) of every file that is still on its way."""
    owner = cast("ColumnElement[int]", Upload.organization_id)
    return select(owner, Upload.received).where(owner.is_not(None), Upload.file_id.is_(None), Upload.received > 0)
