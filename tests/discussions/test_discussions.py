"""Threads between schools: who reads what under which name, what waits, what is reported, and that nothing typed is lost."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.discussions.table import Writer, people
from tests.lms import School

People = dict[str, Writer]


@pytest.fixture
def sitting(app: Flask, school_a: School, school_b: School) -> People:
    return people(app, school_a, school_b)


def test_a_thread_across_schools(sitting: People) -> None:
    pupil, partner, _teacher = sitting["pupil"], sitting["partner's pupil"], sitting["teacher"]
    assert "Nobody has written anything yet" in pupil.forum()
    began = pupil.start()
    assert began.status_code == 303, began.text
    assert began.location.endswith("/discussions/threads/1#post-1")
    assert "1 new" in partner.forum()
    assert "What is in our river?" in partner.thread()
    assert "1 new" not in partner.forum()
    assert partner.reply("Fish", reply_to="1").status_code == 303
    page = pupil.thread()
    assert "in reply to an earlier message" in page
    assert pupil.get("/discussions/posts/2").location.endswith("/discussions/threads/1#post-2")
