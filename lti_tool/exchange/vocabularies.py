"""Words by which resources are described: school subjects and levels of the Russian federal standards (ФГОС), kinds of
use. Own vocabularies of organizations are in the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Area:
    """Subjects that belong together (предметная область)."""

    name: Any
    subjects: dict[str, Any]


AREAS: tuple[Area, ...] = (
    Area(
        _l("Languages and literature"),
        {
            "rus": _l("Russian language"),
            "lit": _l("Literature"),
            "reading": _l("Literary reading"),
            "native": _l("Native language and literature"),
            "eng": _l("English"),
            "ger": _l("German"),
            "fre": _l("French"),
            "spa": _l("Spanish"),
            "chi": _l("Chinese"),
            "foreign": _l("Another foreign language"),
        },
    ),
    Area(
        _l("Mathematics and informatics"),
        {
            "math": _l("Mathematics"),
            "algebra": _l("Algebra"),
            "geometry": _l("Geometry"),
            "stat": _l("Probability and statistics"),
            "inf": _l("Informatics"),
        },
    ),
    Area(
        _l("Social sciences"),
        {
            "hist": _l("History"),
            "soc": _l("Social studies"),
            "geo": _l("Geography"),
            "econ": _l("Economics"),
            "law": _l("Law"),
        },
    ),
    Area(
        _l("Natural sciences"),
        {
            "world": _l("The world around us"),
            "phys": _l("Physics"),
            "chem": _l("Chemistry"),
            "bio": _l("Biology"),
            "astro": _l("Astronomy"),
            "eco": _l("Ecology"),
        },
    ),
    Area(
        _l("Arts, technology, health"),
        {
            "art": _l("Fine arts"),
            "music": _l("Music"),
            "mhk": _l("World artistic culture"),
            "tech": _l("Technology (labour)"),
            "drawing": _l("Technical drawing"),
            "pe": _l("Physical education"),
            "safety": _l("Safety and defence of the homeland"),
            "ethics": _l("Religious cultures and secular ethics"),
            "odnknr": _l("Spiritual and moral culture of the peoples of Russia"),
        },
    ),
    Area(
        _l("Beyond the subjects"),
        {
            "project": _l("Individual project"),
            "extra": _l("Extracurricular activities"),
            "career": _l("Career guidance"),
            "upbringing": _l("Upbringing and class hours"),
            "special": _l("Inclusive and special education"),
            "method": _l("Teaching methods"),
        },
    ),
)
SUBJECTS: dict[str, Any] = {code: name for area in AREAS for code, name in area.subjects.items()}
STAGES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "pre": (_l("Preschool"), ("pre",)),
    "noo": (_l("Primary general education (grades 1–4)"), ("g1", "g2", "g3", "g4")),
    "ooo": (_l("Basic general education (grades 5–9)"), ("g5", "g6", "g7", "g8", "g9")),
    "soo": (_l("Secondary general education (grades 10–11)"), ("g10", "g11")),
    "spo": (_l("Secondary vocational education"), ("spo",)),
    "vo": (_l("Higher education"), ("vo",)),
    "adult": (_l("Teachers and other adults"), ("adult",)),
}
"""Levels of education with what resources are marked by: grades, or the level itself."""
GRADES = {f"g{number}": number for number in range(1, 12)}
LEVELS: tuple[str, ...] = tuple(code for _name, codes in STAGES.values() for code in codes)
USES: dict[str, Any] = {
    "lesson": _l("Lesson plan"),
    "explain": _l("Explanation, presentation"),
    "task": _l("Task, worksheet"),
    "test": _l("Test, assessment"),
    "lab": _l("Experiment, laboratory work"),
    "text": _l("Text to read, reference"),
    "media": _l("Video, audio, picture"),
    "game": _l("Game, simulation"),
    "kit": _l("Project kit"),
    "programme": _l("Working programme"),
    "method": _l("Advice for teachers"),
}
LANGUAGES: dict[str, Any] = {
    "ru": _l("Russian"),
    "en": _l("English"),
    "tt": _l("Tatar"),
    "ba": _l("Bashkir"),
    "cv": _l("Chuvash"),
    "ce": _l("Chechen"),
    "sah": _l("Yakut"),
    "de": _l("German"),
    "fr": _l("French"),
    "es": _l("Spanish"),
    "zh": _l("Chinese"),
}


def stages_of(levels: Iterable[str]) -> list[str]:
    """The levels of education to which these grades belong, in their order."""
    wanted = set(levels)
    return [stage for stage, (_name, codes) in STAGES.items() if wanted & set(codes)]


def level_name(code: str) -> str:
    """A grade or another level in words."""
    if code in GRADES:
        return str(_("Grade %(number)d", number=GRADES[code]))
    return str(STAGES[code][0]) if code in STAGES else code


def levels_in_words(levels: Iterable[str]) -> str:
    """Grades and levels in short: “grades 5–7, 10; preschool”."""
    known = [code for code in LEVELS if code in set(levels)]
    numbers = [GRADES[code] for code in known if code in GRADES]
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][-1] == number - 1:
            spans[-1].append(number)
        else:
            spans.append([number])
    texts = [f"{span[0]}–{span[-1]}" if len(span) > 1 else str(span[0]) for span in spans]
    parts = [_("grades %(numbers)s", numbers=", ".join(texts))] if texts else []
    return "; ".join([*parts, *(str(STAGES[code][0]) for code in known if code not in GRADES)])
