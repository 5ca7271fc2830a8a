"""Files in a browser: many at once, over a line that breaks, with and without cookies; and shown so that none can act."""

from __future__ import annotations

import io
import os
import struct
import wave
import zlib
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, Route, expect

from tests.browser.conftest import OpenBrowser, enter
from tests.browser.look import accessible, fits, shot, touchable
from tests.browser.servers import Town
from tests.lms import COURSE, PUPIL


def png(width: int = 640, height: int = 360) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack("!L", len(data)) + kind + data + struct.pack("!L", zlib.crc32(kind + data))

    rows = b"".join(
        b"\0" + bytes((40, x * 255 // width, y * 255 // height)[i] for x in range(width) for i in range(3))
        for y in range(height)
    )
    head = struct.pack("!LLBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def sound() -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setparams((1, 1, 8000, 0, "NONE", ""))
        file.writeframes(bytes(range(256)) * 200)
    return target.getvalue()


def pdf(text: str = "A page of a PDF") -> bytes:
    stream = f"BT /F1 24 Tf 60 700 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    contents = {
        "Отчёт.pdf": pdf(),
        "map.png": png(),
        "voice.wav": sound(),
        "notes.txt": "Заметки о воде".encode(),
        "trap.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>top.bad=1</script></svg>",
        "large.bin": os.urandom(3_000_000),
        "other.bin": os.urandom(300_000),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def open_shelf(browser: BrowserContext, town: Town, *, rules: str = "all") -> tuple[Page, Frame]:
    """The feature's page inside the LMS's, come to as a link would, also where the session is kept by the script."""
    link = next((each["id"] for each in town.school.links(COURSE)), None) or town.school.add_link(
        COURSE, "Together", graded=False
    )
    page, frame = enter(browser, town.school, PUPIL, link)
    expect(frame.locator(".whoami")).to_be_visible()
    visit(frame, rules)
    return page, frame


def visit(frame: Frame, rules: str) -> None:
    frame.evaluate("path => htmx.ajax('GET', path, {source: document.body, target: document.body})", f"/shelf/{rules}")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Files of a feature")


def pick(frame: Frame, *files: Path) -> None:
    frame.locator("input[type=file]").set_input_files(list(files))


def ready(frame: Frame, count: int) -> None:
    expect(frame.locator(".file-item[data-file-ready]")).to_have_count(count)


@pytest.mark.parametrize("blocks", [False, True], ids=["cookies", "no cookies"])
def test_files_are_sent_taken_and_shown(open_browser: OpenBrowser, town: Town, folder: Path, blocks: bool) -> None:
    town.school.switch(storage="parent")
    page, frame = open_shelf(open_browser(blocks=blocks), town)
    pick(frame, folder / "Отчёт.pdf", folder / "map.png")
    ready(frame, 2)
    pick(frame, folder / "map.png", folder / "voice.wav", folder / "notes.txt")
    expect(frame.locator(".file-failed")).to_contain_text("One file too many")
    ready(frame, 3)
    accessible(frame)
    touchable(frame)
    shot(page, f"files-picked-{blocks}")
    frame.get_by_role("button", name="Remove notes.txt").click()
    frame.get_by_role("button", name="Save").click()
    expect(frame.get_by_text("Give it a title.")).to_be_visible()
    ready(frame, 3)
    frame.get_by_role("button", name="Remove voice.wav").click()
    expect(frame.get_by_role("button", name="Remove map.png")).to_be_focused()
    pick(frame, folder / "voice.wav")
    ready(frame, 3)
    frame.get_by_label("Title").fill("Mine")
    frame.get_by_role("button", name="Save").click()
    expect(frame.locator("[data-flash=success]")).to_have_text("Saved", timeout=20_000)
    picture = frame.get_by_role("img", name="map.png").last
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("naturalWidth", 640)
    sound = frame.locator("audio").last
    frame.wait_for_function("one => one.readyState >= 1", arg=sound.element_handle())
    accessible(frame)
    fits(frame)
    shot(page, f"files-shown-{blocks}")


def test_a_broken_line_and_a_reload_lose_nothing(open_browser: OpenBrowser, town: Town, folder: Path) -> None:
    page, frame = open_shelf(open_browser(), town)
    offsets: list[int] = []
    state: dict[str, Any] = {"down": False}
    drops = [3, 5]

    def line(route: Route) -> None:
        offsets.append(int(route.request.headers["upload-offset"]))
        if drops and len(offsets) >= drops[0]:
            state["down"] = bool(drops.pop(0))
        route.abort() if state["down"] else route.continue_()

    page.route(
        "**/files/uploads/*",
        lambda route: (
            line(route) if route.request.method == "PATCH" else route.abort() if state["down"] else route.continue_()
        ),
    )
    pick(frame, folder / "large.bin")
    expect(frame.locator(".file-state")).to_contain_text("waiting for the connection")
    state["down"] = False
    for _moment in range(400):
        if drops:
            page.wait_for_timeout(50)
    assert not drops
    reached = offsets[-1]
    page.reload()
    frame = page.frames[-1]
    state["down"] = False
    expect(frame.locator(".whoami")).to_be_visible()
    visit(frame, "all")
    begun = len(offsets)
    pick(frame, folder / "large.bin", folder / "other.bin")
    frame.get_by_label("Title").fill("Mine")
    frame.get_by_role("button", name="Save").click()
    expect(frame.locator("[data-flash=success]")).to_have_text("Saved", timeout=20_000)
    assert offsets[begun] >= reached > 0
    expect(frame.get_by_role("link", name="large.bin")).to_be_visible()


def test_what_does_not_fit_is_told_and_nothing_acts(open_browser: OpenBrowser, town: Town, folder: Path) -> None:
    page, frame = open_shelf(open_browser(width=360), town, rules="papers")
    pick(frame, folder / "trap.svg")
    expect(frame.locator(".file-failed")).to_contain_text("trap.svg is not of a type that fits here")
    pick(frame, folder / "large.bin")
    expect(frame.locator(".file-failed").last).to_contain_text("too large")
    accessible(frame)
    fits(frame)
    touchable(frame)
    shot(page, "files-refused-phone")
    visit(frame, "all")
    pick(frame, folder / "trap.svg")
    ready(frame, 1)
    frame.get_by_label("Title").fill("Mine")
    frame.get_by_role("button", name="Save").click()
    expect(frame.get_by_role("link", name="trap.svg")).to_be_visible()
    assert frame.locator("iframe[src*=trap]").count() == 0
