"""What operators type about organizations."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from lti_tool.core.i18n import LOCALE_NAMES
from lti_tool.core.settings import LOCALES
from lti_tool.organizations.models import Organization
from lti_tool.organizations.operations import LONGEST, OrganizationFacts
from lti_tool.organizations.wording import TYPE_NAMES


def _fits(name: str) -> Length:
    return Length(max=LONGEST[name], message=_l("Make it shorter: at most %(max)d characters."))


class OwnFactsForm(FlaskForm):
    """What the organization itself may correct."""

    city = StringField(_l("City"), validators=[_fits("city")])
    contacts = StringField(
        _l("Contacts"), description=_l("Whom partners may write to; partners see it."), validators=[_fits("contacts")]
    )
    locale = SelectField(_l("Language"), choices=[SelectChoice(locale, LOCALE_NAMES[locale]) for locale in LOCALES])
    time_zone = StringField(_l("Time zone"), default="Europe/Moscow", validators=[InputRequired(), Length(max=50)])

    def own_value(self, organization: Organization) -> OrganizationFacts:
        """With what only an operator may change as it is."""
        return OrganizationFacts(
            name=organization.name, type=organization.type, department=organization.department, **self._own()
        )

    def _own(self) -> dict[str, str]:
        names = ("city", "contacts", "locale", "time_zone")
        return {name: self[name].data or "" for name in names}


class OrganizationForm(OwnFactsForm):
    """An organization's facts, as an operator types them."""

    name = StringField(_l("Name"), validators=[InputRequired(_l("This is needed.")), _fits("name")])
    type = SelectField(_l("Type"), choices=[SelectChoice(type_, name) for type_, name in TYPE_NAMES.items()])
    department = StringField(
        _l("Department"),
        description=_l("The authority it belongs to: it decides the form of an agreement."),
        validators=[InputRequired(_l("This is needed.")), _fits("department")],
    )

    def value(self) -> OrganizationFacts:
        return OrganizationFacts(
            name=self.name.data, type=self.type.data, department=self.department.data, **self._own()
        )
