"""An answer given to one version of a question, read as an answer to another version of it."""

from __future__ import annotations

from collections.abc import Sequence

from lti_tool.courses.quizzes.questions.base import Answer, Content, folded, number_in
from lti_tool.courses.quizzes.questions.choice import Multiple, Single
from lti_tool.courses.quizzes.questions.gaps import LIST, Gaps
from lti_tool.courses.quizzes.questions.pairs import Matching, Ordering


def carried(old: Content, new: Content, answer: Answer) -> Answer | None:
    """The same answer in the numbers of the new version; None when it cannot be compared.

    Options are the same when they read the same, or when one alone was reworded at its place.
    """
    if old.kind != new.kind:
        return None
    if isinstance(old, Single | Multiple) and isinstance(new, Single | Multiple):
        twins = _twins([each.text for each in old.options], [each.text for each in new.options])
        return None if twins is None else _renumbered(answer, twins)
    if isinstance(old, Matching) and isinstance(new, Matching):
        return _matching(old, new, answer)
    if isinstance(old, Ordering) and isinstance(new, Ordering):
        twins = _twins(old.items, new.items)
        return None if twins is None else _moved(answer, twins)
    if isinstance(old, Gaps) and isinstance(new, Gaps):
        return _gaps(old, new, answer)
    return answer


def _twins(old: Sequence[str], new: Sequence[str]) -> list[int] | None:
    """For each old option the number of the new one."""
    if len(old) > len(new) or not old:
        return None
    places = {folded(text, case=True): number for number, text in enumerate(new)}
    found = [places.get(folded(text, case=True)) for text in old]
    for number, twin in enumerate(found):
        if twin is None and number < len(new) and number not in found:
            found[number] = number
    known = [twin for twin in found if twin is not None]
    return known if len(set(known)) == len(old) else None


def _renumbered(answer: Answer, twins: list[int]) -> Answer:
    numbers = [number_in(answer, part) for part in range(len(answer))]
    return [
        str(twin) for twin in sorted(twins[number] for number in numbers if number is not None and number < len(twins))
    ]


def _moved(answer: Answer, twins: list[int]) -> Answer:
    moved = [""] * (max(twins) + 1)
    for number, part in enumerate(answer[: len(twins)]):
        moved[twins[number]] = part
    return moved if any(moved) else []


def _matching(old: Matching, new: Matching, answer: Answer) -> Answer | None:
    asked = _twins([pair.left for pair in old.pairs], [pair.left for pair in new.pairs])
    choices = _twins(old.choices(), new.choices())
    if asked is None or choices is None:
        return None
    numbers = [number_in(answer, part) for part in range(len(answer))]
    chosen = ["" if number is None or number >= len(choices) else str(choices[number]) for number in numbers]
    return _moved(chosen, asked)


def _gaps(old: Gaps, new: Gaps, answer: Answer) -> Answer | None:
    before, after = old.gaps(), new.gaps()
    if [gap.way for gap in before] != [gap.way for gap in after]:
        return None
    carried_parts = []
    for was, now, part in zip(before, after, answer, strict=False):
        if was.way == LIST and part:
            twins = _twins([each.text for each in was.answers], [each.text for each in now.answers])
            number = number_in([part])
            if twins is None or number is None or number >= len(twins):
                return None
            carried_parts.append(str(twins[number]))
        else:
            carried_parts.append(part)
    return carried_parts
