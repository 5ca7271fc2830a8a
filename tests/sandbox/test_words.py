from __future__ import annotations

import re
from pathlib import Path

from lti_tool.sandbox import faults, models, words

SOURCES = Path(words.__file__).parent
CALL = re.compile(r"""\bt\(\s*(?:"([^"]+)"|'([^']+)')""")
# Texts that are looked up by a value: group labels, field labels, roles, states, services and faults.
BY_VALUE = {
    *models.ROLES,
    *("Teachers", "Pupils", "Others", models.PENDING, models.ACTIVE),
    *("Issuer", "Client ID", "Deployment ID", "Authentication request URL", "Access token URL", "Public keyset URL"),
    *faults.SERVICES,
    *(kind for kind in faults.KINDS if not kind.isdigit()),
}


def _texts() -> set[str]:
    files = [*SOURCES.glob("templates/*.html"), *SOURCES.glob("*.py")]
    found = {a or b for file in files for a, b in CALL.findall(file.read_text(encoding="utf-8"))}
    return found | BY_VALUE


def test_every_text_has_its_russian_and_no_russian_is_left_over() -> None:
    assert _texts() - words.RUSSIAN.keys() == set()
    assert words.RUSSIAN.keys() - _texts() == set()


def test_places_are_the_same_in_both_languages() -> None:
    for english, russian in words.RUSSIAN.items():
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", russian)), english
