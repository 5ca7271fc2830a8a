"""Liveness, readiness and Prometheus figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from flask import Blueprint, Flask, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest
from sqlalchemy import text

from lti_tool.core import jobs, queues
from lti_tool.core.db import db, utcnow
from lti_tool.core.storage import current_storage

registry = CollectorRegistry()
launches = Counter("lti_launches", "Launches by outcome", ["outcome"], registry=registry)
service_calls = Counter(
    "lti_service_calls", "Calls to platforms by service and outcome", ["service", "outcome"], registry=registry
)
outbox_rows = Gauge("lti_outbox_rows", "Outbox rows by kind and state", ["kind", "state"], registry=registry)
outbox_oldest = Gauge(
    "lti_outbox_oldest_seconds", "How long the oldest waiting row of a kind has been due", ["kind"], registry=registry
)

blueprint = Blueprint("metrics", __name__)
log = structlog.get_logger(__name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Everything a launch and a grade need is there: database, broker, storage, a worker that lives."""
    checks = {"database": _database, "broker": _broker, "storage": lambda: current_storage().check(), "worker": _worker}
    answers = {name: _ok(name, check) for name, check in checks.items()}
    ready = all(answers.values())
    return jsonify(status="ok" if ready else "not ready", **answers), 200 if ready else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """Figures for Prometheus; counts only, no names."""
    outbox_rows.clear()
    outbox_oldest.clear()
    for row in queues.outbox_status():
        outbox_rows.labels(row["kind"], row["state"]).set(row["count"])
        if row["state"] == "waiting":
            late = (utcnow() - row["oldest_due"]).total_seconds()
            outbox_oldest.labels(row["kind"]).set(max(late, 0.0))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _ok(name: str, check: Callable[[], Any]) -> bool:
    try:
        check()
    except Exception as error:  # whatever is wrong, the answer is "not ready"
        log.warning("not ready", check=name, error=type(error).__name__)
        return False
    return True


def _database() -> None:
    db.session.execute(text("SELECT 1"))


def _broker() -> None:
    with jobs.celery.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, timeout=2)


def _worker() -> None:
    if not jobs.workers_alive():
        raise RuntimeError("no worker showed itself lately")


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
