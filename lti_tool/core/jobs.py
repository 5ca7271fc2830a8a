"""Background work: Celery tasks as nudges, durable outbox rows as the guarantee, a sweep between the two.

A feature writes an outbox row in the same transaction as the fact it stands for, and nudges a task after the commit.
A nudge may be lost (broker gone, process killed): the sweep finds every row that is due and nudges again. A worker
claims a row by one atomic UPDATE with a lease, so that two workers, or a job delivered twice, never act at once.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial, wraps
from typing import Any

import structlog
from celery import Celery, Task
from flask import Flask
from sqlalchemy import String, delete, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db import Base, db, execute, insert_if_absent, on_commit, unit_of_work, utcnow
from lti_tool.core.settings import Settings

SWEEP_EVERY = timedelta(seconds=2)
"""How long a lost nudge can delay a row."""
SWEEP_BATCH = 500
"""Rows nudged per sweep and kind: more would only lie in the broker."""
LEASE = timedelta(seconds=90)
"""Longer than the slowest guarded request; a worker killed with a row gives it back after this."""
HEARTBEAT_OLD = timedelta(seconds=30)
EMBEDDED_THREADS = 8

log = structlog.get_logger(__name__)
_bound: dict[str, Flask] = {}


celery = Celery("lti_tool", set_as_current=False)


def task(name: str) -> Callable[[Callable[[int], None]], Task[..., Any]]:
    """Make a Celery task of a function that takes a row's id; it runs in the Flask application's context and opens
    its own units of work."""

    def add(run: Callable[[int], None]) -> Task[..., Any]:
        @wraps(run)
        def in_context(row_id: int) -> None:
            with _bound["app"].app_context():
                run(row_id)

        made: Task[..., Any] = celery.task(name=name)(in_context)
        return made

    return add


class OutboxMixin:
    """Columns of a row that waits for an act in the outside world."""

    state: Mapped[str] = mapped_column(String(12), default="waiting")
    """waiting, sending, or one of the feature's final states."""
    due_at: Mapped[datetime] = mapped_column(default=utcnow)
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    leased_by: Mapped[str | None] = mapped_column(String(120))
    """Host, process and start of the worker that has the row, so that a restarted one knows what its dead self held."""

    # every model that mixes this in indexes (state, due_at)


class Heartbeat(Base):
    """When a worker process last showed that it lives."""

    __tablename__ = "heartbeat"
    worker: Mapped[str] = mapped_column(String(120), primary_key=True)
    at: Mapped[datetime]


class Periodic(Base):
    """When a periodic duty is next due; claimed by one scheduler, whoever is first."""

    __tablename__ = "periodic"
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    due_at: Mapped[datetime]
    ran_at: Mapped[datetime | None]
    """When it was last done, well or not."""
    error: Mapped[str | None] = mapped_column(String(60))
    """The kind of error it ended with; None: it went well."""


@dataclass(frozen=True)
class Sweep:
    """A kind of outbox row, and the task that acts on it."""

    model: Any
    task: Task[..., Any]
    find: Callable[[int], list[int]]
    one_by_one: bool = True
    """Each id is a row's own; else one call of the task acts on many rows."""

    def due(self, limit: int = SWEEP_BATCH) -> list[int]:
        """What the task is to be called with now: ids of rows, unless the feature said what else."""
        return self.find(limit)


def sweeps() -> tuple[Sweep, ...]:
    """Every kind of outbox row that features registered."""
    return tuple(_sweeps)


def duty_intervals() -> dict[str, timedelta]:
    """Every periodic duty, and how often it is done."""
    return {name: interval for name, (interval, _duty) in _duties.items()}


_sweeps: list[Sweep] = []
_duties: dict[str, tuple[timedelta, Callable[[], object]]] = {}


def sweep(model: Any, task: Task[..., Any], *, due: Callable[[int], list[int]] | None = None) -> None:
    """Have the sweep nudge `task` with the id of every due row of `model` (an OutboxMixin).

    `due(limit)` finds other ids to nudge with, where one call of the task acts on many rows.
    """
    if all(known.model is not model for known in _sweeps):
        _sweeps.append(Sweep(model, task, due or partial(due_ids, model), due is None))


