"""The work of harvests: page by page, each stored before the next is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog

from lti_tool.core import jobs
from lti_tool.core.db import db, end_reading, unit_of_work, utcnow
from lti_tool.exchange.harvesting import operations
from lti_tool.exchange.harvesting.answers import Answer, OaiRefused, question, read_answer
from lti_tool.exchange.harvesting.models import HarvestSource
from lti_tool.exchange.importing.fetching import fetch
from lti_tool.exchange.importing.items import Refused
from lti_tool.exchange.importing.jobs import TAKES
from lti_tool.exchange.importing.markup import MOST_XML

MOST_PAGES = 2_000
"""Answers of one harvest: a repository that never ends is given up."""
TOO_MANY = "too_many"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Harvest:
    """A claimed source, as values."""

    id: int
    url: str
    prefix: str
    set_name: str
    since: datetime | None
    token: str


@jobs.task("exchange.harvest")
def harvest(source_id: int) -> None:
    """Take everything that was changed since the last time."""
    with unit_of_work():
        if not jobs.claim(HarvestSource, source_id):
            return
        source = db.session.get_one(HarvestSource, source_id, populate_existing=True)
        source.leased_until = utcnow() + TAKES
        wanted = _Harvest(source.id, source.url, source.prefix, source.set_name, source.harvested_until, source.token)
    try:
        _pages(wanted)
    except Refused as refused:
        if refused.code == TOO_MANY:
            with unit_of_work():
                operations.give_up(db.session.get_one(HarvestSource, source_id), refused.code)
            return
        _failed(source_id, refused.code, anew=False)
    except OaiRefused as refused:
        _failed(source_id, refused.code, anew=refused.code == "badResumptionToken")
    except Exception as error:  # whatever the database raises: it may be away for a while
        log.warning("harvest stopped", source=source_id, error=type(error).__name__)
        _failed(source_id, "failed", anew=False)
    else:
        with unit_of_work():
            operations.rest(db.session.get_one(HarvestSource, source_id))


def _pages(wanted: _Harvest) -> None:
    token = wanted.token
    for _page in range(MOST_PAGES):
        end_reading()
        answer = _asked(wanted, token)
        with unit_of_work():
            source = db.session.get_one(HarvestSource, wanted.id, populate_existing=True)
            operations.store_answer(source, answer)
            source.leased_until = utcnow() + TAKES
        db.session.expunge_all()
        if not answer.token:
            return
        if answer.token == token:
            raise Refused("not_oai")
        token = answer.token
    raise Refused(TOO_MANY)


def _asked(wanted: _Harvest, token: str) -> Answer:
    address = question(wanted.url, prefix=wanted.prefix, set_name=wanted.set_name, since=wanted.since, token=token)
    return read_answer(fetch(address, headers={"Accept": "text/xml"}, most_bytes=MOST_XML)[1], wanted.prefix)


def _failed(source_id: int, code: str, *, anew: bool) -> None:
    with unit_of_work():
        operations.note_failure(db.session.get_one(HarvestSource, source_id), code, anew=anew)
