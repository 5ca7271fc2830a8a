"""What a pupil does with an assignment: type a draft, add files, hand in, hand in again while that is open."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from lti_tool.core import audit
from lti_tool.core.db import db, utcnow
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.versions import Outdated
from lti_tool.courses.access import ActivityAccess
from lti_tool.courses.assignments.models import Assignment, AssignmentWork, HandIn
from lti_tool.courses.assignments.queries import Dates, dates_for, mark_of, work_record
from lti_tool.courses.assignments.settings import assignment_of, rules_of
from lti_tool.courses.models import Submission, SubmissionFile
from lti_tool.courses.operations.submissions import mark_done, own_submission
from lti_tool.files.models import StoredFile
from lti_tool.files.operations import keeping
from lti_tool.people.actor import Actor

MAX_TEXT = 100_000
"""Characters of one answer: a long essay is a tenth of it."""
PURPOSE = "assignment"
"""What files of this room are kept for."""


@dataclass(frozen=True)
class Door:
    """May a pupil still change the work? Under which dates, and if not, why."""

    dates: Dates
    graded: bool
    over: bool

    @property
    def open(self) -> bool:
        return not (self.graded or self.over)


def door_of(access: ActivityAccess, identity_id: int, submission: Submission | None) -> Door:
    """Closed by a mark, unless the work was returned to be improved, and by the day it closes for this pupil."""
    activity = access.the_activity
    participation_id = submission.participation_id if submission else access.learning[0].id
    dates = dates_for(assignment_of(activity), activity, identity_id, participation_id)
    record = work_record(submission.id) if submission else None
    returned = record is not None and record.returned_at is not None
    graded = not returned and mark_of(activity.id, identity_id) is not None
    return Door(dates, graded, dates.over(utcnow()))


def save_draft(*, actor: Actor, access: ActivityAccess, text: str, seen: int, tab: str) -> Submission:
    """Keep what is typed so far. Raises Outdated when another tab saved something this one has not seen."""
    if len(text) > MAX_TEXT:
        raise Invalid({"text": _("The text is too long. Put a part of it into a file.")})
    submission = _open_submission(actor, access)
    if text == shown_text(submission):
        return submission
    if submission.version != seen and submission.draft_tab != tab:
        raise Outdated
    submission.draft, submission.draft_at, submission.draft_tab = text, utcnow(), tab
    submission.version += 1
    return submission


def _open_submission(actor: Actor, access: ActivityAccess) -> Submission:
    submission = own_submission(actor, access)
    require_open(door_of(access, submission.identity_id, submission))
    return submission


def require_open(door: Door) -> None:
    """Raise Conflict with the reason when nothing can be handed in any more."""
    if door.graded:
        raise Conflict(
            _("This work has a grade already, so it can no longer change."),
            _("Ask the teacher of the course if you want to improve it."),
        )
    if door.over:
        raise Conflict(
            _("The time for handing in is over."),
            _("If you had a reason, ask the teacher of the course for more time."),
        )


def shown_text(submission: Submission) -> str:
    """What the pupil goes on with: the draft, or what was handed in when nothing was typed since."""
    return submission.draft if submission.draft_at else submission.text


def current_files(submission: Submission) -> list[SubmissionFile]:
    """What was handed in last, and what was added since."""
    return [file for file in submission.files if file.until_version is None]


def kept_files(submission: Submission) -> list[SubmissionFile]:
    """The files that the next handing in includes."""
    return [file for file in current_files(submission) if not file.removing]


def add_files(*, actor: Actor, access: ActivityAccess, ids: Sequence[int]) -> None:
    """Take uploaded files into the next handing in; the same one twice counts once. Raises Invalid for `files`."""
    if not ids:
        return
    submission = _open_submission(actor, access)
    rules = rules_of(assignment_of(access.the_activity))
    taken = keeping.take(actor=actor, ids=ids, purpose=PURPOSE, rules=rules)
    kept = {(each.file.name, each.file.sha256) for each in kept_files(submission)}
    twice: list[StoredFile] = []
    for file in taken:
        if (file.name, file.sha256) in kept:
            twice.append(file)
        else:
            kept.add((file.name, file.sha256))
            submission.files.append(SubmissionFile(file=file))
    keeping.release(actor=actor, files=twice)
    if len(kept) > rules.most:
        raise Invalid({"files": ngettext("At most %(num)d file fits.", "At most %(num)d files fit.", rules.most)})
    submission.version += 1
    db.session.flush()


def remove_file(*, actor: Actor, access: ActivityAccess, file_id: int) -> None:
    """Leave a file out of the next handing in; one that was never handed in is gone at once."""
    submission = _open_submission(actor, access)
    file = next((each for each in current_files(submission) if each.id == file_id), None)
    if file is None:
        return
    submission.version += 1
    if file.handed_in:
        file.removing = True
        return
    stored = file.file
    submission.files.remove(file)
    db.session.delete(file)
    db.session.flush()
    keeping.release(actor=actor, files=[stored])


def hand_in(*, actor: Actor, access: ActivityAccess, seen: int) -> Submission:
    """Give the host the draft and files of version `seen`. Twice the same changes nothing; raises Outdated, Invalid,
    and Conflict when it is too late."""
    submission = own_submission(actor, access)
    if not has_changes(submission):
        if submission.handed_in_at is None:
            raise Invalid({"text": nothing_yet()})
        return submission
    door = door_of(access, submission.identity_id, submission)
    require_open(door)
    if submission.version != seen:
        raise Outdated
    text, files = shown_text(submission), kept_files(submission)
    if not text.strip() and not files:
        raise Invalid({"text": nothing_yet()})
    number = _note(access, submission, text)
    for file in current_files(submission):
        if file.removing:
            file.until_version, file.removing = number, False
        elif file.from_version is None:
            file.from_version = number
    submission.text, submission.draft, submission.draft_at = text, "", None
    submission.own_due_at = door.dates.extension.due_at if door.dates.extension else None
    mark_done(submission)
    submission.version += 1
    audit.record(
        actor, "hand_in", "submission", submission.id, files=len(files), late=submission.is_late, version=number
    )
    return submission


def nothing_yet() -> str:
    """What a pupil is told who has neither text nor files."""
    return str(_("There is nothing to hand in yet: write something or add a file."))


def _note(access: ActivityAccess, submission: Submission, text: str) -> int:
    """Keep the version, and give the work its number at the first one; the version's number."""
    activity_id, now = access.the_activity.id, utcnow()
    assignment = db.session.scalar(
        select(Assignment).where(Assignment.activity_id == activity_id).with_for_update(of=Assignment)
    )
    assert assignment is not None
    record = work_record(submission.id)
    if record is None:
        record = AssignmentWork(submission_id=submission.id, activity_id=activity_id, number=_draw(activity_id))
        db.session.add(record)
    record.returned_at = None
    newest = db.session.scalar(select(func.max(HandIn.number)).where(HandIn.submission_id == submission.id)) or 0
    db.session.add(HandIn(submission_id=submission.id, number=newest + 1, text=text, handed_in_at=now))
    submission.handed_in_at = now
    submission.waits_again = mark_of(activity_id, submission.identity_id) is not None
    return newest + 1


def _draw(activity_id: int) -> int:
    """A number no other work of the assignment has, as short as leaves at least as many free ones as there are taken."""
    statement = select(AssignmentWork.number).where(AssignmentWork.activity_id == activity_id)
    taken, end = set(db.session.scalars(statement)), 100
    while 2 * len(taken) >= end:
        end *= 10
    return secrets.choice([number for number in range(1, end) if number not in taken])


def has_changes(submission: Submission) -> bool:
    """Does what the pupil has now differ from what was handed in?"""
    files_changed = any(file.removing or not file.handed_in for file in submission.files)
    return files_changed or (submission.draft_at is not None and submission.draft != submission.text)
