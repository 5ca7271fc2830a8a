"""What people type about resources, read into values of the operations; each fault is a sentence beside its field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from lti_tool.core.db import key_or_none
from lti_tool.core.forms import Versioned, stripped
from lti_tool.core.i18n import current_locale
from lti_tool.exchange.licences import LICENCES, Outcome
from lti_tool.exchange.models import (
    HUB,
    LINK,
    VISIBILITIES,
    Resource,
    ResourceFile,
    ResourceVersion,
    Vocabulary,
)
from lti_tool.exchange.operations.publishing import MOST_FILES, Content, Credited, Description, described
from lti_tool.exchange.vocabularies import LANGUAGES, LEVELS, SUBJECTS, USES, level_name
from lti_tool.exchange.wording import VISIBILITIES as VISIBILITY_NAMES
from lti_tool.files.kinds import ANYTHING, ARCHIVES
from lti_tool.files.models import StoredFile
from lti_tool.files.operations.keeping import Rules

MATERIAL = Rules(kinds=(ANYTHING,), most=MOST_FILES, looks_inside=True)
"""What files a resource takes."""
PACKAGES = Rules(kinds=(ARCHIVES,), most=1, looks_inside=True)
"""Packages are archives, whatever their names end in."""
MAX_BODY = 100_000
"""Characters of a page."""
MOST_CHOSEN = 30
MAX_POINTS = 1000


def _short(label: Any, limit: int = 200, **more: Any) -> StringField:
    fits = Length(max=limit, message=_l("Make it shorter: at most %(max)d characters."))
    return StringField(label, validators=[Optional(), fits], filters=[stripped], **more)


def _long(label: Any, limit: int = 5000, **more: Any) -> TextAreaField:
    fits = Length(max=limit, message=_l("This text is too long."))
    return TextAreaField(label, validators=[fits], filters=[stripped], **more)


def _several(label: Any) -> SelectMultipleField:
    few = Length(max=MOST_CHOSEN, message=_l("Choose at most %(max)d."))
    return SelectMultipleField(label, validators=[few], choices=[])


class DescribedForm(Versioned):
    """What is said about a resource, or about many at once."""

    licence = SelectField(_l("Licence"), validators=[InputRequired(_l("Choose one."))])
    terms = _long(_l("Own terms: what is allowed"))
    visibility = RadioField(_l("Who finds it"), default=HUB)
    subjects = _several(_l("Subjects"))
    levels = _several(_l("Grades and levels"))
    uses = _several(_l("What it is for"))
    language = SelectField(_l("Language"))

    def offer_descriptions(self, licences: Iterable[str] = tuple(LICENCES)) -> None:
        """The choices."""
        self.licence.choices = [SelectChoice(code, LICENCES[code].name) for code in licences]
        self.visibility.choices = [SelectChoice(code, VISIBILITY_NAMES[code]) for code in VISIBILITIES]
        self.language.choices = [SelectChoice(code, name) for code, name in LANGUAGES.items()]
        self.subjects.choices = [SelectChoice(code, name) for code, name in SUBJECTS.items()]
        self.levels.choices = [SelectChoice(code, level_name(code)) for code in LEVELS]
        self.uses.choices = [SelectChoice(code, name) for code, name in USES.items()]


class ResourceForm(DescribedForm):
    """A resource of any kind; the template shows what its kind needs."""

    title = StringField(
        _l("Title"),
        validators=[
            InputRequired(_l("Give it a title.")),
            Length(max=200, message=_l("Make it shorter: at most 200 characters.")),
        ],
        filters=[stripped],
    )
    keep = SelectMultipleField(_l("Files that stay"), choices=[], coerce=int, validate_choice=False)
    url = _short(_l("Address"), 1000)
    body = _long(_l("Text"), MAX_BODY)
    summary = _long(_l("What it is and how to use it"))
    tags = SelectMultipleField(_l("Topics"), choices=[], coerce=int, validate_choice=False)
    keywords = _short(_l("Keywords"), 500)
    minutes = IntegerField(
        _l("Minutes in class"),
        validators=[Optional(), NumberRange(1, 10_000, message=_l("Write a whole number of minutes."))],
    )
    authors = _long(_l("Authors"), 4000)
    funding = _short(_l("Paid for by"), 300)
    accessibility = _long(_l("Accessibility"), 2000)
    points = IntegerField(
        _l("Points for working it through"),
        validators=[Optional(), NumberRange(1, MAX_POINTS, message=_l("Write a whole number from 1 to %(max)d."))],
    )
    note = _short(_l("What is new"), 500)

    def offer(self, outcome: Outcome, vocabularies: Sequence[Vocabulary]) -> None:
        """The choices; licences are those that what it is made from allows."""
        self.offer_descriptions(outcome.allowed or LICENCES)
        terms = [term for each in vocabularies for term in each.terms]
        self.tags.choices = [SelectChoice(term.id, term.name) for term in terms if not term.removed]

    def validate_url(self, field: Field) -> None:
        """An address of the web, where one is asked for."""
        parts = urlsplit(field.data or "")
        if field.data and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValidationError(_("Write a whole address, such as https://example.org/page."))

    def description(self) -> Description:
        known = {choice.value for choice in self.tags.choices}
        return Description(
            title=self.title.data,
            licence=self.licence.data,
            visibility=self.visibility.data,
            summary=self.summary.data,
            language=self.language.data,
            terms=self.terms.data,
            subjects=tuple(self.subjects.data or ()),
            levels=tuple(self.levels.data or ()),
            uses=tuple(self.uses.data or ()),
            keywords=_listed(self.keywords.data),
            tags=tuple(each for each in self.tags.data or () if each in known),
            minutes=self.minutes.data,
            funding=self.funding.data or "",
            accessibility=self.accessibility.data,
            points=float(self.points.data) if self.points.data else None,
        )

    def credited(self) -> tuple[Credited, ...]:
        """A line for each author: the name, and the organization after a semicolon."""
        lines = [line.strip() for line in (self.authors.data or "").splitlines() if line.strip()]
        parts = [line.partition(";") for line in lines]
        return tuple(Credited(name.strip()[:200], place.strip()[:200]) for name, _sign, place in parts)

    def content(self, kind: str, there: Sequence[ResourceFile] = (), new: Sequence[StoredFile] = ()) -> Content:
        """What it holds: files that stay, and new ones."""
        if kind == LINK:
            return Content(self.body.data, self.url.data or "")
        staying = set(self.keep.data or ())
        kept = [each.file_id for each in there if each.id in staying]
        return Content(self.body.data, "", tuple(dict.fromkeys((*kept, *(file.id for file in new)))))

    @classmethod
    def of(cls, resource: Resource, version: ResourceVersion) -> ResourceForm:
        """The form of a stored resource, as it is opened or as it was sent."""
        authors = "\n".join("; ".join(filter(None, (each.name, each.organization))) for each in resource.authors)
        told = vars(described(resource)) | {
            "keywords": ", ".join(resource.keywords),
            "points": int(resource.points) if resource.points else None,
            "authors": authors,
            "version": resource.version,
            "body": version.body,
            "url": version.url,
            "keep": [each.id for each in version.files],
        }
        return cls(data=told)

    @classmethod
    def fresh(cls, last: Resource | None, author: str) -> ResourceForm:
        """An empty form that begins with what the last resource of this person had."""
        data: dict[str, Any] = {"language": current_locale(), "visibility": HUB, "licence": "cc-by", "authors": author}
        if last is not None:
            names = ("language", "visibility", "licence", "subjects", "levels", "terms")
            data |= {name: getattr(last, name) for name in names}
        return cls(data=data)


def _listed(typed: str | None) -> tuple[str, ...]:
    parts = (part.strip()[:60] for part in (typed or "").replace(";", ",").split(","))
    return tuple(dict.fromkeys(part for part in parts if part))[:MOST_CHOSEN]


class RetireForm(FlaskForm):
    """Why a resource is taken out, and what to use instead."""

    reason = _short(_l("Why"), 500, description=_l("Who uses it reads this."))
    forward = _short(_l("Address or number of what to use instead"), 300)
    withdrawn = BooleanField(_l("Take it away from classes that use it, too (for example, rights were violated)"))

    def forward_id(self) -> int | None:
        """The number at the end of what was typed; 0 when it is none, None when nothing was typed."""
        typed = (self.forward.data or "").rstrip("/").rpartition("/")[2].lstrip("№# ")
        if not typed:
            return None
        return key_or_none(typed) or 0


class OriginForm(FlaskForm):
    """A work from elsewhere that a resource is made from."""

    origin_title = StringField(
        _l("Title of the work"), validators=[InputRequired(_l("Give it a title.")), Length(max=200)], filters=[stripped]
    )
    origin_authors = _short(_l("Authors of the work"), 500)
    origin_url = _short(_l("Address of the work"), 1000)
    origin_licence = SelectField(
        _l("Licence of the work"), choices=[SelectChoice(code, each.name) for code, each in LICENCES.items()]
    )


class VocabularyForm(Versioned):
    """An own vocabulary, a term on each line."""

    name = StringField(
        _l("Name"), validators=[InputRequired(_l("Give it a name.")), Length(max=200)], filters=[stripped]
    )
    terms = _long(
        _l("Terms"),
        100_000,
        description=_l("A term on each line. Terms you take out stay on resources that have them."),
    )

    def lines(self) -> list[str]:
        return list(dict.fromkeys(line.strip()[:200] for line in (self.terms.data or "").splitlines() if line.strip()))


class ItemForm(FlaskForm):
    """Putting something into a collection."""

    note = _short(_l("Why it is here, or how to use it"), 500)


def show_faults(form: Any, errors: Mapping[str, Any]) -> list[Any]:
    """Put an operation's findings beside the form's fields; returns those about files, which are no field of it."""
    for name, sentence in errors.items():
        if name in form:
            form[name].errors = [*form[name].errors, sentence]
    return [sentence for name, sentence in errors.items() if name not in form]


def wants_saving() -> bool:
    """The form was sent to be saved, not to be previewed."""
    return request.method == "POST" and request.form.get("action") != "preview"
