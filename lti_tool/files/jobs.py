"""Duties around files: what nobody took, uploads that rest for too long, and viruses."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import update

from lti_tool.core import audit, jobs
from lti_tool.core.db import db, end_reading, execute, unit_of_work, utcnow
from lti_tool.core.discarding import discard
from lti_tool.core.settings import current_settings
from lti_tool.core.storage import current_storage
from lti_tool.files import clamd
from lti_tool.files.models import CLEAN, INFECTED, StoredFile, VirusCheck
from lti_tool.files.operations import keeping, uploading

NEXT_ATTEMPT = timedelta(minutes=1)
"""How long a file waits for clamd when it did not answer; doubled each time, up to an hour."""
LONGEST_WAIT = timedelta(hours=1)

log = structlog.get_logger(__name__)


@jobs.every(timedelta(hours=1))
def sweep_untaken() -> None:
    """Remove files that no form took for a day."""
    keeping.sweep_untaken()


@jobs.every(timedelta(hours=1))
def give_up_uploads() -> None:
    """Remove uploads that rest for too long; what the storage had of them goes first, so that none is forgotten."""
    over = uploading.expired()
    end_reading()
    for _ident, begun in over:
        if begun is not None:
            current_storage().abandon(begun)
    uploading.forget([ident for ident, _begun in over])


@jobs.task("files.look_for_viruses")
def look_for_viruses(check_id: int) -> None:
    """Have clamd look at one file; nobody can have it before."""
    with unit_of_work():
        claimed = jobs.claim(VirusCheck, check_id)
        check = db.session.get(VirusCheck, check_id, populate_existing=True) if claimed else None
        file = db.session.get(StoredFile, check.file_id) if check else None
        key, attempts = (file.key if file else ""), (check.attempts if check else 0)
    if not claimed:
        return
    try:
        found = clamd.look(current_settings().clamd_url, current_storage().read(key))
    except (clamd.NoAnswer, FileNotFoundError) as error:
        wait = min(NEXT_ATTEMPT * 2 ** min(attempts - 1, 10), LONGEST_WAIT)
        log.warning("virus check failed", error=str(error), attempts=attempts)
        with unit_of_work():
            _note(check_id, state="waiting", due_at=utcnow() + wait)
        return
    with unit_of_work():
        _note(check_id, state="done")
        _conclude(check_id, found)


def _note(check_id: int, **values: object) -> None:
    noted = update(VirusCheck).where(VirusCheck.id == check_id).values(leased_until=None, leased_by=None, **values)
    execute(noted.execution_options(synchronize_session=False))


def _conclude(check_id: int, found: str) -> None:
    """`found`: the virus's name, or nothing."""
    check = db.session.get(VirusCheck, check_id, populate_existing=True)
    file = db.session.get(StoredFile, check.file_id) if check else None
    if file is None:
        return
    file.virus_state = INFECTED if found else CLEAN
    if found:
        log.warning("virus found", file_id=file.id, virus=found)
        audit.record(None, "file.infected", "file", file.id, concerns=file.organization_id, virus=found[:100])
        discard([file.key])
