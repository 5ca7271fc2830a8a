"""The frame of every page and its pieces, rendered and read as a browser would."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask, flash, g, render_template, render_template_string, session
from flask.testing import FlaskClient
from flask_wtf import FlaskForm
from lxml import etree, html
from wtforms import (
    BooleanField,
    FileField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
)
from wtforms import TextAreaField as AreaField
from wtforms.validators import InputRequired

from lti_tool.core.paging import Page
from lti_tool.core.web import static_path
from lti_tool.people.actor import Actor

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "lti_tool" / "static"
IMPORTS = (
    '{% extends "_layout/base.html" %}'
    '{% from "_components/forms.html" import field, submit, csrf, form_errors %}'
    '{% from "_components/ui.html" import alert, badge, empty, card, pager, copyable, steps, confirm_button, icon, when, menu %}'
    "{% block title %}A page{% endblock %}"
)
HOSTILE = "<script>alert('x')</script>\" onclick=\"y"


CHOICES = [SelectChoice("a", "First"), SelectChoice("b", "Second")]


class EveryField(FlaskForm):
    """One of each."""

    title = StringField("Title", validators=[InputRequired("Give it a title.")], description="As on the cover")
    text = AreaField("Text")
    kind = SelectField("Kind", choices=CHOICES)
    way = RadioField("Way", choices=CHOICES, default="a")
    shown = BooleanField("Pupils can see it")
    work = FileField("Work")
    points = IntegerField("Points")
    version = HiddenField(default="3")


def address_of(number: int) -> str:
    return f"/list?q=a&page={number}"


def page(app: Flask, content: str, **values: object) -> html.HtmlElement:
    source = IMPORTS + "{% block content %}" + content + "{% endblock %}"
    form = values.pop("form", None)
    with app.test_request_context("/somewhere?q=1", base_url="https://tool.example"):
        session["person_id"] = 1
        g.actor = Actor(person_id=1, display_name="Анна", organization_name="School 12")
        if form is not None:
            values["form"] = form()
        return read(render_template_string(source, **values))


def read(text: str) -> html.HtmlElement:
    """The document, parsed; a broken one fails, and so does one that the content security policy would cripple."""
    parser = html.HTMLParser(recover=True)
    document = html.document_fromstring(text, parser=parser)
    known_to_lxml = ("Tag header", "Tag main", "Tag footer", "Tag nav", "Tag section", "Tag template", "Tag time")
    new_tags = (*known_to_lxml, "Tag output", "Tag dialog", "Tag details", "Tag summary", "Tag article")
    faults = [entry for entry in parser.error_log if not entry.message.startswith(new_tags)]
    assert [entry.message for entry in faults if entry.level >= etree.ErrorLevels.ERROR] == []
    inline = document.xpath("//style | //script[not(@src)] | //*[@style] | //@*[starts-with(name(), 'on')]")
    assert inline == []
    for address in document.xpath("//script/@src | //link/@href | //img/@src"):
        parts = urlsplit(address)
        assert not parts.netloc, f"{address} is another site's"
        assert (STATIC / parts.path.split("/", 3)[3]).is_file(), address
    return document


def unlabelled(document: html.HtmlElement) -> list[str]:
    """Controls that a screen reader could not name."""
    found = []
    for control in document.xpath("//input[not(@type='hidden')] | //select | //textarea"):
        labels = document.xpath("//label[@for=$id]", id=control.get("id")) or control.xpath("ancestor::label")
        if not labels and not control.get("aria-label"):
            found.append(etree.tostring(control, encoding="unicode"))
    for button in document.xpath("//button | //summary | //a"):
        if not button.text_content().strip() and not button.get("aria-label"):
            found.append(etree.tostring(button, encoding="unicode"))
    return found


def test_the_frame(app: Flask) -> None:
    document = page(app, "<p>Hello</p>")
    assert document.get("lang") == "en"
    assert document.xpath("string(//title)") == "A page · Schools Together"
    assert [heading.text_content() for heading in document.xpath("//h1")] == ["A page"]
    assert document.xpath("string(//a[@class='skip-link']/@href)") == "#main"
    assert "Анна" in document.xpath("string(//header)")
    assert document.xpath("//footer//button/@value") == ["ru", "en"]
    assert document.xpath("string(//footer//input[@name='next']/@value)") == "/somewhere?q=1"
    assert not document.xpath("//nav[@class='crumbs']")
    assert unlabelled(document) == []


def test_flashed_messages_are_shown_as_what_they_are(app: Flask) -> None:
    with app.test_request_context("/"):
        flash("Saved", "success")
        flash(HOSTILE, "error")
        document = read(render_template_string(IMPORTS))
    shown = {(each.get("data-flash"), each.text) for each in document.xpath("//*[@data-flash]")}
    assert shown == {("success", "Saved"), ("danger", HOSTILE)}


def test_ids_are_not_used_twice(app: Flask) -> None:
    document = page(app, "{{ form_errors(form) }}{% for one in form %}{{ field(one) }}{% endfor %}", form=EveryField)
    ids = document.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_every_field_has_its_label_and_help(app: Flask) -> None:
    document = page(app, "<form>{% for one in form %}{{ field(one, rows=7) }}{% endfor %}</form>", form=EveryField)
    assert unlabelled(document) == []
    title = document.get_element_by_id("title")
    assert title.get("aria-describedby") == "title-help"
    assert document.get_element_by_id("title-help").text_content() == "As on the cover"
    assert title.get("required") is not None
    assert document.get_element_by_id("text").get("rows") == "7"
    assert document.xpath("string(//fieldset[@id='way']/legend)") == "Way"
    assert len(document.xpath("//fieldset[@id='way']//label[@for]")) == 2
    assert "form-select" in document.get_element_by_id("kind").get("class")
    assert document.xpath("//input[@type='hidden' and @name='version']/@value") == ["3"]


def test_faults_are_tied_to_their_fields(app: Flask) -> None:
    with app.test_request_context("/", method="POST", data={"version": "3"}):
        form = EveryField()
        assert not form.validate()
        form.form_errors = ["It does not fit together."]
        source = "{% block content %}{{ form_errors(form) }}{{ field(form.title) }}{% endblock %}"
        document = read(render_template_string(IMPORTS + source, form=form))
    title = document.get_element_by_id("title")
    assert title.get("aria-invalid") == "true"
    assert title.get("aria-describedby") == "title-help title-fault"
    assert "Give it a title." in document.get_element_by_id("title-fault").text_content()
    summary = document.xpath("//div[@role='alert' and @autofocus]")[0]
    assert "#title" in summary.xpath(".//a/@href")
    assert "It does not fit together." in summary.text_content()


PIECES = [
    "{% call alert('warning', text) %}<p>{{ text }}</p>{% endcall %}",
    "{{ badge(text, 'success', icon_name='check') }}",
    "{% call empty(text, icon='inbox') %}<p>{{ text }}</p>{% endcall %}",
    "{% call card(text, icon='people') %}<p>{{ text }}</p>{% endcall %}",
    "{{ copyable(text, text) }}",
    "{{ steps([text, 'b', 'c'], 2) }}",
    "{{ confirm_button('/away', text, text, icon='trash', fields={'version': text}) }}",
    "{% call menu(text) %}<a href='/'>{{ text }}</a>{% endcall %}",
    "<form>{{ csrf() }}{{ submit(text, icon='check', name='act', value=text) }}</form>",
]


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: str(re.findall(r"[a-z_]+(?=\()", piece)[0]))
def test_pieces_are_labelled_and_let_no_text_out(app: Flask, piece: str) -> None:
    document = page(app, piece, text=HOSTILE)
    assert unlabelled(document) == []
    assert not document.xpath("//main//script")
    assert HOSTILE in document.xpath("string(//main)") or document.xpath("//main//@*[. = $text]", text=HOSTILE)


def test_a_question_is_asked_before_a_form_with_a_token(app: Flask) -> None:
    document = page(app, "{{ confirm_button('/away', 'Remove', 'Remove it?') }}")
    form = document.xpath("//main//form")[0]
    assert (form.get("method"), form.get("action"), form.get("data-confirm")) == ("post", "/away", "Remove it?")
    assert form.xpath(".//input[@name='csrf_token']/@value")[0]


@pytest.mark.parametrize(("number", "numbers"), [(1, ["1", "2", "9"]), (5, ["1", "4", "5", "6", "9"])])
def test_pager(app: Flask, number: int, numbers: list[str]) -> None:
    document = page(app, "{{ pager(page) }}", page=Page([], number, 90, address_of, 10))
    shown = [link.text for link in document.xpath("//nav[@class='pager']//a[not(@rel)]")]
    assert shown == numbers
    assert document.xpath("string(//a[@aria-current='page'])") == str(number)
    assert document.xpath("//a[@rel='next']/@href") == [f"/list?q=a&page={number + 1}"]
    assert len(document.xpath("//a[@rel='prev']")) == (0 if number == 1 else 1)


def test_a_single_page_has_no_pager(app: Flask) -> None:
    assert not page(app, "{{ pager(page) }}", page=Page([], 1, 3, address_of)).xpath("//nav[@class='pager']")


def test_times_say_when_for_people_and_machines(app: Flask) -> None:
    document = page(app, "{{ when(moment) }}{{ when(None) }}", moment=datetime(2026, 3, 1, 12, 30, tzinfo=UTC))
    (shown,) = document.xpath("//main//time")
    assert shown.get("datetime") == "2026-03-01T12:30:00+00:00"
    assert "2026" in shown.text_content()


def test_a_refusal_tells_all_and_keeps_what_was_typed(app: Flask) -> None:
    ways = [("/", "Go on", False), ("https://lms.example", "Open your LMS", True)]
    with app.test_request_context("/", method="POST"):
        text = render_template(
            "errors/page.html",
            title="Not allowed",
            what=HOSTILE,
            todo=("Ask the teacher.", "Try again."),
            reference="abc123",
            status=403,
            kept=[("body", "\nA long answer.\n" + HOSTILE)],
            ways=ways,
        )
    document = read(text)
    assert unlabelled(document) == []
    assert document.xpath("string(//h1)") == "Not allowed"
    assert "A long answer.\n" + HOSTILE in document.xpath("string(//textarea)")
    assert [item.text_content() for item in document.xpath("//main//li")] == ["Ask the teacher.", "Try again."]
    assert "abc123" in document.xpath("string(//main)")
    assert document.xpath("//a[@target='_blank']/@rel") == ["noopener noreferrer"]


def test_a_refusal_under_lti_sets_no_cookie(app: Flask) -> None:
    with app.test_request_context("/lti/login"):
        document = read(render_template("errors/page.html", title="No", what="No", todo=(), reference="", status=400))
        assert not session
    assert not document.xpath("//input[@name='csrf_token']")


def test_static_files_are_kept_for_good_and_move_when_they_change(client: FlaskClient, tmp_path: Path) -> None:
    sheet = read(client.get("/").text).xpath("string(//link[contains(@href, 'app.css')]/@href)")
    with client.get(sheet) as answer:
        assert (answer.cache_control.max_age or 0) >= 30_000_000
    (tmp_path / "app.css").write_text("a {}")
    before = static_path(tmp_path)
    assert static_path(tmp_path) == before
    (tmp_path / "app.css").write_text("b {}")
    assert static_path(tmp_path) != before


def test_the_sign_has_an_address_that_stays(client: FlaskClient) -> None:
    with client.get("/static/favicon.svg") as answer:
        assert answer.content_type.startswith("image/svg+xml")


def test_scripts_import_what_exists() -> None:
    for script in (STATIC / "js").glob("*.js"):
        source = script.read_text(encoding="utf-8")
        for target in re.findall(r"(?:from|import) \(?\"(\./[^\"]+)\"|import\(\"(\./[^\"]+)\"\)", source):
            assert (script.parent / "".join(target)).is_file(), f"{script.name} imports {target}"
        assert "innerHTML =" not in source
        assert "eval(" not in source


def test_words_of_scripts_are_in_the_page(app: Flask) -> None:
    ready = set(page(app, "").xpath("//template/@id"))
    asked = re.compile(r"(?:words|notice)\(\"([\w-]+)\"|say\(form, .*?\"([\w-]+)\"")
    for script in (STATIC / "js").glob("*.js"):
        for names in asked.findall(script.read_text(encoding="utf-8")):
            assert f"say-{''.join(names)}" in ready, f"{script.name} says {names}"


def test_styles_ask_for_nothing_from_outside() -> None:
    for style in STATIC.rglob("*.css"):
        for address in re.findall(r"url\(\s*['\"]?([^'\")]+)", style.read_text(encoding="utf-8")):
            if address.startswith("data:"):
                continue
            assert not urlsplit(address).netloc, address
            assert (style.parent / urlsplit(address).path).is_file(), address


def test_vendored_files_carry_their_licence() -> None:
    vendor = STATIC / "vendor"
    listed = (vendor / "README.md").read_text(encoding="utf-8")
    for folder in (each for each in vendor.iterdir() if each.is_dir()):
        assert (folder / "LICENSE").is_file()
        assert f"`{folder.name}/`" in listed
