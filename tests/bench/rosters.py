"""Rosters: our CPU for reading and storing one, beside pylti1p3's for reading alone, alternating in one run.

Both read the same finished answers from a platform that is a process of its own, each through its own session of requests
with a connection that is open and a token it holds already; neither pays for collecting the garbage of the other. CPU is
that of this process, calls included: SQLite works in it, PostgreSQL does not, so the time that passes is printed as well.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import requests
from cryptography.hazmat.primitives import serialization
from flask import Flask
from pylti1p3.names_roles import NamesRolesProvisioningService
from pylti1p3.registration import Registration as PeerRegistration
from pylti1p3.service_connector import ServiceConnector
from sqlalchemy import event

from lti_tool.contexts.jobs import sync_roster
from lti_tool.contexts.models import Context, RosterSync
from lti_tool.contexts.operations import request_roster
from lti_tool.core.db import db, unit_of_work
from lti_tool.lti import claims
from lti_tool.platforms.access import access_tokens, platform_by_id
from lti_tool.platforms.models import ACTIVE, Deployment, Registration
from tests.bench import driver, platform, roster_pages

MEMBERS, PAGE, ROUNDS = 10_000, 100, 7
KINDS = {"pages": PAGE, "one": MEMBERS}
PAGES_LIMIT, ONE_LIMIT, AGAIN_LIMIT, FLAT = 1.25, 0.75, 0.5, 0.2
PRESENT, EACH, TRIES = (1, 20, 80, 200), 200, 5
"""Registrations in the database with so many members each, while the cost of one more roster is measured."""


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """CPU seconds of this process, and seconds."""
    gc.collect()
    began, cpu = time.perf_counter(), time.process_time()
    work()
    return time.process_time() - cpu, time.perf_counter() - began


class Peer:
    """pylti1p3's roster service with the token it got at the first call."""

    def __init__(self, url: str, page: int) -> None:
        private = driver.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        registration = PeerRegistration()
        registration.set_issuer(url).set_client_id(driver.CLIENT_ID)
        registration.set_auth_token_url(f"{url}/token").set_tool_private_key(private.decode())
        connector = ServiceConnector(registration, requests.Session())
        claim = {"context_memberships_url": url + roster_pages.path_of(MEMBERS, page)}
        self.service = NamesRolesProvisioningService(connector, claim)
        self.read()

    def read(self) -> None:
        assert len(self.service.get_members()) == MEMBERS


class School:
    """A registration of ours with one context, whose roster nobody has read yet; its token is there."""

    def __init__(self, url: str, page: int, members: int = MEMBERS) -> None:
        self.members = members
        addresses = {"auth_url": f"{url}/auth", "token_url": f"{url}/token", "jwks_url": f"{url}/jwks"}
        with unit_of_work():
            deployment = Deployment(deployment_id="1", state=ACTIVE)
            names = {"organization_id": 1, "issuer": url, "client_id": driver.CLIENT_ID, "state": ACTIVE}
            registration = Registration(deployments=[deployment], **names, **addresses)
            db.session.add(registration)
            db.session.flush()
            place = {"registration_id": registration.id, "deployment_pk": deployment.id, "lms_id": "2"}
            context = Context(**place, memberships_url=url + roster_pages.path_of(members, page))
            db.session.add(context)
            db.session.flush()
            self.context_id, self.registration_id = context.id, registration.id
        platform = platform_by_id(self.registration_id)
        assert platform is not None
        access_tokens(platform).get([claims.SCOPE_MEMBERS])

    def sync(self) -> tuple[float, float]:
        """What one sync takes, from the claim of the order to the commit."""
        with unit_of_work():
            sync_id = request_roster(self.context_id, force=True)
        assert sync_id is not None
        db.session.remove()
        taken = spent(lambda: sync_roster(sync_id))
        db.session.remove()
        done = db.session.get_one(RosterSync, sync_id)
        assert (done.state, done.members) == ("done", self.members), done.error
        db.session.remove()
        return taken


