"""Looking at published resources, one after the other, each once a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import select

from lti_tool.core import jobs
from lti_tool.core.db import db, end_reading, unit_of_work
from lti_tool.exchange.health import operations
from lti_tool.exchange.health.models import ResourceCheck
from lti_tool.exchange.health.probing import fault_of_address, fault_of_files
from lti_tool.exchange.models import PUBLISHED, ResourceFile, ResourceVersion
from lti_tool.files.models import StoredFile


@dataclass(frozen=True)
class _Order:
    """What to look at, as values."""

    url: str
    keys: tuple[str, ...]


@jobs.every(timedelta(hours=1))
def plan_checks() -> None:
    """Take note of what was published since."""
    operations.plan_checks()


@jobs.task("exchange.check")
def check_resource(resource_id: int) -> None:
    """Look at one resource, unless its host is being asked already."""
    with unit_of_work():
        order = _claimed(resource_id)
    if order is None:
        return
    end_reading()
    fault = fault_of_files(order.keys) or (fault_of_address(order.url) if order.url else "")
    with unit_of_work():
        operations.note(db.session.get_one(ResourceCheck, resource_id, populate_existing=True), fault)


def _claimed(resource_id: int) -> _Order | None:
    if not jobs.claim(ResourceCheck, resource_id):
        return None
    check = db.session.get_one(ResourceCheck, resource_id, populate_existing=True)
    if check.resource.state != PUBLISHED:
        db.session.delete(check)
        return None
    newest = (ResourceVersion.resource_id == resource_id, ResourceVersion.number == check.resource.number)
    url = db.session.scalar(select(ResourceVersion.url).where(*newest)) or ""
    host = urlsplit(url).hostname or ""
    if host and not operations.take_turn(host):
        operations.put_off(check)
        return None
    keys = select(StoredFile.key).join(ResourceFile, ResourceFile.file_id == StoredFile.id)
    held = keys.join(ResourceVersion, ResourceVersion.id == ResourceFile.version_id).where(*newest)
    return _Order(url, tuple(db.session.scalars(held)))
