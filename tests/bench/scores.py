"""Scores per second and CPU per score, beside pylti1p3's own connector sending one after another."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from flask import Flask
from pylti1p3.assignments_grades import AssignmentsGradesService
from pylti1p3.grade import Grade
from pylti1p3.registration import Registration as PeerRegistration
from pylti1p3.service_connector import ServiceConnector
from sqlalchemy import func, insert, select, update

from lti_tool.contexts.models import Context
from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.grades import jobs as grade_jobs
from lti_tool.grades.lanes import due_lanes
from lti_tool.grades.models import DELIVERED, DeliveryLane, LineItem, Score
from lti_tool.lti.claims import SCOPE_SCORE
from lti_tool.organizations.models import Organization
from lti_tool.people.models import Identity, Person
from lti_tool.platforms.models import ACTIVE, Deployment, Registration

LANES = 8
"""Registrations with work at once: with four scores in flight each, 32."""
IN_FLIGHT = LANES * grade_jobs.IN_FLIGHT
ROUNDS = 5
LATENCY = 0.05


@contextmanager
def platform() -> Iterator[str]:
    """The address of a platform that runs beside."""
    child = subprocess.Popen([sys.executable, "-m", "tests.bench.platform"], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(child.stdout.readline())}"
    finally:
        child.kill()
        child.wait()


def control(url: str, **wanted: Any) -> dict[str, int]:
    """Set how the platform behaves; how often each kind of call came before."""
    answer: dict[str, int] = requests.get(f"{url}/control", params=wanted, timeout=5).json()
    return answer


def fill(app: Flask, url: str, *, registrations: int, scores: int) -> None:
    """Registrations with one context and column each, and `scores` waiting rows spread over the first LANES of them."""
    with app.app_context(), unit_of_work():
        for number in range(1, registrations + 1):
            _registration(f"{url}/{number}")
        db.session.flush()
        lanes = list(db.session.scalars(select(LineItem.id).order_by(LineItem.id).limit(LANES)))
        registration = dict(
            db.session.execute(
                select(LineItem.id, Context.registration_id).join(Context, Context.id == LineItem.context_id)
            ).all()
        )
        people = scores // len(lanes)
        db.session.execute(insert(Person), [{"created_at": utcnow()} for _ in range(people)])
        rows = [
            {"person_id": person + 1, "registration_id": registration[lane], "sub": str(person), "alias_number": person}
            for lane in lanes
            for person in range(people)
        ]
        db.session.execute(insert(Identity), [{**row, "created_at": utcnow()} for row in rows])
        db.session.execute(insert(Score), _scores(lanes, registration))


def _scores(lanes: list[int], registration: dict[int, int]) -> list[dict[str, Any]]:
    found = []
    for lane in lanes:
        statement = select(Identity.id).where(Identity.registration_id == registration[lane])
        found += [
            {
                "registration_id": registration[lane],
                "line_item_id": lane,
                "identity_id": identity,
                "given": 7.5,
                "maximum": 10.0,
                "graded_at": utcnow(),
                "comment": "Хорошо",
            }
            for identity in db.session.scalars(statement)
        ]
    return found


def _registration(url: str) -> None:
    addresses = {"auth_url": f"{url}/auth", "token_url": f"{url}/token", "jwks_url": f"{url}/jwks"}
    registration = Registration(
        organization=Organization(name="Школа", type="school", department="x"),
        issuer=url,
        client_id="client",
        state=ACTIVE,
        deployments=[Deployment(deployment_id="1", state=ACTIVE)],
        **addresses,
    )
    db.session.add(registration)
    db.session.flush()
    context = Context(
        registration=registration, deployment=registration.deployments[0], lms_id="1", ags_scopes=[SCOPE_SCORE]
    )
    db.session.add(context)
    db.session.flush()
    db.session.add(LineItem(context_id=context.id, resource_id="a", label="A", url=f"{url}/lineitem"))
    db.session.add(DeliveryLane(id=registration.id))


def wait_again(app: Flask, count: int) -> None:
    """Have `count` of the scores sent once more."""
    with app.app_context(), unit_of_work():
        some = select(Score.id).order_by(Score.id % 1009, Score.id).limit(count)
        db.session.execute(update(Score).values(state="parked"))
        db.session.execute(
            update(Score).where(Score.id.in_(some)).values(state="waiting", due_at=utcnow(), version=Score.version + 1)
        )


def send_all(app: Flask) -> None:
    """Drive every due lane, as a worker with LANES threads does, until nothing is due."""

    def drive(lane: int) -> None:
        with app.app_context():
            grade_jobs.deliver.run(lane)

    with ThreadPoolExecutor(LANES) as threads:
        while True:
            with app.app_context():
                due = due_lanes()
                left = db.session.scalar(select(func.count()).select_from(Score).where(Score.state == "waiting"))
            if not left:
                return
            list(threads.map(drive, due))
            if not due:
                time.sleep(0.05)


def delivered(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Score).where(Score.state == DELIVERED)) or 0


class Peer:
    """pylti1p3's connector and grade service, as its documentation uses them."""

    def __init__(self, url: str, private_key: str) -> None:
        registration = PeerRegistration()
        registration.set_issuer(url).set_client_id("client").set_auth_token_url(f"{url}/1/token")
        registration.set_tool_private_key(private_key).set_tool_public_key("unused")
        registration.get_kid = lambda: "kid"
        connector = ServiceConnector(registration, requests.Session())
        claim = {"scope": [SCOPE_SCORE], "lineitem": f"{url}/1/lineitem"}
        self.service = AssignmentsGradesService(connector, claim)

    def send(self, count: int) -> None:
        for number in range(count):
            grade = Grade().set_score_given(7.5).set_score_maximum(10).set_user_id(str(number)).set_comment("Хорошо")
            grade.set_timestamp(datetime.now(UTC).isoformat()).set_activity_progress("Completed")
            self.service.put_grade(grade.set_grading_progress("FullyGraded"))