def rows_written(work: Callable[[], object]) -> int:
    """How many rows of people, memberships and their history `work` writes."""
    written = 0

    def count(_conn: object, cursor: Any, statement: str, *_rest: object) -> None:
        nonlocal written
        words = statement.split()
        table = words[2] if words[0] in ("INSERT", "DELETE") else words[1]
        if words[0] in ("INSERT", "UPDATE", "DELETE") and table in _COUNTED:
            written += cursor.rowcount

    event.listen(db.engine, "after_cursor_execute", count)
    try:
        work()
    finally:
        event.remove(db.engine, "after_cursor_execute", count)
    return written


_COUNTED = {"person", "identity", "membership", "membership_event"}


def measure(name: str, app: Flask) -> bool:
    """Print the figures of one database; True when its goals are met."""
    gc.freeze()
    costs: dict[str, list[float]] = {}
    passed: dict[str, list[float]] = {}
    with platform.running() as url, app.app_context():
        peers = {page: Peer(url, page) for page in KINDS.values()}
        for turn in range(ROUNDS + 1):
            for kind, page in KINDS.items():
                school = School(url, page)
                figures = {"read": spent(peers[page].read), "first": school.sync(), "again": school.sync()}
                if turn:  # the first round warms up
                    for part, (cpu, seconds) in figures.items():
                        costs.setdefault(f"{kind} {part}", []).append(cpu)
                        passed.setdefault(f"{kind} {part}", []).append(seconds)
        written = rows_written(school.sync)
        is_flat = _measure_growth(name, url)
    return _tell(name, costs, passed, written) and is_flat


def _measure_growth(name: str, url: str) -> bool:
    """Print what a roster costs a member while more and more registrations are there; True when it stays flat."""
    costs: dict[int, float] = {}
    there = 0
    for present in PRESENT:
        while there < present - TRIES:
            School(url, PAGE, EACH).sync()
            there += 1
        costs[present] = statistics.median(School(url, PAGE, EACH).sync()[0] for _try in range(TRIES)) / EACH
        there += TRIES
    cells = ", ".join(f"{present}: {cost * 1e6:.0f} µs" for present, cost in costs.items())
    first, *later = costs.values()
    worst = max(cost / first for cost in later) - 1
    sys.stdout.write(f"{name}: CPU for a member by registrations there: {cells}; {worst:+.0%} (goal +{FLAT:.0%})\n")
    return worst <= FLAT


def _tell(name: str, costs: dict[str, list[float]], passed: dict[str, list[float]], written: int) -> bool:
    def ratio(mine: str, other: str) -> float:
        return statistics.median(a / b for a, b in zip(costs[mine], costs[other], strict=True))

    told = ", ".join(
        f"{part} {statistics.median(each) * 1000:.0f} ({statistics.median(passed[part]) * 1000:.0f})"
        for part, each in costs.items()
    )
    sys.stdout.write(f"{name}: {MEMBERS} members, CPU ms (ms that passed): {told}\n")
    pages, one = ratio("pages first", "pages read"), ratio("one first", "pages read")
    again = ratio("pages again", "pages first")
    goals = f"in pages of {PAGE} {pages:.2f} (goal {PAGES_LIMIT}), in one answer {one:.2f} (goal {ONE_LIMIT}; "
    goals += f"{ratio('one first', 'one read'):.2f} of its reading of one answer)"
    sys.stdout.write(f"{name}: read and stored / pylti1p3 reading pages: {goals}\n")
    sys.stdout.write(
        f"{name}: unchanged / first: in pages {again:.2f} (goal {AGAIN_LIMIT}), "
        f"in one answer {ratio('one again', 'one first'):.2f}, rows written {written} (goal 0)\n"
    )
    return pages <= PAGES_LIMIT and one <= ONE_LIMIT and again <= AGAIN_LIMIT and written == 0
