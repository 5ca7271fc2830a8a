"""Whole files: added for whoever brought them, taken by a feature, let go, swept away."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import delete, select

from lti_tool.core import audit, jobs
from lti_tool.core.db import db, execute, insert_many, run, utcnow
from lti_tool.core.discarding import discard
from lti_tool.core.errors import Invalid
from lti_tool.core.policy import allows
from lti_tool.core.settings import current_settings
from lti_tool.core.storage import clean_name
from lti_tool.files.inspection import FAULTS, Facts
from lti_tool.files.kinds import ANYTHING, is_one_of
from lti_tool.files.models import CHECKING, ERASED, INFECTED, UNCHECKED, StoredFile, VirusCheck
from lti_tool.files.wording import allowed, file_size
from lti_tool.people.actor import Actor

MAX_FILE = 500 * 1024**2
"""Bytes of any file: a lesson's film of half an hour."""
MOST_FILES = 20
"""Files of one form, unless the feature says otherwise."""
UNTAKEN_FOR = timedelta(days=1)
"""How long a file waits for the form it was brought for."""
SWEPT_AT_ONCE = 500


@dataclass(frozen=True)
class Rules:
    """What one form takes. Give the same one to the picker and to the view that receives."""

    kinds: tuple[str, ...] = (ANYTHING,)
    """Names of files.kinds.KINDS."""
    most: int = MOST_FILES
    """Files."""
    most_bytes: int = MAX_FILE
    """Bytes of one file."""
    looks_inside: bool = False
    """Refuse archives that would explode, locked and damaged ones, and content that is not what the name says."""


def add(*, actor: Actor, key: str, name: str, facts: Facts) -> StoredFile:
    """A file in the storage becomes this person's, waiting to be taken; a virus check is ordered where there is one."""
    checks = bool(current_settings().clamd_url)
    file = StoredFile(
        organization_id=actor.organization_id,
        person_id=actor.person_id,
        key=key,
        name=clean_name(name),
        size=facts.size,
        media_type=facts.media_type,
        sha256=facts.sha256,
        fault=facts.fault,
        virus_state=CHECKING if checks else UNCHECKED,
    )
    db.session.add(file)
    db.session.flush()
    if checks:
        check = VirusCheck(file_id=file.id)
        db.session.add(check)
        db.session.flush()
        jobs.wake(VirusCheck, [check.id])
    return file


@dataclass(frozen=True)
class Brought:
    """A file that a job found and put into the storage."""

    key: str
    name: str
    facts: Facts


def bring(*, person_id: int, organization_id: int, files: Sequence[Brought], purpose: str) -> list[int]:
    """Many files at once, the feature's own from the beginning; their ids in the same order. Virus checks as for any."""
    if not files:
        return []
    checks = bool(current_settings().clamd_url)
    now = utcnow()
    told = {"organization_id": organization_id, "person_id": person_id, "purpose": purpose}
    told |= {"kept_at": now, "created_at": now, "virus_state": CHECKING if checks else UNCHECKED}
    rows = [{"key": each.key, "name": clean_name(each.name), **vars(each.facts), **told} for each in files]
    idents = insert_many(StoredFile, rows)
    if checks:
        jobs.wake(VirusCheck, insert_many(VirusCheck, [{"file_id": ident} for ident in idents]))
    return idents


def take(*, actor: Actor, ids: Iterable[int], purpose: str, rules: Rules, field: str = "files") -> Sequence[StoredFile]:
    """Make files that this very person brought, and nobody has taken, the feature's own; in the order of `ids`.

    Raises Invalid for `field` when one is not there to be taken or breaks the rules; then none is taken.
    """
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    found = {file.id: file for file in db.session.scalars(_untaken(actor, wanted).with_for_update())}
    if len(found) < len(wanted):
        raise Invalid({field: _("A file is no longer there. Choose it once more.")})
    files = [found[ident] for ident in wanted]
    require_allowed(files, rules, field=field)
    for file in files:
        file.kept_at, file.purpose = utcnow(), purpose
        audit.record(actor, "file.keep", "file", file.id, purpose=purpose, bytes=file.size)
    return files