def timed(act: Any, *arguments: Any) -> tuple[float, float]:
    """(seconds, CPU seconds) of an act."""
    wall, cpu = time.perf_counter(), time.process_time()
    act(*arguments)
    return time.perf_counter() - wall, time.process_time() - cpu


def private_key(directory: Path) -> str:
    return next(directory.glob("*.pem")).read_text(encoding="ascii")


def say(name: str, text: str, ratio: float, goal: float, *, more: bool = False) -> bool:
    """Print a figure with its goal; True when it is met."""
    met = ratio >= goal if more else ratio <= goal
    sys.stdout.write(f"{name}: {text} {ratio:.2f} (goal {'≥' if more else '≤'} {goal}){'' if met else ' MISSED'}\n")
    return met


def measure(name: str, app: Flask, keys: Path) -> bool:
    """Print rates and ratios on one database; True when all goals are met."""
    with platform() as url:
        fill(app, url, registrations=LANES, scores=1600)
        peer = Peer(url, private_key(keys))
        met = _slow(name, app, url, peer) & _fast(name, app, url, peer) & _faulty(name, app, url)
    return met


def _slow(name: str, app: Flask, url: str, peer: Peer) -> bool:
    ours, theirs = [], []
    for turn in range(3):
        wait_again(app, 1600)
        control(url, latency=LATENCY)
        seconds, _cpu = timed(send_all, app)
        theirs.append(40 / timed(peer.send, 40)[0])
        if turn:
            ours.append(1600 / seconds)
    tokens = control(url).get("token", 0)
    rate, sequential = statistics.median(ours), statistics.median(theirs)
    sys.stdout.write(f"{name}: {rate:.0f} scores/s at 50 ms, pylti1p3 {sequential:.0f}, {tokens} token requests\n")
    first = say(name, "of 32 ÷ latency", rate * LATENCY / IN_FLIGHT, 0.8, more=True)
    return first & say(name, "× pylti1p3 at 50 ms", rate / sequential, 25, more=True)


def _fast(name: str, app: Flask, url: str, peer: Peer) -> bool:
    control(url)
    rates, cpus = [], []
    for turn in range(ROUNDS + 1):
        wait_again(app, 1600)
        seconds, cpu = timed(send_all, app)
        peer_seconds, peer_cpu = timed(peer.send, 400)
        if turn:
            rates.append((1600 / seconds) / (400 / peer_seconds))
            cpus.append((cpu / 1600) / (peer_cpu / 400))
            figures = f"{1600 / seconds:.0f}/s {cpu / 1.6:.3f} ms, pylti1p3 {400 / peer_seconds:.0f}/s {peer_cpu / 0.4:.3f} ms"
    sys.stdout.write(f"{name}: at 0 ms {figures}\n")
    first = say(name, "× pylti1p3's rate at 0 ms", statistics.median(rates), 2.0, more=True)
    return first & say(name, "× pylti1p3's CPU per score", statistics.median(cpus), 1.0)


def _faulty(name: str, app: Flask, url: str) -> bool:
    wait_again(app, 1600)
    control(url, faults=1)
    before = delivered(app)
    send_all(app)
    calls = control(url)
    total = calls["scores"] / 1600
    lost = 1600 - (delivered(app) - before)
    sys.stdout.write(f"{name}: with faults {lost} scores lost, calls {json.dumps(calls)}\n")
    return say(name, "calls per score with faults", total, 1.15) & (lost == 0)
