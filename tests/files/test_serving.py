"""Files go out as downloads; what is shown in a page cannot act, and its address soon means nothing."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from lti_tool.core.db import db, utcnow
from lti_tool.files.models import StoredFile
from tests.conftest import MakeApp, browser
from tests.courses.scene import TOOL, Person
from tests.files.page import Sender, with_shelf
from tests.lms import PUPIL, School

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(100))
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
VIRUS = b"this is the virus"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return with_shelf(make_app(new=True))


@pytest.fixture
def pupil(app: Flask, school_a: School) -> Sender:
    return Sender(Person(app, school_a, PUPIL))


def test_a_download_whole_and_in_parts(pupil: Sender) -> None:
    pupil.save("all", pupil.file(PNG, "Карта.png"))
    address = f"{TOOL}/shelf/file/1"
    whole = pupil.client.get(address)
    assert (whole.data, whole.headers["Content-Type"]) == (PNG, "application/octet-stream")
    assert whole.headers["Content-Disposition"].startswith("attachment;")
    assert whole.headers["Accept-Ranges"] == "bytes"
    for asked, start, stop in (
        ("10-19", 10, 20),
        ("100-", 100, len(PNG)),
        ("-8", len(PNG) - 8, len(PNG)),
        ("0-9999", 0, len(PNG)),
    ):
        part = pupil.client.get(address, headers={"Range": f"bytes={asked}"})
        assert (part.status_code, part.data) == (206, PNG[start:stop])
        assert part.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(PNG)}"
        assert part.headers["Content-Length"] == str(stop - start)
    assert pupil.client.get(address, headers={"Range": "bytes=500-"}).status_code == 416
    for asked in ("bytes=0-1,5-6", "lines=1-2", "bytes=x"):
        assert pupil.client.get(address, headers={"Range": asked}).data == PNG
    changed = pupil.client.get(address, headers={"Range": "bytes=0-1", "If-Range": '"another"'})
    assert (changed.status_code, changed.data) == (200, PNG)


def test_what_cannot_act_is_shown_and_nothing_else(pupil: Sender) -> None:
    contents = {
        "map.png": PNG,
        "trap.svg": SVG,
        "page.html": b"<html><script>1</script>",
        "text.txt": "Привет".encode("cp1251"),
    }
    pupil.save("all", *(pupil.file(content, name) for name, content in contents.items() if name != "page.html"))
    shown = pupil.client.get(f"{TOOL}/shelf/file/1?inline")
    assert shown.headers["Content-Type"] == "image/png"
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    trap = pupil.client.get(f"{TOOL}/shelf/file/2?inline")
    assert trap.headers["Content-Type"] == "application/octet-stream"
    assert trap.headers["Content-Disposition"].startswith("attachment")
    assert pupil.client.get(f"{TOOL}/shelf/file/3?inline").headers["Content-Type"] == "text/plain; charset=windows-1251"
    pupil.save("all", pupil.file(contents["page.html"], "page.txt"))
    assert pupil.client.get(f"{TOOL}/shelf/file/4?inline").headers["Content-Type"] == "application/octet-stream"
    page = pupil.person.get("/shelf/all").text
    assert len(re.findall(r"<img[^>]+src=\"/files/preview/", page)) == 1
    assert len(re.findall(r"<iframe[^>]+src=\"/files/preview/", page)) == 1


def test_an_address_to_look_at_is_for_one_person_and_some_minutes(app: Flask, pupil: Sender, school_b: School) -> None:
    pupil.save("all", pupil.file(PNG, "map.png"))
    found = re.search(r'src="(/files/preview/[^"]+)"', pupil.person.get("/shelf/all").text)
    assert found
    address = f"{TOOL}{found[1]}"
    assert pupil.client.get(address).data == PNG
    assert browser(app).get(address, headers={"Range": "bytes=0-3"}).data == PNG[:4]  # no cookies, no session
    assert Person(app, school_b, PUPIL).browser.get(address).status_code == 404
    assert browser(app).get(address[:-2] + "xx").status_code == 404
    with time_machine.travel(utcnow() + timedelta(minutes=11)):
        assert browser(app).get(address).status_code == 404


@pytest.fixture
def clamd() -> Iterator[tuple[str, list[str]]]:
    """A daemon that knows one virus; gives its address, and answers it shall give once instead of the true one."""
    said: list[str] = []
    server = socket.create_server(("127.0.0.1", 0))

    def look(connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            content = b""
            while length := struct.unpack("!L", stream.read(4))[0]:
                content += stream.read(length)
            answer = said.pop() if said else "stream: Test-Virus FOUND" if VIRUS in content else "stream: OK"
            connection.sendall(answer.encode() + b"\0")

    def serve() -> None:
        while True:
            try:
                connection, _address = server.accept()
            except OSError:
                return
            look(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"tcp://127.0.0.1:{server.getsockname()[1]}", said
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def test_a_file_waits_for_the_virus_check(
    app: Flask, pupil: Sender, clamd: tuple[str, list[str]], run_jobs: Callable[[], int]
) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], clamd_url=clamd[0])
    good, bad = pupil.file(b"a good text", "good.txt"), pupil.file(VIRUS, "bad.txt")
    pupil.save("all", good, bad)
    assert pupil.client.get(f"{TOOL}/shelf/file/{good}").status_code == 409
    assert "still being checked" in pupil.person.get("/shelf/all").text
    clamd[1].append("INSTREAM size limit exceeded. ERROR")
    run_jobs()
    with time_machine.travel(utcnow() + timedelta(minutes=2)):
        run_jobs()
    assert pupil.client.get(f"{TOOL}/shelf/file/{good}").data == b"a good text"
    assert pupil.client.get(f"{TOOL}/shelf/file/{bad}").status_code == 404
    page = pupil.person.get("/shelf/all").text
    assert "A virus was found in this file" in page
    assert f"/shelf/file/{bad}" not in page
    late = pupil.file(VIRUS, "late.txt")
    run_jobs()
    assert "A virus was found in late.txt" in pupil.save("all", late).text
    with app.app_context():
        assert {file.virus_state for file in db.session.query(StoredFile)} == {"clean", "infected"}
