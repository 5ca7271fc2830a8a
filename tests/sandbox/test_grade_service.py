from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from tests.lms import ASSISTANT, COURSE, PUPIL, TEACHER, School
from tests.sandbox.tiny_tool import TinyTool

SCORE = "application/vnd.ims.lis.v1.score+json"
ITEM = "application/vnd.ims.lis.v2.lineitem+json"
ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def column(school: School) -> str:
    """Address of the one column, of 20 points."""
    school.add_link(COURSE, "Link", maximum=20)
    address: str = school.columns()[0]["url"]
    return address


def post(
    tool: TinyTool, column: str, *, at: datetime | str = NOON, media_type: str = SCORE, **changes: Any
) -> requests.Response:
    body = {
        "userId": str(PUPIL),
        "timestamp": at if isinstance(at, str) else at.isoformat(),
        "scoreGiven": 8,
        "scoreMaximum": 10,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
    } | changes
    body = {name: value for name, value in body.items() if value is not None}
    address = column.replace("/lineitem?", "/lineitem/scores?")
    return tool.call("POST", address, body=body, content_type=media_type)


def test_a_score_is_rescaled_to_the_column(school: School, tool: TinyTool, column: str) -> None:
    answer = post(tool, column, comment="Well done")
    assert (answer.status_code, answer.text) == (200, "")
    cell = school.columns()[0]["grades"]["7"]
    assert (cell["score"], cell["comment"], cell["modified_at"]) == (16, "Well done", int(NOON.timestamp()))


@pytest.mark.parametrize(("given", "shown"), [(15, 20), (-1, 0), (0, 0), (7.333, 14.666)])
def test_scores_are_capped_and_kept_precise(
    school: School, tool: TinyTool, column: str, given: float, shown: float
) -> None:
    post(tool, column, scoreGiven=given)
    assert school.scores(1) == {"7": shown}


@pytest.mark.parametrize("later", [timedelta(0), timedelta(milliseconds=500), timedelta(seconds=-1)])
def test_the_same_second_or_an_earlier_one_is_a_conflict(
    school: School, tool: TinyTool, column: str, later: timedelta
) -> None:
    post(tool, column)
    assert post(tool, column, at=NOON + later, scoreGiven=1).status_code == 409
    assert post(tool, column, at=NOON + timedelta(seconds=1), scoreGiven=1).status_code == 200
    assert school.scores(1) == {"7": 2}


def test_a_stamp_from_the_future_locks_later_scores_out(tool: TinyTool, column: str) -> None:
    assert post(tool, column, at=NOON + timedelta(days=1)).status_code == 200
    assert post(tool, column).status_code == 409


@pytest.mark.parametrize(
    ("stamp", "status"),
    [
        ("2026-11-22T20:06:51.382360Z", 200),
        ("2026-11-22T20:06:52.498+00:00", 200),
        ("2026-11-22T20:06:53", 200),
        ("Sun, 22 Nov 2026 20:06:55 GMT", 400),
        ("tomorrow", 400),
    ],
)
def test_timestamps_are_iso_8601(tool: TinyTool, column: str, stamp: str, status: int) -> None:
    assert post(tool, column, at=stamp).status_code == status


def test_a_score_that_is_not_final_clears_the_grade(school: School, tool: TinyTool, column: str) -> None:
    post(tool, column, comment="c")
    post(tool, column, at=NOON + timedelta(seconds=1), gradingProgress="PendingManual")
    cell = school.columns()[0]["grades"]["7"]
    assert (cell["score"], cell["comment"]) == (None, "")


@pytest.mark.parametrize(
    "changes",
    [
        {"userId": "9999"},
        {"userId": "x"},
        {"userId": str(TEACHER)},
        {"userId": str(ASSISTANT)},
        {"userId": None},
        {"activityProgress": None},
        {"gradingProgress": None},
        {"scoreMaximum": None},
        {"scoreGiven": "many"},
    ],
)
def test_wrong_people_and_missing_fields_are_bad_requests(
    school: School, tool: TinyTool, column: str, changes: dict[str, Any]
) -> None:
    answer = post(tool, column, **changes)
    assert (answer.status_code, answer.json()) == (400, [])
    assert school.scores(1) == {}


def test_media_types_are_exact(tool: TinyTool, column: str) -> None:
    assert post(tool, column, media_type="application/json").status_code == 400
    assert post(tool, column, media_type=f"{SCORE}; charset=utf-8").status_code == 400
    assert tool.call("GET", column, accept="application/json").status_code == 400


def test_a_teachers_own_grade_stays_although_the_answer_is_200(school: School, tool: TinyTool, column: str) -> None:
    school.override(1, PUPIL, 3)
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert post(tool, column, at=later).status_code == 200
    assert school.scores(1) == {"7": 3}
    assert post(tool, column, at=NOON - timedelta(days=1)).status_code == 409


