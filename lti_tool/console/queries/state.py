"""How the installation does: cheap figures for the operator's pages, without a name of a person or a course."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Select, func, select

from lti_tool.contexts.models import RosterSync
from lti_tool.core import jobs, queues
from lti_tool.core.db import db
from lti_tool.core.schema import current_revision, database_size, newest_revision
from lti_tool.core.settings import PROJECT_DIR, Settings
from lti_tool.grades.models import CLOSES_AFTER, PARKED, REFUSED, SENDING, WAITING, DeliveryLane, Score
from lti_tool.organizations.models import StorageUse
from lti_tool.platforms.models import Registration

LITTLE_SPACE = 2 * 1024**3
"""Free bytes below which somebody should act."""


@dataclass(frozen=True)
class Grades:
    """Grades on their way, of all registrations."""

    waiting: int
    held: int
    """Refused or parked: they wait for a person."""
    oldest: datetime | None
    """When the one that waits longest was due."""
    closed_lanes: int
    """LMSs that do not answer."""


def grades_on_the_way() -> Grades:
    """One statement; each registration's rows are found by its own index, so delivered grades cost nothing."""
    own = Score.registration_id == Registration.id
    waits, held = Score.state.in_((WAITING, SENDING)), Score.state.in_((REFUSED, PARKED))
    closed = select(func.count()).select_from(DeliveryLane).where(DeliveryLane.failures >= CLOSES_AFTER)
    each = select(
        select(func.count(Score.id)).where(own, waits).correlate(Registration).scalar_subquery().label("waiting"),
        select(func.count(Score.id)).where(own, held).correlate(Registration).scalar_subquery().label("held"),
        select(func.min(Score.due_at)).where(own, waits).correlate(Registration).scalar_subquery().label("oldest"),
    ).subquery()
    total = select(
        func.coalesce(func.sum(each.c.waiting), 0), func.coalesce(func.sum(each.c.held), 0), func.min(each.c.oldest)
    )
    waiting, kept, oldest, lanes = db.session.execute(total.add_columns(closed.scalar_subquery())).one()
    return Grades(int(waiting), int(kept), oldest, lanes)


@dataclass(frozen=True)
class Rosters:
    """Lists of participants, of all registrations."""

    contexts: int
    failing: int
    newest: datetime | None


def rosters() -> Rosters:
    """One statement over one row for each LMS course."""
    counted = select(func.count(), func.count(RosterSync.error), func.max(RosterSync.synced_at))
    return Rosters(*db.session.execute(counted).one())


@dataclass(frozen=True)
class Stored:
    """What all organizations have in the storage."""

    files: int
    bytes: int
    counted_at: datetime | None


def stored() -> Stored:
    """One statement over the hourly sums."""
    sums = select(func.coalesce(func.sum(StorageUse.files), 0), func.coalesce(func.sum(StorageUse.bytes), 0))
    files, total, counted_at = db.session.execute(sums.add_columns(func.max(StorageUse.counted_at))).one()
    return Stored(int(files), int(total), counted_at)


def largest_first() -> Select[tuple[StorageUse]]:
    """Storage by organization, the largest first, with its name; to be shown in pages."""
    return select(StorageUse).order_by(StorageUse.bytes.desc(), StorageUse.organization_id)


@dataclass(frozen=True)
class Space:
    """Free bytes of a disk."""

    path: str
    free: int

    @property
    def is_little(self) -> bool:
        return self.free < LITTLE_SPACE


def disks(settings: Settings) -> list[Space]:
    """The disks of this machine that hold files or the database; none when both are elsewhere."""
    folders = []
    if settings.storage_url.startswith("file:"):
        folders.append(Path(urlsplit(settings.storage_url).path))
    if settings.database_url.startswith("sqlite:///"):
        folders.append(Path(settings.database_url.removeprefix("sqlite:///")).parent)
    found: dict[int, Space] = {}
    for folder in folders:
        there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
        found.setdefault(there.stat().st_dev, Space(str(folder), shutil.disk_usage(there).free))
    return list(found.values())


@dataclass(frozen=True)
class Summary:
    """What the operator's overview tells in a glance."""

    alive: bool
    failed_duties: int
    overdue: int
    """Rows of any queue that are due."""
    grades: Grades
    disks: list[Space]


def summary(settings: Settings) -> Summary:
    """Four statements."""
    failed = sum(each.error is not None for each in queues.duties())
    overdue = sum(each.due for each in queues.backlogs())
    alive = jobs.workers_alive()
    return Summary(alive, failed, overdue, grades_on_the_way(), disks(settings))


@dataclass(frozen=True)
class Version:
    """What runs here."""

    tool: str
    revision: str
    newest: str
    database: str
    size: int
    """Bytes of the database."""


def versions() -> Version:
    """A few statements, whatever the database holds."""
    return Version(_tool_version(), current_revision(), newest_revision(), db.engine.dialect.name, database_size())


def _tool_version() -> str:
    """As the project file says: the tool runs from its folder and is not installed as a package."""
    return str(tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
