"""What teachers give back with a mark: comments on passages, files, annotated copies."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from lti_tool.core import audit
from lti_tool.core.db import db, get_or_none
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.courses.access import WorkAccess
from lti_tool.courses.assignments.models import FeedbackFile, HandIn, PassageComment
from lti_tool.courses.models import Submission, SubmissionFile
from lti_tool.courses.talk.operations import checked
from lti_tool.files.kinds import ANYTHING
from lti_tool.files.models import StoredFile
from lti_tool.files.operations import keeping
from lti_tool.files.operations.keeping import Rules
from lti_tool.people.actor import Actor

FEEDBACK_FILES = Rules(kinds=(ANYTHING,), most=10, most_bytes=100 * 1024**2, looks_inside=True)
FEEDBACK = "feedback"
"""What these files are kept for: they belong to the work, whoever gave them."""


def note_passage(*, actor: Actor, access: WorkAccess, version_id: int, quote: str, start: int, text: str) -> None:
    """Comment on the passage `quote` of a version: where it stands at `start`, else where it stands first.

    Raises Invalid when the text does not have it.
    """
    version = _version(access, version_id)
    quote, text = quote.replace("\r\n", "\n"), checked(text)
    place = start if quote and version.text[start : start + len(quote)] == quote and start >= 0 else -1
    if place < 0:
        place = version.text.find(quote.strip()) if quote.strip() else -1
        quote = quote.strip()
    if place < 0:
        said = _("This passage is not in the text. Select it in the text, or copy it exactly.")
        raise Invalid({"quote": said})
    assert actor.identity_id is not None
    db.session.add(
        PassageComment(hand_in_id=version.id, start=place, stop=place + len(quote), text=text, by_id=actor.identity_id)
    )
    db.session.flush()
    audit.record(actor, "comment_passage", "submission", version.submission_id)


def _version(access: WorkAccess, version_id: int) -> HandIn:
    version = get_or_none(HandIn, version_id)
    submission = db.session.get(Submission, version.submission_id) if version else None
    own = (access.the_activity.id, access.the_pupil.identity.id)
    if version is None or submission is None or (submission.activity_id, submission.identity_id) != own:
        raise NotFound
    return version


def forget_passage(*, actor: Actor, access: WorkAccess, comment_id: int) -> None:
    """Take a comment on a passage away, whichever teacher of the course wrote it."""
    comment = get_or_none(PassageComment, comment_id)
    if comment is None:
        return
    version = _version(access, comment.hand_in_id)
    db.session.delete(comment)
    db.session.flush()
    audit.record(actor, "uncomment_passage", "submission", version.submission_id)


def give_files(*, actor: Actor, access: WorkAccess, files: Sequence[StoredFile], of_file_id: int | None) -> None:
    """Feedback files for the pupil; with `of_file_id` they are annotated copies of that file of the work."""
    if not files:
        return
    if of_file_id is not None:
        original = get_or_none(SubmissionFile, of_file_id)
        own = (access.the_activity.id, access.the_pupil.identity.id)
        if original is None or (original.submission.activity_id, original.submission.identity_id) != own:
            raise NotFound
    assert actor.identity_id is not None
    for file in files:
        db.session.add(
            FeedbackFile(
                activity_id=access.the_activity.id,
                identity_id=access.the_pupil.identity.id,
                file=file,
                of_file_id=of_file_id,
                by_id=actor.identity_id,
            )
        )
    db.session.flush()
    audit.record(actor, "give_files", "activity", access.the_activity.id, identity=access.the_pupil.identity.id)


def take_file_back(*, actor: Actor, access: WorkAccess, feedback_id: int) -> None:
    """A feedback file is gone, with its content."""
    found = get_or_none(FeedbackFile, feedback_id)
    if found is None:
        return
    if (found.activity_id, found.identity_id) != (access.the_activity.id, access.the_pupil.identity.id):
        raise NotFound
    stored = found.file
    db.session.delete(found)
    db.session.flush()
    keeping.release(actor=actor, files=[stored])
    audit.record(actor, "take_file_back", "activity", found.activity_id, identity=found.identity_id)
