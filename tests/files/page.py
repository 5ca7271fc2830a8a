"""A small feature that takes files, as any would: one page with the picker, the files taken, a download."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from typing import Any

from flask import Blueprint, Flask, Response, flash, g, redirect, render_template_string, request
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core.db import db
from lti_tool.core.errors import Invalid
from lti_tool.files.forms import accept_files, picked, take_picked
from lti_tool.files.kinds import ANYTHING, AUDIO, DOCUMENTS, IMAGES
from lti_tool.files.models import StoredFile
from lti_tool.files.operations.keeping import Rules, release
from lti_tool.files.views import serve
from tests.courses.scene import TOOL, Person

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream"}
ALL = Rules(most=3, most_bytes=20_000_000)
RULES = {
    "all": ALL,
    "papers": Rules(kinds=(DOCUMENTS, IMAGES), most=2, most_bytes=100_000, looks_inside=True),
    "sound": Rules(kinds=(AUDIO,)),
    "inside": Rules(kinds=(ANYTHING,), looks_inside=True),
}
PAGE = """
{% extends "_layout/base.html" %}
{% from "_components/forms.html" import submit, csrf %}
{% from "_components/files.html" import file_picker, file_link, file_preview %}
{% block title %}Files of a feature{% endblock %}
{% block content %}
<form method="post" action="{{ request.path }}" enctype="multipart/form-data" data-draft="shelf">{{ csrf() }}
<label class="form-label" for="title">Title</label><input class="form-control" id="title" name="title" value="{{ title }}">
{{ file_picker("Your files", rules, files=files, faults=faults) }}{{ submit("Save") }}</form>
{% for file in taken %}{{ file_preview(file, "/shelf/file/%d"|format(file.id)) }}{% endfor %}
{% endblock %}
"""


def shelf(name: str = "shelf") -> Blueprint:
    blueprint = Blueprint(name, __name__, url_prefix="/shelf")
    accept_files(blueprint, {f"{name}.page": ALL})

    @blueprint.route("/<rules>", methods=["GET", "POST"])
    def page(rules: str) -> Any:
        files, faults, status = [], [], 200
        if request.method == "POST":
            try:
                files = picked(g.actor, rules=RULES[rules])
                take_picked(g.actor, purpose="shelf", rules=RULES[rules], files=files)
                if not request.form.get("title"):
                    raise Invalid({"title": "Give it a title."})
                flash("Saved", "success")
                return redirect(f"/shelf/{rules}", 303)
            except Invalid as invalid:
                faults, status = list(invalid.errors.values()), 422
        taken = select(StoredFile).where(StoredFile.kept_at.is_not(None)).order_by(StoredFile.id)
        shown = {"taken": db.session.scalars(taken).all(), "rules": RULES[rules], "files": files, "faults": faults}
        return render_template_string(PAGE, title=request.form.get("title", ""), **shown), status

    @blueprint.get("/file/<int:ident>")
    def file(ident: int) -> Response:
        return serve(db.session.get_one(StoredFile, ident), inline="inline" in request.args)

    @blueprint.post("/file/<int:ident>/remove")
    def remove(ident: int) -> str:
        release(actor=g.actor, files=[db.session.get_one(StoredFile, ident)])
        return "gone"

    return blueprint


def with_shelf(app: Flask) -> Flask:
    app.register_blueprint(shelf())
    return app


class Sender:
    """A person's browser that speaks tus."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.client: FlaskClient = person.browser
        person.post("/language", locale="en")
        self.token = person.token

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        headers = {**TUS, "X-CSRFToken": self.token, "Accept": "application/json", **(headers or {})}
        path = path.removeprefix(TOOL)
        return self.client.open(f"{TOOL}{path}", method=method, headers=headers, **more)

    def begin(self, size: int, name: str = "report.pdf", kinds: str = "anything") -> TestResponse:
        told = ",".join(
            f"{key} {base64.b64encode(value.encode()).decode()}"
            for key, value in (("filename", name), ("kinds", kinds))
        )
        return self.ask("POST", "/files/uploads", {"Upload-Length": str(size), "Upload-Metadata": told})

    def piece(self, address: str, offset: int, content: bytes, **headers: str) -> TestResponse:
        return self.ask("PATCH", address, {**PIECE, "Upload-Offset": str(offset), **headers}, data=content)

    def send(self, content: bytes, name: str = "report.pdf", kinds: str = "anything") -> TestResponse:
        """A whole file, in one piece."""
        address = self.begin(len(content), name, kinds).headers["Location"]
        return self.piece(address, 0, content)

    def file(self, content: bytes, name: str = "report.pdf") -> int:
        return int(self.send(content, name).headers["X-File"])

    def save(self, rules: str, *ids: int, **data: Any) -> TestResponse:
        values = {"csrf_token": self.token, "title": "Mine", "files_id": list(ids), **data}
        return self.client.post(f"{TOOL}/shelf/{rules}", data=values)


def sha1(content: bytes) -> str:
    return "sha1 " + base64.b64encode(hashlib.sha1(content).digest()).decode()


def zipped(**members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()
