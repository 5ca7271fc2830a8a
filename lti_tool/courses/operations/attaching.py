"""Files of an activity's content: taken from the form, shared by copies, gone when the last activity lets them go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import insert, select

from lti_tool.core import audit
from lti_tool.core.db import db, run, table_of, utcnow
from lti_tool.courses.models import Activity, ActivityFile
from lti_tool.files.models import StoredFile
from lti_tool.files.operations.keeping import release
from lti_tool.people.actor import Actor


def attach(*, actor: Actor, activity: Activity, files: Iterable[StoredFile]) -> None:
    """Files that were taken for it become the activity's."""
    added = [ActivityFile(activity_id=activity.id, file=file) for file in files]
    db.session.add_all(added)
    db.session.flush()
    if added:
        audit.record(actor, "attach", "course", activity.course_id, activity=activity.id, files=len(added))


def detach(*, actor: Actor, activity: Activity, file_ids: Collection[int]) -> None:
    """Take files out; those that no other activity shows are removed with their content."""
    statement = select(ActivityFile).where(
        ActivityFile.activity_id == activity.id, ActivityFile.file_id.in_(list(file_ids))
    )
    gone = list(db.session.scalars(statement))
    for each in gone:
        db.session.delete(each)
    db.session.flush()
    ids = [each.file_id for each in gone]
    still = set(db.session.scalars(select(ActivityFile.file_id).where(ActivityFile.file_id.in_(ids))))
    release(actor=actor, files=[each.file for each in gone if each.file_id not in still])
    if gone:
        audit.record(actor, "detach", "course", activity.course_id, activity=activity.id, files=len(gone))


def share_files(copies: Mapping[int, int]) -> None:
    """The files of these activities are those of their copies as well: old id to new id."""
    statement = select(ActivityFile.activity_id, ActivityFile.file_id).where(ActivityFile.activity_id.in_(copies))
    found = db.session.execute(statement.order_by(ActivityFile.id)).all()
    rows = [{"activity_id": copies[old], "file_id": file_id, "created_at": utcnow()} for old, file_id in found]
    if rows:
        run(insert(table_of(ActivityFile)), rows)
