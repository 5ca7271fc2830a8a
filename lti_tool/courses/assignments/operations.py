"""What a pupil does with an assignment: type a draft, add files, hand in, hand in again until there is a grade."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from lti_tool.core import audit
from lti_tool.core.db import db, utcnow
from lti_tool.core.discarding import discard
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.storage import StoredFile, clean_name, current_storage
from lti_tool.core.versions import Outdated
from lti_tool.courses.access import ActivityAccess
from lti_tool.courses.models import Grade, Submission, SubmissionFile
from lti_tool.courses.operations.submissions import mark_done, own_submission
from lti_tool.people.actor import Actor

MAX_TEXT = 100_000
"""Characters of one answer: a long essay is a tenth of it."""
MAX_FILE_BYTES = 20 * 1024 * 1024
"""One file: a photographed notebook page is about 5 MB."""
MAX_FILES = 10
"""Files of one submission."""


def save_draft(*, actor: Actor, access: ActivityAccess, text: str, seen: int, tab: str) -> Submission:
    """Keep what is typed so far. Raises Outdated when another tab saved something this one has not seen."""
    if len(text) > MAX_TEXT:
        raise Invalid({"text": _("The text is too long. Put a part of it into a file.")})
    submission = own_submission(actor, access)
    _refuse_when_graded(submission)
    if text == shown_text(submission):
        return submission
    if submission.version != seen and submission.draft_tab != tab:
        raise Outdated
    submission.draft, submission.draft_at, submission.draft_tab = text, utcnow(), tab
    submission.version += 1
    return submission


def shown_text(submission: Submission) -> str:
    """What the pupil goes on with: the draft, or what was handed in when nothing was typed since."""
    return submission.draft if submission.draft_at else submission.text


def kept_files(submission: Submission) -> list[SubmissionFile]:
    """The files that the next handing in includes."""
    return [file for file in submission.files if not file.removing]


def add_file(*, actor: Actor, access: ActivityAccess, stored: StoredFile, name: str, media_type: str) -> SubmissionFile:
    """Take a stored upload into the next handing in; the same one twice counts once. Raises Invalid when it is one too many."""
    submission = own_submission(actor, access)
    _refuse_when_graded(submission)
    name, kept = clean_name(name), kept_files(submission)
    same = [each for each in kept if (each.name, each.sha256) == (name, stored.sha256)]
    if same or len(kept) >= MAX_FILES:
        current_storage().delete(stored.key)
        if same:
            return same[0]
        full = ngettext("At most %(num)d file fits.", "At most %(num)d files fit.", MAX_FILES)
        raise Invalid({"files": f"{name}: {full}"})
    file = SubmissionFile(
        key=stored.key, name=name, size=stored.size, media_type=media_type[:100], sha256=stored.sha256
    )
    submission.files.append(file)
    submission.version += 1
    db.session.flush()
    return file


def remove_file(*, actor: Actor, access: ActivityAccess, file_id: int) -> None:
    """Leave a file out of the next handing in; one that was never handed in is gone at once."""
    submission = own_submission(actor, access)
    _refuse_when_graded(submission)
    file = next((each for each in submission.files if each.id == file_id), None)
    if file is None:
        return
    submission.version += 1
    if file.handed_in:
        file.removing = True
    else:
        _forget(submission, file)


def hand_in(*, actor: Actor, access: ActivityAccess, seen: int) -> Submission:
    """Give the host the draft and files of version `seen`. Twice the same changes nothing; raises Outdated, Invalid."""
    submission = own_submission(actor, access)
    if not has_changes(submission):
        if submission.handed_in_at is None:
            raise Invalid({"text": _("There is nothing to hand in yet: write something or add a file.")})
        return submission
    _refuse_when_graded(submission)
    if submission.version != seen:
        raise Outdated
    text, files = shown_text(submission), kept_files(submission)
    if not text.strip() and not files:
        raise Invalid({"text": _("There is nothing to hand in yet: write something or add a file.")})
    for file in list(submission.files):
        if file.removing:
            _forget(submission, file)
        file.handed_in = True
    submission.text, submission.draft, submission.draft_at = text, "", None
    submission.handed_in_at = utcnow()
    mark_done(submission)
    submission.version += 1
    audit.record(actor, "hand_in", "submission", submission.id, files=len(files), late=submission.is_late)
    return submission


def has_changes(submission: Submission) -> bool:
    """Does what the pupil has now differ from what was handed in?"""
    files_changed = any(file.removing or not file.handed_in for file in submission.files)
    return files_changed or (submission.draft_at is not None and submission.draft != submission.text)


def _refuse_when_graded(submission: Submission) -> None:
    statement = select(Grade.id).where(
        Grade.activity_id == submission.activity_id, Grade.identity_id == submission.identity_id
    )
    if db.session.scalar(statement) is not None:
        raise Conflict(
            _("This work has a grade already, so it can no longer change."),
            _("Ask the teacher of the course if you want to improve it."),
        )


def _forget(submission: Submission, file: SubmissionFile) -> None:
    submission.files.remove(file)
    db.session.delete(file)
    discard([file.key])