def _untaken(actor: Actor, ids: Collection[int]) -> Any:
    own = StoredFile.person_id == actor.person_id, StoredFile.kept_at.is_(None)
    return select(StoredFile).where(StoredFile.id.in_(ids), *own).order_by(StoredFile.id)


def own_untaken(actor: Actor, ids: Iterable[int]) -> Sequence[StoredFile]:
    """Those of these files that the person brought and nobody has taken, to show a form again; silent about others."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    found = {file.id: file for file in db.session.scalars(_untaken(actor, wanted))}
    return [found[ident] for ident in wanted if ident in found]


def require_allowed(files: Sequence[StoredFile], rules: Rules, *, field: str) -> None:
    """Raise Invalid for `field` with the first reason against these files."""
    if len(files) > rules.most:
        raise Invalid({field: ngettext("At most %(num)d file fits.", "At most %(num)d files fit.", rules.most)})
    for file in files:
        reason = reason_against(file, rules)
        if reason:
            raise Invalid({field: reason})


def reason_against(file: StoredFile, rules: Rules) -> str:
    """Why a form does not take this file, in a sentence; nothing when it does."""
    if file.virus_state == INFECTED:
        return str(_("A virus was found in %(name)s. The file was removed.", name=file.name))
    if file.virus_state == ERASED:
        return str(_("A file is no longer there. Choose it once more."))
    if file.size > rules.most_bytes:
        return too_large(file.name, rules.most_bytes)
    if not is_one_of(file.media_type, rules.kinds):
        return wrong_kind(file.name, rules.kinds)
    if rules.looks_inside and file.fault:
        return str(_("%(name)s cannot be taken: %(reason)s.", name=file.name, reason=FAULTS[file.fault]))
    return ""


def too_large(name: str, most_bytes: int) -> str:
    """What a person is told of a file beyond the limit."""
    return str(_("%(name)s is too large. The most is %(size)s.", name=name, size=file_size(most_bytes)))


def wrong_kind(name: str, kinds: Collection[str]) -> str:
    """What a person is told of a file of a type that is not taken."""
    return str(_("%(name)s is not of a type that fits here. Allowed: %(kinds)s.", name=name, kinds=allowed(kinds)))


def release(*, actor: audit.Acting | None, files: Iterable[StoredFile]) -> None:
    """The feature needs these files no more, and nothing points at them: they are gone with their content."""
    for file in files:
        audit.record(actor, "file.remove", "file", file.id, concerns=file.organization_id, purpose=file.purpose)
        _forget(file)


def drop(*, actor: Actor, file: StoredFile) -> None:
    """The person takes back a file before any feature has taken it; afterwards nothing happens."""
    if allows(actor, "file.drop", file):
        _forget(file)


def _forget(file: StoredFile) -> None:
    discard([file.key])
    db.session.delete(file)


def sweep_untaken() -> int:
    """Remove what no form took for a day, with its content; returns how many."""
    old = StoredFile.kept_at.is_(None), StoredFile.created_at < utcnow() - UNTAKEN_FOR
    statement = select(StoredFile.id, StoredFile.key).where(*old).order_by(StoredFile.id).limit(SWEPT_AT_ONCE)
    gone = db.session.execute(statement.with_for_update(skip_locked=True)).all()
    execute(delete(VirusCheck).where(VirusCheck.file_id.in_([ident for ident, _key in gone])))
    execute(delete(StoredFile).where(StoredFile.id.in_([ident for ident, _key in gone])))
    return discard([key for _ident, key in gone])


def forget_many(idents: Collection[int]) -> None:
    """Files that nothing points at any more are gone, in a few statements; their content goes after the commit."""
    discard(run(select(StoredFile.key).where(StoredFile.id.in_(idents))).scalars().all())
    execute(delete(VirusCheck).where(VirusCheck.file_id.in_(idents)).execution_options(synchronize_session=False))
    execute(delete(StoredFile).where(StoredFile.id.in_(idents)).execution_options(synchronize_session=False))
