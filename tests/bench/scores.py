"""Scores per second and CPU per score, beside pylti1p3's own connector sending one after another."""

from __future__ import annotations

import json
import statistics
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
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
from lti_tool.core.db import db, table_of, unit_of_work, utcnow
from lti_tool.grades import jobs as grade_jobs
from lti_tool.grades.lanes import due_lanes
from lti_tool.grades.models import DELIVERED, DeliveryLane, LineItem, Score
from lti_tool.lti.claims import SCOPE_SCORE
from lti_tool.organizations.models import Organization
from lti_tool.people.models import Identity, Person
from lti_tool.platforms.models import ACTIVE, Deployment, Registration
from tests.bench import platform

LANES = 8
"""Registrations with work at once: with four scores in flight each, 32."""
IN_FLIGHT = LANES * grade_jobs.IN_FLIGHT
ROUNDS = 5
LATENCY = 0.05


def control(url: str, **wanted: Any) -> dict[str, int]:
    """Set how the platform behaves; how often each kind of call came before."""
    answer: dict[str, int] = requests.get(f"{url}/control", params=wanted, timeout=5).json()
    return answer


def fresh(app: Flask, url: str, *, registrations: int, lanes: int, scores: int) -> None:
    """An empty database with registrations of one context and column each, and `scores` waiting rows spread evenly
    over the first `lanes` of them."""
    with app.app_context():
        db.session.remove()
        db.drop_all()
        db.create_all()
        with unit_of_work():
            for number in range(1, registrations + 1):
                _registration(f"{url}/{number}")
            db.session.add(Person())
            db.session.flush()
            items = db.session.execute(
                select(LineItem.id, Context.registration_id).join(Context).order_by(LineItem.id).limit(lanes)
            ).all()
            for item, registration in items:
                _fill(item, registration, scores // lanes)


def _fill(line_item_id: int, registration_id: int, count: int) -> None:
    now = utcnow()
    people = {"person_id": 1, "registration_id": registration_id, "created_at": now}
    db.session.execute(
        insert(table_of(Identity)),
        [
            {**people, "sub": str(n), "alias_number": n, "name": "", "given_name": "", "family_name": "", "email": ""}
            for n in range(count)
        ],
    )
    same = {"registration_id": registration_id, "line_item_id": line_item_id, "state": "waiting", "attempts": 0}
    grade = {"given": 7.5, "maximum": 10.0, "graded_at": now, "comment": "Хорошо", "due_at": now, "version": 1}
    identities = select(Identity.id).where(Identity.registration_id == registration_id)
    db.session.execute(
        insert(table_of(Score)),
        [{**same, **grade, "created_at": now, "identity_id": ident} for ident in db.session.scalars(identities)],
    )


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


def send_all(app: Flask, threads: int = LANES, *, but: int = 0) -> None:
    """Drive every due lane, as a worker with so many threads does, until nothing waits outside lane `but`."""
    with ThreadPoolExecutor(threads) as pool:
        driven: dict[int, Future[None]] = {}
        while True:
            with app.app_context():
                due = [lane for lane in due_lanes() if lane not in driven or driven[lane].done()]
                open_ = (Score.state.in_(("waiting", "sending")), Score.registration_id != but)
                left = db.session.scalar(select(func.count()).select_from(Score).where(*open_))
            if not left:
                return
            driven |= {lane: pool.submit(_drive, app, lane) for lane in due}
            # a closed lane opens at its own time; looking more often than a scheduler does would count as our cost
            wait(
                driven.values(),
                timeout=0.05 if due else 0.25,
                return_when="FIRST_COMPLETED" if due else "ALL_COMPLETED",
            )


def _drive(app: Flask, lane: int) -> None:
    with app.app_context():
        grade_jobs.deliver.run(lane)


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
    with platform.running() as url:
        fresh(app, url, registrations=LANES, lanes=LANES, scores=1600)
        peer = Peer(url, private_key(keys))
        met = _slow(name, app, url, peer) & _fast(name, app, url, peer) & _faulty(name, app, url)
        return met & _hanging(name, app, url) & _flat(name, app, url)


def _hanging(name: str, app: Flask, url: str) -> bool:
    """p95 of the delay of 99 registrations' scores, with and without a hundredth that never answers."""
    delays = []
    for hangs in ("", "100"):
        fresh(app, url, registrations=100, lanes=100, scores=1000)
        control(url, latency=0.02, hangs=hangs)
        began = utcnow()
        with app.app_context():
            hanging = db.session.scalar(select(func.max(Registration.id)))
        send_all(app, but=hanging)
        with app.app_context():
            found = db.session.scalars(select(Score.delivered_at).where(Score.registration_id != hanging)).all()
        seconds = sorted((moment - began).total_seconds() for moment in found if moment)
        delays.append(seconds[int(len(seconds) * 0.95)])
    return say(name, "× p95 delay of 99 schools when one hangs", delays[1] / delays[0], 2.0)


def _flat(name: str, app: Flask, url: str) -> bool:
    """CPU per score with more registrations and with more rows waiting."""
    control(url)
    costs = {}
    for registrations, rows in ((1, 1000), (20, 1000), (200, 1000), (20, 20_000), (20, 200_000)):
        lanes = min(registrations, 4)  # four turns of 200 scores, whatever lies beside them
        figures = []
        for _turn in range(3):
            fresh(app, url, registrations=registrations, lanes=lanes, scores=rows)
            control(url)
            cpu = timed(_take_turns, app, 800 // min(grade_jobs.IN_A_ROW, rows // lanes))[1]
            figures.append(cpu / control(url)["scores"])
            if rows > 20_000:
                break
        costs[registrations, rows] = statistics.median(figures)
        sys.stdout.write(
            f"{name}: {registrations:>4} registrations {rows:>7} rows waiting {costs[registrations, rows] * 1000:.3f} ms CPU per score\n"
        )
    middle = statistics.median(costs.values())
    return say(name, "largest difference from the middle", max(abs(cost / middle - 1) for cost in costs.values()), 0.2)


def _take_turns(app: Flask, turns: int) -> None:
    """Drive as many lanes, one after another, each for a turn."""
    with app.app_context():
        due = due_lanes()
    for turn in range(turns):
        _drive(app, due[turn % len(due)])


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
        seconds, cpu = timed(send_all, app, 1)  # a platform without latency leaves no time to share
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
