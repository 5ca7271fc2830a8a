"""What is said once about everything an import brings."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional, ValidationError

from lti_tool.core.forms import stripped
from lti_tool.core.i18n import current_locale
from lti_tool.exchange.forms import MATERIAL, DescribedForm
from lti_tool.exchange.importing.items import Refused, web_address
from lti_tool.exchange.importing.models import ADDRESS, FILES, PACKAGE
from lti_tool.exchange.importing.operations import Order
from lti_tool.exchange.models import HUB, Resource
from lti_tool.files.kinds import ANYTHING
from lti_tool.files.operations.keeping import Rules

MOST_AT_ONCE = 40
"""Files of one import; as many as may be under way at once."""


def rules_of(source: str) -> Rules:
    """What files a source takes. A look inside is the import's own business: it tells of each entry."""
    return Rules(kinds=(ANYTHING,), most={PACKAGE: 1, FILES: MOST_AT_ONCE, ADDRESS: 0}.get(source, MATERIAL.most))


class ImportForm(DescribedForm):
    """Licence, audience, subjects, and what becomes of the entries."""

    url = StringField(_l("Address"), validators=[Optional()], filters=[stripped])
    publish = BooleanField(_l("Publish everything at once; otherwise these are drafts that only you see"))
    collect = BooleanField(_l("Make a collection of each folder, or of everything where there are no folders"))
    doubles = BooleanField(_l("Also bring in what is in the exchange already"))

    def validate_url(self, field: Field) -> None:
        """A whole address, where one is asked for."""
        try:
            web_address(field.data or "")
        except Refused:
            raise ValidationError(_("Write a whole address, such as https://example.org/page.")) from None

    def order(self) -> Order:
        return Order(
            licence=self.licence.data,
            visibility=self.visibility.data,
            language=self.language.data,
            terms=self.terms.data,
            subjects=tuple(self.subjects.data or ()),
            levels=tuple(self.levels.data or ()),
            uses=tuple(self.uses.data or ()),
            publish=bool(self.publish.data),
            collect=bool(self.collect.data),
            doubles=bool(self.doubles.data),
        )

    @classmethod
    def fresh(cls, source: str, last: Resource | None) -> ImportForm:
        """An empty form that begins with what the last resource of this person had; the licence is asked for."""
        data: dict[str, Any] = {"language": current_locale(), "visibility": HUB, "licence": "", "collect": True}
        if last is not None:
            data |= {name: getattr(last, name) for name in ("language", "visibility", "subjects", "levels")}
        form = cls(data=data)
        form.offer_descriptions()
        form.licence.choices = [SelectChoice("", _("Choose one.")), *form.licence.choices]
        if source != ADDRESS:
            del form.url
        return form
