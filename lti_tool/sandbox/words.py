"""Words of the screens: English in the templates, Russian here. A small LMS needs no translation machinery."""

from __future__ import annotations

from collections.abc import Callable

Translate = Callable[..., str]

RUSSIAN: dict[str, str] = {}


def translator(language: str) -> Translate:
    """A function that gives a text in the school's language; `{name}` places are filled from keywords."""

    def translate(text: str, **places: object) -> str:
        chosen = RUSSIAN.get(text, text) if language == "ru" else text
        return chosen.format(**places) if places else chosen

    return translate
