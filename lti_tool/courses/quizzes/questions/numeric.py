"""A number, exact or within a tolerance, with or without a unit."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal, NamedTuple

from flask_babel import gettext as _
from pydantic import Field

from lti_tool.courses.quizzes.questions.base import (
    MAX_OPTIONS,
    Answer,
    Content,
    Mark,
    Order,
    Part,
    Sent,
    Share,
    Short,
    clamp,
    folded,
    typed,
)

Number = Annotated[Decimal, Field(allow_inf_nan=False, ge=-(10**30), le=10**30, max_digits=60)]
_WRITTEN = re.compile(
    r"\s*(?P<sign>[-+−–]?)\s*(?P<whole>\d(?:[\d\s']*\d)?)?(?:[.,](?P<part>\d+))?"
    r"(?:\s*(?:[eEеЕ]|(?:[*·×x]|\\cdot)\s*10\s*\^)\s*\{?(?P<power>[-+−]?\d{1,2})\}?)?(?!\d)\s*(?P<unit>.*)",
    re.DOTALL,
)


class Read(NamedTuple):
    """A number as it was typed, and what stands behind it."""

    value: Decimal
    unit: str


def read_number(text: str) -> Read | None:
    """`3,5`, `3.5 kg`, `1 000`, `−2`, `6.02·10^23`, `1e-3`; None when no number stands at the beginning."""
    found = _WRITTEN.fullmatch(text.strip()[:200])
    if found is None or not (found["whole"] or found["part"]):
        return None
    whole = re.sub(r"[\s']", "", found["whole"] or "0")
    sign = "-" if found["sign"] in ("-", "−", "–") and found["sign"] else ""
    power = (found["power"] or "0").replace("−", "-")
    try:
        value = Decimal(f"{sign}{whole}.{found['part'] or '0'}e{power}")
    except InvalidOperation:
        return None
    return Read(value, found["unit"].strip()) if abs(value) <= 10**30 * 100 else None


class AcceptedNumber(Part):
    """A number that is accepted, up to `tolerance` away."""

    value: Number
    tolerance: Annotated[Number, Field(ge=0)] = Decimal(0)
    share: Share = 100.0
    feedback: Short = ""

    def takes(self, value: Decimal) -> bool:
        return abs(value - self.value) <= self.tolerance


class Unit(Part):
    """A unit; the typed number times `factor` is in the unit of the accepted numbers."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    factor: Annotated[Number, Field(gt=0)] = Decimal(1)


class Numeric(Content):
    """Comma and point alike. A unit may be left out unless it is asked for; one that nobody listed is doubtful."""

    kind: Literal["numeric"] = "numeric"
    accepted: Annotated[tuple[AcceptedNumber, ...], Field(max_length=MAX_OPTIONS)]
    units: Annotated[tuple[Unit, ...], Field(max_length=MAX_OPTIONS)] = ()
    unit_needed: bool = False

    def faults(self) -> list[str]:
        found = []
        if not any(each.share >= 100 for each in self.accepted):
            found.append(_("Write at least one right answer."))
        if self.unit_needed and not self.units:
            found.append(_("Name the units that are accepted."))
        return found

    def read(self, name: str, sent: Sent, order: Order) -> Answer:
        text = typed(sent, name, 200).strip()
        return [text] if text else []

    def mark(self, answer: Answer) -> Mark:
        if not answer:
            return Mark(0.0)
        found = read_number(answer[0])
        if found is None:
            return Mark(0.0, doubtful=True)
        factor = self._factor(found.unit)
        if factor is None:
            return Mark(0.0, doubtful=bool(found.unit) and self._match(found.value) is not None)
        best = self._match(found.value * factor)
        return Mark(clamp(best.share) if best else 0.0)

    def _factor(self, unit: str) -> Decimal | None:
        if not unit:
            return None if self.unit_needed else Decimal(1)
        same = [each for each in self.units if each.name.strip() == unit]
        alike = same or [each for each in self.units if folded(each.name).strip(". ") == folded(unit).strip(". ")]
        return alike[0].factor if alike else None

    def _match(self, value: Decimal) -> AcceptedNumber | None:
        return next((each for each in self.accepted if each.takes(value)), None)

    def right(self) -> Answer:
        best = [each for each in self.accepted if each.share >= 100]
        unit = f" {self.units[0].name}" if self.units and self.units[0].factor == 1 else ""
        return [f"{plain(best[0].value)}{unit}"] if best else []

    def notes(self, answer: Answer) -> list[str]:
        found = read_number(answer[0]) if answer else None
        factor = self._factor(found.unit) if found else None
        best = self._match(found.value * factor) if found and factor is not None else None
        return [best.feedback] if best and best.feedback else []

    def texts(self) -> list[str]:
        return super().texts() + [each.feedback for each in self.accepted]


def plain(number: Decimal) -> str:
    """A number without needless zeros, with a point."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
