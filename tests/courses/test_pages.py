"""Pages with files and videos: shown to who may see the page, and a player only to who asks for it."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from flask import Flask

from lti_tool.courses.videos import find_video
from tests.courses.authoring import Course
from tests.lms import School


@pytest.mark.parametrize(
    ("address", "player"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://youtu.be/dQw4w9WgXcQ", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        (f"https://rutube.ru/video/{'0a' * 16}/", f"https://rutube.ru/play/embed/{'0a' * 16}"),
        ("https://vk.com/video-22822305_456241864", "https://vk.com/video_ext.php?oid=-22822305&id=456241864"),
        ("https://vimeo.com/76979871", "https://player.vimeo.com/video/76979871"),
        (f"https://tube.example/w/{'a1' * 11}", f"https://tube.example/videos/embed/{'a1' * 11}"),
        ("http://youtu.be/dQw4w9WgXcQ", None),
        ("https://youtube.com/watch?v=dQw4w9WgXcQ%22", None),
        ("https://youtube.com/@channel12345", None),
        ("https://youtu.be.evil.example/dQw4w9WgXcQ", None),
        (f"https://a;frame-src*/w/{'a1' * 11}", None),
        ("https://host:x/w/1", None),
        ("https://example.org/", None),
    ],
)
def test_known_videos(address: str, player: str | None) -> None:
    found = find_video(address)
    assert (found.player if found else None) == player


def test_files_and_videos_of_a_page(app: Flask, school_a: School, school_b: School) -> None:
    course = Course(app, school_a, school_b)
    page = course.add(body="Look:\n\nhttps://youtu.be/dQw4w9WgXcQ", files=[(BytesIO(b"%PDF-1.4 a"), "a.pdf")])
    path = f"/courses/activities/{page}"
    shown = course.pupil.get(path)
    assert "Video at youtu.be" in shown.text
    assert "youtube-nocookie" not in shown.text
    assert "frame-src" not in shown.headers["Content-Security-Policy"]
    played = course.pupil.get(f"{path}?play=1")
    assert 'src="https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"' in played.text
    assert "frame-src 'self' https://www.youtube-nocookie.com;" in played.headers["Content-Security-Policy"]
    assert "youtube-nocookie" not in course.pupil.get(f"{path}?play=2").text
    file = re.search(rf'href="({path}/files/\d+)"', shown.text)
    assert file
    answer = course.pupil.get(file[1])
    assert answer.data == b"%PDF-1.4 a"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    # a preview shows what is typed and keeps what was chosen; nothing is saved by it
    form = {"title": "Other", "body": "$a^2$", "version": "1"}
    preview = course.host.post(f"{path}/edit", action="preview", **form)
    assert "<msup>" in preview.text
    assert "Other" not in course.pupil.get(path).text
    # a file that breaks the rules says why, and the typed text comes back
    refused = course.host.post(f"{path}/edit", action="save", files=[(BytesIO(b"<script>"), "x.html")], **form)
    assert refused.status_code == 422
    assert "not of a type that fits here" in refused.text
    assert 'value="Other"' in refused.text
    hidden = course.host.post(f"{path}/edit", action="save", **form)
    assert hidden.status_code == 303
    assert course.pupil.get(file[1]).status_code == 404
    resource = course.add("resource", title="Map", url="https://example.org/map")
    assert 'href="https://example.org/map"' in course.pupil.get(f"/courses/activities/{resource}").text
    bad = {"title": "Bad", "body": "", "action": "save", "url": "javascript:alert(1)"}
    assert course.host.post("/courses/1/activities/new/resource", **bad).status_code == 422