def test_a_locked_column_answers_500(school: School, tool: TinyTool, column: str) -> None:
    school.lock(1)
    assert post(tool, column).status_code == 500
    assert school.scores(1) == {}


def test_suspended_pupils_still_take_grades(school: School, tool: TinyTool, column: str) -> None:
    school.enrol(COURSE, PUPIL, suspended=True)
    assert post(tool, column).status_code == 200


def test_a_deleted_column_is_404(school: School, tool: TinyTool, column: str) -> None:
    assert tool.call("DELETE", column).status_code == 204
    assert post(tool, column).status_code == 404
    assert school.columns() == []


def test_columns_are_created_found_and_forget_what_put_leaves_out(school: School, tool: TinyTool, column: str) -> None:
    listing = column.replace("/1/lineitem?", "?")
    body = {"label": "Extra", "scoreMaximum": 60.5, "resourceId": "r", "tag": "t", "resourceLinkId": "1"}
    made = tool.call("POST", listing, body=body, content_type=ITEM)
    assert (made.status_code, made.json()["label"]) == (201, "Extra")
    again = tool.call("POST", listing, body=body, content_type=ITEM)
    assert again.json()["id"] != made.json()["id"]
    found = tool.call("GET", f"{listing}&resource_id=r&tag=t&resource_link_id=1", accept=ITEMS).json()
    assert [each["id"] for each in found] == [made.json()["id"], again.json()["id"]]
    put = tool.call("PUT", made.json()["id"], body={"label": "New", "scoreMaximum": 30}, content_type=ITEM)
    assert put.status_code == 200
    shown = tool.call("GET", made.json()["id"], accept=ITEM).json()
    assert (shown["label"], shown["scoreMaximum"], shown["tag"], "resourceLinkId" in shown) == ("New", 30, "", False)


def test_two_columns_of_a_link_take_the_line_item_out_of_the_launch(
    school: School, tool: TinyTool, column: str
) -> None:
    listing = column.replace("/1/lineitem?", "?")
    tool.call("POST", listing, body={"label": "2", "scoreMaximum": 1, "resourceLinkId": "1"}, content_type=ITEM)
    school.launch(tool.app.test_client(), PUPIL, 1)
    assert "lineitem" not in tool.received["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]


def test_a_new_maximum_rescales_grades(school: School, tool: TinyTool, column: str) -> None:
    post(tool, column)
    tool.call("PUT", column, body={"label": "Link", "scoreMaximum": 10}, content_type=ITEM)
    assert school.columns()[0]["grades"]["7"]["score"] == 8


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"scoreMaximum": 1}, 400),
        ({"label": "x"}, 400),
        ({"label": "x", "scoreMaximum": 1, "resourceLinkId": "9"}, 403),
    ],
)
def test_bad_columns_are_refused(tool: TinyTool, column: str, body: dict[str, Any], status: int) -> None:
    answer = tool.call("POST", column.replace("/1/lineitem?", "?"), body=body, content_type=ITEM)
    assert answer.status_code == status


def test_the_list_pages_with_curly_quotes(tool: TinyTool, column: str) -> None:
    listing = column.replace("/1/lineitem?", "?")
    tool.call("POST", listing, body={"label": "x", "scoreMaximum": 1}, content_type=ITEM)
    header = tool.call("GET", f"{listing}&limit=1", accept=ITEMS).headers["Link"]
    assert "&amp;from=1>; rel=“next”" in header.encode("latin-1").decode()


def test_results_show_the_gradebook_and_crash_on_pages(tool: TinyTool, column: str) -> None:
    post(tool, column, comment="c")
    results = column.replace("/lineitem?", "/lineitem/results?")
    answer = tool.call("GET", f"{results}&user_id=7", accept=RESULTS).json()
    assert [(each["userId"], each["resultScore"], each["resultMaximum"]) for each in answer] == [("7", 16, 20)]
    assert answer[0]["timestamp"] == "2026-11-22T12:00:00+00:00"
    assert tool.call("GET", f"{results}&user_id=8", accept=RESULTS).json() == []
    broken = tool.call("GET", f"{results}&limit=2", accept=RESULTS)
    assert (broken.status_code, "<html" in broken.text) == (404, True)


def test_scopes_and_the_tools_own_columns_are_guarded(school: School, tool: TinyTool, column: str) -> None:
    school.control("PATCH", "/tools/1", {"scopes": ["https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"]})
    assert post(tool, column).status_code == 401
    assert tool.call("GET", column.replace("type_id=1", "type_id=2"), accept=ITEM).status_code == 401
    assert tool.http.get(column, headers={"Authorization": "Bearer x"}, timeout=5).status_code == 401
