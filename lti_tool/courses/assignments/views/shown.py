"""What pages of pupils and of teachers show alike: versions, files, comments on passages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from lti_tool.courses.assignments.models import HandIn
from lti_tool.courses.assignments.passages import pieces
from lti_tool.courses.assignments.queries import (
    feedback_files,
    files_in,
    mark_of,
    passages_of,
    told,
    versions_of,
    work_record,
)
from lti_tool.courses.models import Submission, SubmissionFile


@dataclass(frozen=True)
class Shown:
    """A file as a page shows it: reads like a StoredFile, and may have another name."""

    id: int
    """Of the stored file."""
    name: str
    size: int
    media_type: str
    is_open: bool
    virus_state: str
    address: str
    file_id: int
    """Of the work's file."""

    @classmethod
    def of_work(cls, file: SubmissionFile, handle: int) -> Shown:
        """A pupil's file, for who knows the pupil by this handle."""
        stored, name = file.file, file.file.name
        if handle < 0:
            name = _("work-%(number)d-file-%(file)d", number=-handle, file=file.id) + PurePath(name).suffix[:10]
        address = url_for("courses.file", file_id=file.id)
        facts = (stored.size, stored.media_type, stored.is_open, stored.virus_state)
        return cls(stored.id, name, *facts, address, file.id)


def shown_version(submission: Submission, version: HandIn, handle: int) -> dict[str, Any]:
    """One version handed in: text with its commented passages, files."""
    comments = passages_of(version.id)
    return {
        "version": version,
        "comments": comments,
        "pieces": pieces(version.text, [(each.start, each.stop) for each in comments]),
        "files": [Shown.of_work(file, handle) for file in files_in(submission, version.number)],
    }


def feedback(activity_id: int, identity_id: int, submission: Submission | None) -> dict[str, Any]:
    """What teachers said of the work, for those who may read it only once it is told."""
    record = work_record(submission.id) if submission else None
    if not told(mark_of(activity_id, identity_id), record):
        return {"given_files": [], "commented": None}
    versions = versions_of(submission) if submission else []
    shown = [shown_version(submission, version, identity_id) for version in versions[:1]] if submission else []
    return {
        "given_files": feedback_files(activity_id, identity_id),
        "commented": next((each for each in shown if each["comments"]), None),
    }
