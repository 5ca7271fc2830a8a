"""What a newcomer finds after `make run`: told by the forms that people fill in, so that it breaks when they change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool.sandbox import story
from tests.browser import servers
from tests.browser.servers import Town
from tests.lms import COURSE


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = servers.start(tmp_path)
    servers.take_over(made.tool)
    yield made
    made.running.close()


def test_two_schools_in_the_middle_of_a_course(town: Town) -> None:
    urls = [town.other.url, town.school.url]
    story.begin(urls)
    for school in (town.other, town.school):
        assert sum("activity:" in link["custom"] for link in school.links(COURSE)) == 2
    town.run_jobs()
    graded = [
        score
        for school in (town.other, town.school)
        for link in school.links(COURSE)
        if "activity:" in link["custom"]
        for score in school.scores(link["id"]).values()
        if score is not None
    ]
    assert len(graded) == story.GRADED
    links = [len(school.links(COURSE)) for school in (town.other, town.school)]
    story.begin(urls)  # a second start keeps the data
    assert [len(school.links(COURSE)) for school in (town.other, town.school)] == links
