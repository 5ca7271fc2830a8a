"""Say something about a work, and take it back."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from lti_tool.core import audit
from lti_tool.core.db import db, get_or_none
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.courses.access import WorkAccess
from lti_tool.courses.talk.models import WorkComment, WorkCommentFile
from lti_tool.files.kinds import ANYTHING
from lti_tool.files.models import StoredFile
from lti_tool.files.operations import keeping
from lti_tool.files.operations.keeping import Rules
from lti_tool.people.actor import Actor

MAX_COMMENT = 5_000
"""Characters of one comment."""
TALK_FILES = Rules(kinds=(ANYTHING,), most=5, most_bytes=20 * 1024**2, looks_inside=True)
PURPOSE = "comment on work"
"""What its files are kept for: they go with their author, and with the comment."""


def say(*, actor: Actor, access: WorkAccess, text: str, files: Sequence[StoredFile] = ()) -> WorkComment:
    """Add to the talk about a work. `files` were taken for it. Raises Invalid when it says nothing."""
    text = checked(text, needed=not files)
    assert actor.identity_id is not None
    comment = WorkComment(
        activity_id=access.the_activity.id,
        identity_id=access.the_pupil.identity.id,
        text=text,
        by_id=actor.identity_id,
    )
    comment.files = [WorkCommentFile(file=file) for file in files]
    db.session.add(comment)
    db.session.flush()
    audit.record(actor, "comment_work", "activity", comment.activity_id, identity=comment.identity_id)
    return comment


def unsay(*, actor: Actor, access: WorkAccess, comment_id: int) -> None:
    """Take an own comment back, with its files. Nothing happens when it is gone; raises NotFound for another's."""
    comment = get_or_none(WorkComment, comment_id)
    if comment is None:
        return
    about = (comment.activity_id, comment.identity_id) == (access.the_activity.id, access.the_pupil.identity.id)
    if not about or comment.by_id != actor.identity_id:
        raise NotFound
    stored = [each.file for each in comment.files]
    for each in comment.files:
        db.session.delete(each)
    db.session.flush()
    db.session.delete(comment)
    db.session.flush()
    keeping.release(actor=actor, files=stored)
    audit.record(actor, "uncomment_work", "activity", access.the_activity.id, identity=access.the_pupil.identity.id)


def checked(text: str, *, needed: bool = True) -> str:
    """The comment as it is kept. Raises Invalid for `text`."""
    text = text.replace("\r\n", "\n").strip()
    if needed and not text:
        raise Invalid({"text": _("Write something first.")})
    if len(text) > MAX_COMMENT:
        raise Invalid({"text": _("This text is too long.")})
    return text
