"""How gunicorn serves the tool: threads in one process beside the embedded worker, or several processes with a broker."""

import os

from lti_tool.core import jobs

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8080')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
threads = 16
timeout = 60
graceful_timeout = 20
accesslog = None
errorlog = "-"


def post_worker_init(worker):  # type: ignore[no-untyped-def]  # gunicorn's hook
    """With the default broker each web process does its own background work."""
    app = worker.wsgi
    if app.extensions["settings"].embedded_worker:
        jobs.start_embedded(app)