def every(interval: timedelta) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Run a function (in its own unit of work) about once per interval, by one of all schedulers."""

    def add(duty: Callable[[], object]) -> Callable[[], object]:
        _duties[f"{duty.__module__}.{duty.__name__}"] = (interval, duty)
        return duty

    return add


def wake(model: Any, ids: Iterable[int]) -> None:
    """Call the task of an outbox's sweep with these ids. See nudge."""
    nudge(next(known.task for known in _sweeps if known.model is model), ids)


def nudge(task: Task[..., Any], ids: Iterable[int]) -> None:
    """Call the task with these ids once the current transaction is committed. A lost nudge does no harm."""
    wanted = list(ids)
    waiting: dict[str, dict[int, None]] = db.session.info.setdefault("nudges", {})
    if task.name in waiting:  # one transaction may ask many times
        waiting[task.name].update(dict.fromkeys(wanted))
        return
    waiting[task.name] = dict.fromkeys(wanted)
    on_commit(lambda: _publish(task, db.session.info["nudges"].pop(task.name)))


def _publish(task: Task[..., Any], ids: Iterable[int]) -> None:
    try:
        for row_id in ids:
            task.apply_async((row_id,), retry=False)
    except Exception as error:  # whatever the broker raises: the sweep will come back to these rows
        log.warning("nudge lost", error=type(error).__name__)


