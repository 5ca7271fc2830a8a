"""What people type in discussions."""

from __future__ import annotations

import secrets
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Regexp

from lti_tool.core.forms import Versioned, stripped
from lti_tool.discussions.models import MAX_TITLE
from lti_tool.discussions.operations.moderating import LONGEST_NOTE
from lti_tool.discussions.operations.posting import MAX_TEXT
from lti_tool.discussions.wording import REASONS

_FITS = Length(max=MAX_TEXT, message=_l("The text is too long. Put a part of it into a file."))


def _once() -> str:
    return secrets.token_hex(16)


class PostForm(FlaskForm):
    """A reply."""

    text = TextAreaField(
        _l("Message"),
        validators=[_FITS],
        filters=[stripped],
        description=_l("You can use Markdown: **bold**, *italic*, lists with a hyphen, > to quote."),
    )
    once = HiddenField(default=_once, validators=[Regexp("^[0-9a-f]{32}$")])


class ThreadForm(PostForm):
    """A new thread: its title comes first."""

    title = StringField(
        _l("Title"),
        validators=[
            InputRequired(_l("Give it a title.")),
            Length(max=MAX_TITLE, message=_l("Make it shorter: at most %(max)d characters.")),
        ],
        filters=[stripped],
    )


class EditForm(Versioned):
    """Other words for a post."""

    text = TextAreaField(_l("Message"), validators=[_FITS], filters=[stripped])


class ReportForm(FlaskForm):
    """What is wrong with a post."""

    reason = RadioField(
        _l("What is wrong with it?"),
        choices=[SelectChoice(reason, text) for reason, text in REASONS.items()],
        validators=[InputRequired(_l("Choose what is wrong with it."))],
    )
    note = TextAreaField(
        _l("Anything else the teacher should know"),
        validators=[Length(max=LONGEST_NOTE, message=_l("This text is too long."))],
        filters=[stripped],
    )


class ForumForm(FlaskForm):
    """How a place is moderated."""

    moderated = BooleanField(_l("A pupil's first message waits until a teacher has read it"))
    closed = BooleanField(_l("Closed: it can be read, and nobody but moderators can write"))


class WordsForm(FlaskForm):
    """The hub's list of words."""

    words = TextAreaField(_l("Words, each on a line of its own"), filters=[stripped])


def show_faults(form: Any, errors: dict[str, Any]) -> list[Any]:
    """Put an operation's findings beside the form's fields; gives back those of fields the form does not have."""
    for name, text in errors.items():
        if name in form:
            form[name].errors = [*form[name].errors, text]
    return [text for name, text in errors.items() if name not in form]
