"""What a newcomer finds after `make run`: both schools have the tool in a course, and a list of what to click."""

from __future__ import annotations

from collections.abc import Sequence

import requests

from .browser import TIMEOUT
from .seed import FIRST_COURSE_ID

TITLES = ("Школы вместе", "Schools Together")


def begin(schools: Sequence[str]) -> None:
    """Put the tool into the first course of each school that does not have it there yet."""
    with requests.Session() as http:
        http.trust_env = False
        for url, title in zip(schools, TITLES, strict=True):
            address = f"{url}/sandbox/courses/{FIRST_COURSE_ID}/links"
            if http.get(address, timeout=TIMEOUT).json():
                continue
            tool = http.get(f"{url}/sandbox/state", timeout=TIMEOUT).json()["tools"][-1]
            http.post(address, json={"tool": tool["id"], "title": title}, timeout=TIMEOUT).raise_for_status()


def what_to_click(ports: Sequence[int]) -> list[str]:
    """The first steps, in words."""
    first, second = ports
    return [
        "What to click:",
        f"  1. http://localhost:{first}: Мария Белова (teacher), «Экология 7 класс», «Школы вместе».",
        f"  2. http://localhost:{second}: Margaret Hall (teacher), “Ecology, Year 7”, “Schools Together”.",
        "  3. The same as a pupil: «Сменить человека» / “Switch person”, then any name.",
        "  4. «Сбои» / “Faults” lets a school's LMS be slow, broken or forgetful.",
    ]
