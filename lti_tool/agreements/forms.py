"""What coordinators type about an agreement, section by section; each gives the terms with that section replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from lti_tool.agreements.operations import LONGEST_REASON, Signing
from lti_tool.agreements.terms import DUTIES, Contribution, Terms
from lti_tool.agreements.wording import FIELDS, KINDS
from lti_tool.core.forms import Versioned, stripped
from lti_tool.core.storage import StoredFile
from lti_tool.organizations.models import Organization

LONGEST = 5000
"""Characters of a longer text."""
MOST = 100_000
"""Seats or hours; more would only be a mistyped number."""
MAX_SCAN_BYTES = 20 * 1024 * 1024
_KEPT = ("pdf", "jpg", "jpeg", "png", "tif", "tiff", "webp", "zip", "p7s", "sig")


def _short(label: Any, limit: int = 200, **more: Any) -> StringField:
    fits = Length(max=limit, message=_l("Make it shorter: at most %(max)d characters."))
    return StringField(label, validators=[fits], filters=[stripped], **more)


def _long(label: Any, **more: Any) -> TextAreaField:
    fits = Length(max=LONGEST, message=_l("This text is too long."))
    return TextAreaField(label, validators=[fits], filters=[stripped], **more)


def _number(label: Any) -> IntegerField:
    sensible = NumberRange(0, MOST, message=_l("Write a whole number from 0 to %(max)d."))
    return IntegerField(label, default=0, validators=[Optional(), sensible])


def _day(label: Any) -> DateField:
    return DateField(label, validators=[Optional()])


class KindForm(FlaskForm):
    """What a new agreement is about."""

    kind = RadioField(
        _l("What is it about?"),
        choices=[SelectChoice(kind, name) for kind, name in KINDS.items()],
        validators=[InputRequired(_l("Choose one."))],
    )


class AboutForm(Versioned):
    """Title, purpose, days; and what the network form needs."""

    title = _short(FIELDS["title"])
    kind = SelectField(FIELDS["kind"], choices=[SelectChoice(kind, name) for kind, name in KINDS.items()])
    purpose = _long(FIELDS["purpose"])
    starts_on = _day(FIELDS["starts_on"])
    ends_on = _day(FIELDS["ends_on"])
    network_form = BooleanField(
        _l("It is an agreement on the network form of an educational programme"),
        description=_l("Then the law asks for the three fields below."),
    )
    programme = _long(FIELDS["programme"])
    admission = _long(FIELDS["admission"])
    document = _long(FIELDS["document"])

    def applied(self, terms: Terms) -> Terms:
        """The terms with this section as it was typed."""
        names = ("title", "kind", "purpose", "starts_on", "ends_on", "network_form")
        more = ("programme", "admission", "document")
        return replace(terms, **{name: self[name].data for name in (*names, *more)})


class ContributionForm(Versioned):
    """What one party brings in, and who speaks for it."""

    staff = _long(FIELDS["staff"], description=_l("Who works with the pupils, in numbers or by subject."))
    rooms = _long(FIELDS["rooms"])
    seats = _number(FIELDS["seats"])
    hours = _number(FIELDS["hours"])
    materials = _long(FIELDS["materials"])
    money = _long(FIELDS["money"], description=_l("A note; this tool counts no money."))
    contact = _short(FIELDS["contact"], description=_l("Name, telephone or e-mail of who answers questions."))
    signatory = _short(FIELDS["signatory"], description=_l("For example: Ivanova A. P., director, by the charter."))

    def applied(self, terms: Terms, party: int) -> Terms:
        """The terms with this party's contribution as it was typed."""
        typed = {each.name: self[each.name].data for each in fields(Contribution)}
        typed |= {name: typed[name] or 0 for name in ("seats", "hours")}
        return replace(terms, contributions={**terms.contributions, party: Contribution(**typed)})

    @classmethod
    def of(cls, contribution: Contribution, version: int) -> ContributionForm:
        """The form as it is opened, or as it was sent."""
        return cls(data={**asdict(contribution), "version": version})


class DutiesForm(Versioned):
    """Who answers for what."""

    teaching = SelectField(FIELDS["teaching"])
    assessing = SelectField(FIELDS["assessing"])
    safety = SelectField(FIELDS["safety"])
    documents = SelectField(FIELDS["documents"])

    def offer(self, parties: Sequence[Organization]) -> None:
        """Let each duty be one of the parties', or nobody's."""
        choices: list[Any] = [SelectChoice("", _l("nobody yet"))]
        choices += [SelectChoice(str(each.id), each.name) for each in parties]
        for duty in DUTIES:
            self[duty].choices = choices

    def applied(self, terms: Terms) -> Terms:
        """The terms with the duties as they were chosen."""
        return replace(terms, duties={duty: int(self[duty].data) for duty in DUTIES if self[duty].data})


class SignForm(FlaskForm):
    """Who has signed, when, and where the paper is."""

    signatory = _short(FIELDS["signatory"])
    signed_on = DateField(_l("Signed on"), validators=[InputRequired(_l("This is needed."))])
    paper = _short(_l("Number and date of the paper, or where it is kept"))
    scan = FileField(_l("Scan of the signed paper"))

    def fault_of_scan(self) -> bool:
        """Add a sentence when the scan is of a kind that nobody can read later."""
        ending = (self.scan.data.filename or "").rpartition(".")[2].lower()
        if ending in _KEPT:
            return False
        self.scan.errors = [_l("Choose a PDF or a picture.")]
        return True

    def value(self, scan: StoredFile | None) -> Signing:
        name = self.scan.data.filename if scan is not None else ""
        signed_on: date = self.signed_on.data
        return Signing(self.signatory.data, signed_on, self.paper.data, scan, name)


class DeclineForm(FlaskForm):
    """Why a proposed text is declined."""

    reason = TextAreaField(
        _l("Why?"),
        description=_l("The other parties read it."),
        validators=[InputRequired(_l("This is needed.")), Length(max=LONGEST_REASON)],
        filters=[stripped],
    )


class EndForm(FlaskForm):
    """When and why an agreement ends before its time."""

    last_day = DateField(_l("Last day"), validators=[InputRequired(_l("This is needed."))])
    reason = TextAreaField(
        _l("Why?"),
        description=_l("The other parties read it."),
        validators=[InputRequired(_l("This is needed.")), Length(max=LONGEST_REASON)],
        filters=[stripped],
    )
