"""What coordinators choose and write about privacy."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from lti_tool.people.privacy.operations import LONGEST_TEXT, Choice
from lti_tool.people.privacy.queries import PARTS

_fits = Length(max=LONGEST_TEXT, message=_l("Make it shorter: at most %(max)d characters."))


class ChoiceForm(FlaskForm):
    """What the organization asks of its people."""

    ask = RadioField(
        _l("What people see"),
        choices=[
            SelectChoice("notice", _l("Only the notice: a link on every page, and a note at the first visit")),
            SelectChoice("consent", _l("The notice, and everybody is asked for consent before they go on")),
        ],
        default="notice",
    )
    guardian = BooleanField(
        _l("For pupils, the school confirms that a guardian has agreed"),
        description=_l(
            "Only where consent is asked for. Pupils can go on once they agree and the school has confirmed."
        ),
    )
    teachers_confirm = BooleanField(_l("Teachers may confirm this for the pupils of their own LMS courses"))
    contact = StringField(
        _l("Whom to ask about data at your organization"),
        description=_l("A person or an office, with a phone number or e-mail address. All your people see it."),
        validators=[Length(max=300, message=_l("Make it shorter: at most %(max)d characters."))],
    )

    def value(self) -> Choice:
        return Choice(
            requires_consent=self.ask.data == "consent",
            guardian=bool(self.guardian.data),
            teachers_confirm=bool(self.teachers_confirm.data),
            contact=(self.contact.data or "").strip(),
        )


class TextForm(FlaskForm):
    """The texts in both languages."""

    notice_ru = TextAreaField(_l("Notice in Russian"), validators=[_fits])
    notice_en = TextAreaField(_l("Notice in English"), validators=[_fits])
    consent_ru = TextAreaField(_l("Consent in Russian"), validators=[_fits])
    consent_en = TextAreaField(_l("Consent in English"), validators=[_fits])
    revision = HiddenField(default="0")

    def texts(self) -> dict[str, str]:
        """Line ends as one kind, so that versions compare."""
        return {part: (self[part].data or "").replace("\r\n", "\n").replace("\0", "") for part in PARTS}

    def revision_number(self) -> int:
        return number(self.revision.data)


def number(text: str | None) -> int:
    """A number a form carries; -1, which nothing has, for anything else."""
    return int(text) if text and text.isdecimal() and len(text) < 10 else -1
