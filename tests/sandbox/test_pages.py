from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from tests.lms import ADMIN, COURSE, PUPIL, SECOND_TEACHER, TEACHER, School, read_forms, submit
from tests.sandbox.tiny_tool import URL


def browser(school: School, user: int) -> FlaskClient:
    client = school.app.test_client()
    assert client.post(f"{school.url}/enter/{user}").status_code == 303
    return client


def press(client: FlaskClient, page: str, base: str, action: str, **values: str) -> str:
    """Send the form of `page` whose address ends with `action`."""
    form = next(each for each in read_forms(page, base) if each.action.endswith(action))
    return submit(client, form, **values).text


def test_everybody_can_be_chosen_on_the_first_page(school: School) -> None:
    page = school.app.test_client().get(f"{school.url}/").text
    assert page.count("/enter/") == 34
    assert "Кто вы?" in page


def test_the_english_school_speaks_english(other_school: School) -> None:
    assert "Who are you?" in other_school.app.test_client().get(f"{other_school.url}/").text


def test_another_host_name_leads_to_the_right_one(school: School) -> None:
    answer = school.app.test_client().get("http://localhost:8081/courses/2?x=1")
    assert (answer.status_code, answer.location) == (307, f"{school.url}/courses/2?x=1")


def test_signing_in_goes_on_to_the_page_that_was_asked_for(school: School) -> None:
    client = school.app.test_client()
    asked = client.get(f"{school.url}/courses/2", follow_redirects=True).text
    assert "Экология 7 класс</h1>" in press(client, asked, school.url, "/enter/3")


def test_onward_addresses_stay_on_this_site(school: School) -> None:
    for address in ("//evil.example", "https://evil.example", "/\\evil.example"):
        answer = school.app.test_client().post(f"{school.url}/enter/3", data={"next": address})
        assert answer.location == "/"


@pytest.mark.parametrize("path", ["/admin/tools", "/courses/2/people", "/courses/2/links/new", "/admin/tools/1"])
def test_a_pupil_gets_no_staff_pages(school: School, path: str) -> None:
    assert browser(school, PUPIL).get(f"{school.url}{path}").status_code == 403


def test_a_pupil_cannot_write_grades(school: School) -> None:
    school.add_link(COURSE, "Link")
    answer = browser(school, PUPIL).post(f"{school.url}/items/1/people/7", data={"own": "on", "value": "100"})
    assert answer.status_code == 403


def test_a_teacher_adds_hides_and_removes_an_activity(school: School) -> None:
    client = browser(school, TEACHER)
    page = client.get(f"{school.url}/courses/2").text
    assert "/links/new" not in page
    page = press(client, page, school.url, "/courses/2/editing")
    assert "/links/new" in page
    form = client.get(f"{school.url}/courses/2/links/new").text
    page = press(client, form, f"{school.url}/courses/2/links/new", "/links/new", title="Тренажёр", custom="a=1")
    assert "Тренажёр" in page
    assert [each["maximum"] for each in school.columns()] == [100]
    page = press(client, page, school.url, "/links/1/hide")
    assert "Тренажёр" not in browser(school, PUPIL).get(f"{school.url}/courses/2").text
    assert browser(school, PUPIL).get(f"{school.url}/links/1").status_code == 403
    press(client, page, school.url, "/links/1/remove")
    assert (school.links(), school.columns()) == ([], [])


@pytest.mark.parametrize("maximum", ["0", "101", "12.5"])
def test_the_activity_form_takes_whole_maximums_up_to_a_hundred(school: School, maximum: str) -> None:
    client = browser(school, TEACHER)
    form = client.get(f"{school.url}/courses/2/links/new").text
    page = press(client, form, f"{school.url}/courses/2/links/new", "/links/new", title="x" * 9, maximum=maximum)
    assert "integer between 1 and 100" in page
    assert school.links() == []


def test_the_activity_page_frames_the_tool_with_moodles_permissions(school: School) -> None:
    school.add_link(COURSE, "Link")
    page = browser(school, PUPIL).get(f"{school.url}/links/1").text
    allowed = re.search(r'<iframe[^>]* allow="([^"]+)"', page)
    assert allowed is not None
    assert [each.split() for each in allowed[1].split("; ")] == [
        [power, URL]
        for power in ("microphone", "camera", "geolocation", "midi", "encrypted-media", "autoplay", "fullscreen")
    ]
    launch = browser(school, PUPIL).get(f"{school.url}/links/1/launch").text
    assert read_forms(launch, school.url)[0].fields["login_hint"] == str(PUPIL)


def test_the_storage_switch_puts_the_handler_on_the_page(school: School) -> None:
    school.add_link(COURSE, "Link")
    client = browser(school, PUPIL)
    assert "storage.js" not in client.get(f"{school.url}/links/1").text
    school.switch(storage="frame")
    page = client.get(f"{school.url}/links/1").text
    assert f'data-origin="{URL}" data-frame="lti_storage"' in page
    frame = re.search(r'name="lti_storage"[^>]* src="([^"]+)"', page)
    assert frame is not None
    assert f'data-origin="{URL}"' in client.get(f"{school.url}{unescape(frame[1])}").text


def test_a_teachers_own_grade_shows_and_can_be_taken_back(school: School) -> None:
    school.add_link(COURSE, "Link")
    client = browser(school, TEACHER)
    cell = f"{school.url}/items/1/people/7"
    press(client, client.get(cell).text, cell, "/items/1/people/7", own="on", value="55", comment="Хорошо")
    page = client.get(f"{school.url}/courses/2/grades").text
    assert ("своя оценка" in page, "Хорошо" in page) == (True, True)
    form = next(each for each in read_forms(client.get(cell).text, cell) if each.action == cell)
    del form.fields["own"]
    submit(client, form)
    assert school.scores(1) == {"7": None}


