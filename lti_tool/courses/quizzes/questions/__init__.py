"""The types of questions, one module for each family; `Question` is any of them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from lti_tool.courses.quizzes.questions.base import Answer, Content, Mark, Order, Sent, is_answered
from lti_tool.courses.quizzes.questions.choice import Multiple, Option, Single, TrueFalse
from lti_tool.courses.quizzes.questions.essay import Essay
from lti_tool.courses.quizzes.questions.gaps import Gaps
from lti_tool.courses.quizzes.questions.numeric import AcceptedNumber, Numeric, Unit
from lti_tool.courses.quizzes.questions.pairs import Matching, Ordering, Pair
from lti_tool.courses.quizzes.questions.short import Accepted, ShortAnswer

Question = Annotated[
    Single | Multiple | TrueFalse | ShortAnswer | Numeric | Matching | Ordering | Gaps | Essay,
    Field(discriminator="kind"),
]
TYPES: dict[str, type[Content]] = {
    "single": Single,
    "multiple": Multiple,
    "truefalse": TrueFalse,
    "short": ShortAnswer,
    "numeric": Numeric,
    "matching": Matching,
    "ordering": Ordering,
    "gaps": Gaps,
    "essay": Essay,
}
"""In the order in which they are offered."""
_adapter: TypeAdapter[Any] = TypeAdapter(Question)


def stored(content: Content) -> dict[str, Any]:
    """A question as it is kept in the database."""
    kept: dict[str, Any] = content.model_dump(mode="json")
    return kept


def restored(kept: dict[str, Any]) -> Content:
    """The question that was kept."""
    content: Content = _adapter.validate_python(kept)
    return content


__all__ = [
    "TYPES",
    "Accepted",
    "AcceptedNumber",
    "Answer",
    "Content",
    "Essay",
    "Gaps",
    "Mark",
    "Matching",
    "Multiple",
    "Numeric",
    "Option",
    "Order",
    "Ordering",
    "Pair",
    "Question",
    "Sent",
    "ShortAnswer",
    "Single",
    "TrueFalse",
    "Unit",
    "ValidationError",
    "is_answered",
    "restored",
    "stored",
]
