"""A page with every piece and script, for looking at them apart from any feature."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, flash, redirect, render_template_string, request
from flask_wtf import FlaskForm
from wtforms import BooleanField, FileField, IntegerField, RadioField, SelectChoice, SelectField, StringField
from wtforms import TextAreaField as AreaField
from wtforms.validators import InputRequired

from lti_tool.core.paging import Page

PAGE = """
{% extends "_layout/base.html" %}
{% from "_components/forms.html" import field, submit, csrf, form_errors %}
{% from "_components/ui.html" import alert, badge, empty, card, pager, copyable, steps, confirm_button, icon, when, menu %}
{% block title %}Every piece{% endblock %}
{% block crumbs %}<ol><li><a href="/">Home</a></li><li>Pieces</li></ol>{% endblock %}
{% block actions %}{% call menu("More") %}<a href="/pieces/file" download>A file</a>{% endcall %}{% endblock %}
{% block content %}
{{ form_errors(form) }}
{{ steps(["Invite", "Register", "Approve"], 2) }}
{% for kind in ("info", "success", "warning", "danger") %}
{% call alert(kind, "Something of note") %}<p>With <a href="/">a link</a>.</p>{% endcall %}
<p>{{ badge("A state", kind, icon_name="check") }} {{ badge("Another", "secondary") }}</p>
{% endfor %}
{% call card("A section", icon="people") %}<p>{{ when(moment) }}</p>
<div class="table-responsive" tabindex="0" role="region" aria-label="Grades"><table class="table table-stack"><thead><tr><th scope="col">Who</th><th scope="col">Points</th></tr></thead>
<tbody><tr><td data-label="Who">Anna</td><td data-label="Points">7</td></tr></tbody></table></div>{% endcall %}
{% call empty("Nothing yet") %}Add one.{% endcall %}
{{ copyable("https://tool.example/lti/register?invite=code", "Registration address") }}
<form method="post" enctype="multipart/form-data" data-draft="pieces">
  {{ csrf() }}
  {% for one in form if one.name != "csrf_token" %}{{ field(one, help="Some help", data_max_bytes=100 if one.name == "work" else none) }}{% endfor %}
  {{ submit("Save", icon="check") }}
</form>
{{ confirm_button("/pieces", "Remove", "Remove it for good?", fields={"title": "Removed", "way": "a", "kind": "a"}) }}
{{ pager(page) }}
<details><summary>More about it</summary><p>Little.</p></details>
{% endblock %}
"""

blueprint = Blueprint("pieces", __name__)
CHOICES = [SelectChoice("a", "First"), SelectChoice("b", "Second")]


class Pieces(FlaskForm):
    """One field of each kind."""

    title = StringField("Title", validators=[InputRequired("Give it a title.")])
    text = AreaField("Text")
    kind = SelectField("Kind", choices=CHOICES)
    way = RadioField("Way", choices=CHOICES, default="a")
    shown = BooleanField("Pupils can see it")
    work = FileField("Work")
    points = IntegerField("Points", default=3)


@blueprint.route("/pieces", methods=["GET", "POST"])
def pieces() -> Response | tuple[str, int] | str:
    form = Pieces()
    if form.validate_on_submit():
        flash(f"Saved {form.title.data}", "success")
        return redirect("/pieces", 303)  # type: ignore[return-value]
    page: Page[int] = Page([], 4, 90, lambda number: f"/pieces?page={number}", 10)
    text = render_template_string(PAGE, form=form, page=page, moment=datetime(2026, 3, 1, 12, 30, tzinfo=UTC))
    return (text, 422) if request.method == "POST" else text


@blueprint.get("/pieces/file")
def file() -> Response:
    return Response("a file", headers={"Content-Disposition": "attachment; filename=report.txt"})