def claim(model: Any, row_id: int) -> bool:
    """Take a due row for this worker by one atomic UPDATE; False when it is not due or another has it."""
    now = utcnow()
    statement = (
        update(model)
        .where(model.id == row_id, is_due(model, now))
        .values(state="sending", leased_until=now + LEASE, leased_by=worker_name(), attempts=model.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    return execute(statement).rowcount == 1


def is_due(model: Any, now: datetime) -> Any:
    """The rows of an outbox to act on now: waiting for their time, or held by a worker that is gone."""
    waiting = (model.state == "waiting") & (model.due_at <= now)
    abandoned = (model.state == "sending") & (model.leased_until < now)
    return or_(waiting, abandoned)


def worker_name() -> str:
    """Host, process id and a random mark of this process's start."""
    pid = os.getpid()
    if _mark.get(pid) is None:  # a forked child is another worker
        _mark[pid] = secrets.token_hex(4)
    return f"{socket.gethostname()}:{pid}:{_mark[pid]}"


_mark: dict[int, str] = {}


def release_abandoned() -> None:
    """Give back what dead processes of this host held, so that nothing waits for the end of a lease after a crash."""
    models: list[Any] = OutboxMixin.__subclasses__()
    for model in models:
        held = select(model.leased_by).where(model.state == "sending").distinct()
        for name in db.session.scalars(held).all():
            if is_gone(name):
                mine = (model.leased_by == name) & (model.state == "sending")
                execute(
                    update(model)
                    .where(mine)
                    .values(leased_until=utcnow() - timedelta(seconds=1))
                    .execution_options(synchronize_session=False)
                )


def is_gone(name: str | None) -> bool:
    """Was this a worker of this host whose process has ended?

    The own number with another mark is a former life (in a container it is always 1). Of other hosts nobody knows.
    """
    if name is None or not name.startswith(f"{socket.gethostname()}:") or name == worker_name():
        return False
    pid = int(name.rsplit(":", 2)[1])
    if pid == os.getpid():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def due_ids(model: Any, limit: int = SWEEP_BATCH) -> list[int]:
    """Ids of rows to act on now, the longest due first."""
    statement = select(model.id).where(is_due(model, utcnow())).order_by(model.due_at, model.id).limit(limit)
    return list(db.session.scalars(statement))


def run_sweeps() -> int:
    """Nudge every due row once; returns how many."""
    total = 0
    for known in _sweeps:
        with unit_of_work():
            ids = known.due()
        _publish(known.task, ids)
        total += len(ids)
    return total


def run_duties() -> None:
    """Run the periodic duties whose time has come and which no other scheduler took; one that fails stops no other."""
    with unit_of_work():
        mend_clock_step()
    for name, (interval, duty) in _duties.items():
        with unit_of_work():
            mine = _take_duty(name, interval)
        if not mine:
            continue
        try:
            with unit_of_work():
                duty()
                _note_duty(name, None)
        except Exception as error:  # it is due again after its interval
            log.warning("duty failed", duty=name, error=type(error).__name__)
            with unit_of_work():
                _note_duty(name, type(error).__name__[:60])


def _note_duty(name: str, error: str | None) -> None:
    done = update(Periodic).where(Periodic.name == name).values(ran_at=utcnow(), error=error)
    execute(done.execution_options(synchronize_session=False))


def mend_clock_step() -> None:
    """After this host's clock was set back: what was due is due, and leases and duties end when they should.

    A duty that is due later than its interval allows tells how far the clock went; smaller steps cost that time only.
    """
    now = utcnow()
    planned = db.session.execute(select(Periodic.name, Periodic.due_at)).all()
    ahead = [due_at - now - _duties[name][0] for name, due_at in planned if name in _duties]
    step = max(ahead, default=timedelta(0))
    if step <= timedelta(seconds=5):
        return
    log.warning("clock was set back", seconds=step.total_seconds())
    for name, (interval, _duty) in _duties.items():
        late = update(Periodic).where(Periodic.name == name, Periodic.due_at > now + interval)
        execute(late.values(due_at=now).execution_options(synchronize_session=False))
    models: list[Any] = OutboxMixin.__subclasses__()
    for model in models:
        due = (model.state == "waiting") & (model.due_at > now) & (model.due_at <= now + 2 * step)
        held = (model.state == "sending") & (model.leased_until > now + LEASE)
        for rows, values in ((due, {"due_at": now}), (held, {"leased_until": now + LEASE})):
            execute(update(model).where(rows).values(**values).execution_options(synchronize_session=False))


def _take_duty(name: str, interval: timedelta) -> bool:
    now = utcnow()
    insert_if_absent(Periodic, {"name": name, "due_at": now})
    statement = update(Periodic).where(Periodic.name == name, Periodic.due_at <= now).values(due_at=now + interval)
    return execute(statement.execution_options(synchronize_session=False)).rowcount == 1


def beat() -> None:
    """Note that this process works (read by /readyz and `jobs status`)."""
    worker = worker_name()
    with unit_of_work():
        insert_if_absent(Heartbeat, {"worker": worker, "at": utcnow()})
        execute(update(Heartbeat).where(Heartbeat.worker == worker).values(at=utcnow()))


def newest_heartbeat() -> datetime | None:
    return db.session.scalar(select(Heartbeat.at).order_by(Heartbeat.at.desc()).limit(1))


def workers_alive() -> bool:
    newest = newest_heartbeat()
    return newest is not None and utcnow() - newest < HEARTBEAT_OLD


@every(timedelta(hours=1))
def forget_dead_workers() -> None:
    """Remove heartbeats of processes that ended long ago."""
    execute(delete(Heartbeat).where(Heartbeat.at < utcnow() - timedelta(days=1)))


def init_app(app: Flask, settings: Settings) -> None:
    """Bind Celery to the application: every task runs in an application context of it."""
    celery.conf.update(
        broker_url=settings.broker_url,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # a broker may be away for longer than a worker has patience
        broker_transport_options={"polling_interval": 0.05} if settings.embedded_worker else {},
        broker_connection_timeout=2,
        task_ignore_result=True,
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        task_default_queue="lti_tool",
    )
    _bound["app"] = app
    app.extensions["celery"] = celery


class Scheduler:
    """The thread that sweeps, runs periodic duties and beats; several may run at once."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, name="scheduler", daemon=True)

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join(timeout=10)

    def _run(self) -> None:
        last_beat = 0.0
        released = False
        while not self.stopping.is_set():
            try:
                with self.app.app_context():
                    if not released:
                        with unit_of_work():
                            release_abandoned()
                        released = True
                    run_sweeps()
                    run_duties()
                    if time.monotonic() - last_beat > 10:
                        beat()
                        last_beat = time.monotonic()
            except Exception as error:  # the database may be away for a while; the next round tries again
                log.warning("scheduler round failed", error=type(error).__name__)
            self.stopping.wait(SWEEP_EVERY.total_seconds())


def run_worker(app: Flask, *, threads: int = EMBEDDED_THREADS) -> None:
    """Work until told to stop: Celery's worker on a pool of threads, with the scheduler beside it. Blocks."""
    scheduler = Scheduler(app)
    scheduler.start()
    try:
        controller(threads).start()
    finally:
        scheduler.stop()


def controller(threads: int) -> Any:
    """Celery's worker without its command line: no signals touched, so it may live in a thread."""
    return celery.WorkController(
        pool="threads", concurrency=threads, without_heartbeat=True, without_mingle=True, without_gossip=True
    )


def start_embedded(app: Flask) -> None:
    """Run the worker inside this web process (the default broker is this process's own memory)."""
    threading.Thread(target=run_worker, args=(app,), name="embedded-worker", daemon=True).start()
