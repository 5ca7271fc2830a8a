"""Files arrive in pieces, over bad lines and restarts, and only their owner's form can take them."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.courses.scene import Person
from tests.files.page import Sender, sha1, with_shelf
from tests.lms import PUPIL, School


@pytest.fixture
def pupil(app: Flask, school_a: School) -> Sender:
    with_shelf(app)
    return Sender(Person(app, school_a, PUPIL))


def test_a_file_comes_in_pieces_and_is_taken_by_a_form(app: Flask, pupil: Sender) -> None:
    begun = pupil.begin(11, "Отчёт.txt")
    assert begun.status_code == 201, begun.text
    address = begun.headers["Location"]
    assert pupil.piece(address, 0, b"hello").headers["Upload-Offset"] == "5"
    asked = pupil.ask("HEAD", address)
    assert (asked.headers["Upload-Offset"], asked.headers["Upload-Length"]) == ("5", "11")
    assert "X-File" not in asked.headers
    assert pupil.piece(address, 4, b"again").status_code == 409
    assert pupil.piece(address, 5, b" world of more").status_code == 413
    assert pupil.piece(address, 5, b" worle", **{"Upload-Checksum": sha1(b" world")}).status_code == 460
    last = pupil.piece(address, 5, b" world", **{"Upload-Checksum": sha1(b" world")})
    assert last.status_code == 204, last.text
    assert pupil.ask("HEAD", address).headers["X-File"] == last.headers["X-File"]
    saved = pupil.save("all", int(last.headers["X-File"]))
    assert saved.status_code == 303, saved.text
    page = pupil.person.get("/shelf/all").text
    assert "Отчёт.txt" in page
    assert pupil.person.get("/shelf/file/1").data == b"hello world"
