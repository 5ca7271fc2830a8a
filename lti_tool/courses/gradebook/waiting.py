"""Note which works handed in wait for a grade, in the transaction that gives one or takes it back."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import update

from lti_tool.core.db import execute
from lti_tool.courses.models import Submission


def note_settled(activity_id: int, identity_ids: Collection[int], *, settled: bool = True) -> None:
    """These pupils have a grade for the activity now, or have none any more; one statement."""
    mine = (Submission.activity_id == activity_id, Submission.identity_id.in_(identity_ids))
    statement = update(Submission).where(*mine, Submission.settled.is_not(settled)).values(settled=settled)
    execute(statement.execution_options(synchronize_session=False))
