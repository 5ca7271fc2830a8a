"""Files that people bring, whatever for: uploads that survive a bad line, serving that is safe. See docs/developer/files.md."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from lti_tool.core import audit
from lti_tool.core import jobs as core_jobs
from lti_tool.core import policy as engine
from lti_tool.files import belongings, jobs, policy, views, wording
from lti_tool.files.models import StoredFile, Upload, VirusCheck
from lti_tool.files.queries import files_in_storage, pieces_in_storage
from lti_tool.files.views import base
from lti_tool.organizations import pointers
from lti_tool.organizations.storage import keeps_files
from lti_tool.people.guests.views import open_to_partners


def init_app(app: Flask) -> None:
    """Add this feature's rules, screens and jobs to the application."""
    engine.register(policy.RULES, policy.ACTS)
    audit.word(wording.HAPPENED, wording.THINGS)
    belongings.register()
    core_jobs.sweep(VirusCheck, jobs.look_for_viruses)
    pointers.moves(StoredFile.organization_id, _l("Files"))
    pointers.moves(Upload.organization_id)
    keeps_files("stored_file", files_in_storage())
    keeps_files("upload", pieces_in_storage())
    open_to_partners(*(f"files.{view}" for view in ("abilities", "create", "offset", "piece", "give_up", "preview")))
    base.init_app(app, file_address=views.preview_address)
    app.register_blueprint(views.blueprint)