def test_an_own_grade_left_empty_takes_the_grade_away(school: School) -> None:
    school.add_link(COURSE, "Link")
    client = browser(school, TEACHER)
    cell = f"{school.url}/items/1/people/7"
    press(client, client.get(cell).text, cell, "/items/1/people/7", own="on", value="55", comment="")
    press(client, client.get(cell).text, cell, "/items/1/people/7", own="on", value="", comment="")
    assert school.scores(1) == {"7": None}
    assert school.columns()[0]["grades"]["7"]["overridden"]


def test_a_pupil_sees_only_own_grades(school: School) -> None:
    school.add_link(COURSE, "Link")
    page = browser(school, PUPIL).get(f"{school.url}/courses/2/grades").text
    assert "Абрамян" in page
    assert "Бурцев" not in page


def test_a_column_is_locked_and_deleted_on_the_page(school: School) -> None:
    school.add_link(COURSE, "Link")
    client = browser(school, TEACHER)
    page = client.get(f"{school.url}/courses/2/grades").text
    page = press(client, page, school.url, "/items/1/lock")
    assert school.columns()[0]["locked"] is True
    press(client, page, school.url, "/items/1/delete")
    assert school.columns() == []


def test_the_roster_page_adds_suspends_and_removes(school: School) -> None:
    client = browser(school, TEACHER)
    address = f"{school.url}/courses/2/people"
    page = press(client, client.get(address).text, address, "/people", given_name="Новый", family_name="Ученик")
    assert "Новый Ученик" in page
    page = press(client, page, address, "/people/7/suspend")
    assert browser(school, PUPIL).get(f"{school.url}/courses/2").status_code == 403
    page = press(client, page, address, "/people/8/remove")
    assert "Бурцев" not in page.partition('<form method="post" class="card form">')[0]
    press(client, page, address, "/people/9/role", role="teacher")
    assert browser(school, 9).get(address).status_code == 200


def test_the_administrator_registers_by_one_url(school: School) -> None:
    client = browser(school, ADMIN)
    page = client.get(f"{school.url}/admin/tools/register?url={URL}/lti/register%3Finvite%3Dx").text
    frame = re.search(r'<iframe class="tool"[^>]* src="([^"]+)"', page)
    assert frame is not None
    assert "&openid_configuration=" in unescape(frame[1])
    assert "&registration_token=" in unescape(frame[1])


def test_a_pasted_text_that_is_no_url_is_explained(school: School) -> None:
    answer = browser(school, ADMIN).get(f"{school.url}/admin/tools/register?url=javascript:x", follow_redirects=True)
    assert "http://" in answer.text
    assert "<iframe" not in answer.text


def test_the_administrator_adds_a_tool_by_hand_and_sets_privacy(other_school: School) -> None:
    client = browser(other_school, ADMIN)
    form = f"{other_school.url}/admin/tools/new"
    values = {"name": "By hand", "launch_url": f"{URL}/a", "login_url": f"{URL}/b", "jwks_url": f"{URL}/c"}
    page = press(client, client.get(form).text, form, "/tools/new", **values)
    assert other_school.tools()[0]["client_id"] in page
    here = f"{other_school.url}/admin/tools/1"
    tool = next(each for each in read_forms(page, here) if each.action == here)
    del tool.fields["send_name"]
    submit(client, tool)
    assert 'send_name" checked' not in client.get(here).text


def test_the_switches_page_sets_faults_and_differences(school: School) -> None:
    client = browser(school, SECOND_TEACHER)
    address = f"{school.url}/switches"
    page = client.get(address).text
    press(client, page, address, "/switches", **{"ags-kind": "500", "ags-percent": "30", "storage": "parent"})
    assert (school.site.faults["ags"].kind, school.site.faults["ags"].percent) == ("500", 30)
    assert school.site.switches.storage == "parent"
    before = school.control("GET", "/keys")["kid"]
    press(client, page, address, "/switches/keys")
    assert school.control("GET", "/keys")["kid"] != before


def test_a_copied_course_has_new_ids_and_remembers_the_old_one(school: School) -> None:
    school.add_link(COURSE, "Link", maximum=12, custom={"activity": "abc"})
    client = browser(school, TEACHER)
    page = press(client, client.get(f"{school.url}/courses/2").text, school.url, "/courses/2/editing")
    assert "Link" in press(client, page, school.url, "/courses/2/copy")
    twin = school.links(4)
    assert [(each["id"], each["custom"]) for each in twin] == [(2, "activity=abc")]
    assert [(each["id"], each["maximum"]) for each in school.columns(4)] == [(2, 12)]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/courses/2",
        "/courses/2/grades",
        "/courses/2/people",
        "/courses/2/links/new",
        "/courses/2/tools/1/choose",
        "/links/1",
        "/links/1/review/7",
        "/links/1/review/7/launch",
        "/items/1/people/7",
        "/admin/tools",
        "/admin/tools/new",
        "/admin/tools/1",
        "/switches",
        "/lti/return?lti_msg=a&lti_errormsg=b&course=2",
    ],
)
def test_every_page_answers_for_the_administrator(school: School, path: str) -> None:
    school.add_link(COURSE, "Link")
    assert browser(school, ADMIN).get(f"{school.url}{path}").status_code == 200
