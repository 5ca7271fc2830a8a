"""Rosters and gradebook columns: what is asked, in which form, and what is made of the answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti import claims
from lti_tool.lti.keys import KeyRing
from lti_tool.lti.paging import next_page
from lti_tool.lti.services import (
    LINE_ITEM,
    LINE_ITEMS,
    MAX_PAGES,
    MEMBERSHIPS,
    RESULTS,
    SCORE,
    LineItem,
    LineItemSpec,
    Refused,
    Retry,
    Score,
    ServiceError,
    Superseded,
)
from tests.lti.fakes import NOW, form_of
from tests.lti.service import COLUMN, COLUMNS, ROSTER, ROW, SCORED, Service
from tests.lti.strategies import json_values

Call = Callable[[], object]


class TestRoster:
    def test_everybody_with_roles_and_names(self, service: Service) -> None:
        rows = [
            {"user_id": "7", "roles": ["Learner"], "name": "Zoë &amp; Co", "status": "Active", "email": "z@x.example"},
            {"user_id": 3, "roles": ["http://purl.imsglobal.org/vocab/lis/v2/person#Administrator", "Instructor"]},
            {"user_id": "8", "roles": ["Learner"], "status": "Inactive", "name": None},
            {"user_id": "9", "roles": [], "status": "Deleted"},
        ]
        service.network.on("GET", ROSTER, (200, {}, {"id": ROSTER, "members": rows}))
        found = service.roster.members(ROSTER)
        assert [member.user_id for member in found.members] == ["7", "3", "8", "9"]
        assert [member.is_active for member in found.members] == [True, True, False, False]
        pupil, teacher = found.members[:2]
        assert (pupil.name, pupil.roles.learner) == ("Zoë & Co", True)
        assert (teacher.roles.teacher, teacher.roles.administrator) == (True, True)
        assert "Zoë" not in repr(found)
        assert "z@x" not in repr(found)

    def test_the_media_type_and_the_scope_are_exact(self, service: Service) -> None:
        service.member_pages()
        service.roster.members(ROSTER)
        assert service.asked[0].headers["Accept"] == MEMBERSHIPS
        assert service.asked[0].headers["Authorization"] == "Bearer t1"
        assert form_of(service.network.requests[0])["scope"] == claims.SCOPE_MEMBERS

    def test_members_who_can_see_one_link(self, service: Service) -> None:
        service.member_pages()
        service.roster.members(f"{ROSTER}?x=1", rlid="5&6")
        assert service.asked[0].url == f"{ROSTER}?x=1&rlid=5%266"

    @pytest.mark.parametrize(
        "header",
        [
            f'<{ROSTER}?page=1>; rel="next"',
            f"<{ROSTER}?page=1>; rel=next",
            f"<{ROSTER}?page=1>;rel=next",
            f'<{ROSTER}?page=1>; REL="NEXT"',
            f'<{ROSTER}?page=1>; title="a, b"; rel="next last"',
            f'<{ROSTER}?page=0>; rel="first", <{ROSTER}?page=1>; rel="next"',
            f"{ROSTER}?page=1;rel=next",
            f"<{ROSTER}?page=1>; rel=”next”".encode().decode("latin-1"),
            "<?page=1>; rel=next",
        ],
    )
    def test_pages_are_followed_in_every_form(self, service: Service, header: str) -> None:
        service.member_pages(header)
        found = service.roster.members(ROSTER)
        assert ([member.user_id for member in found.members], found.pages) == (["0", "1"], 2)

    def test_an_address_keeps_its_capitals_and_ampersands(self, service: Service) -> None:
        service.member_pages(f"<{ROSTER}?page=1&amp;Token=AbC>; rel=next")
        service.roster.members(ROSTER)
        assert service.asked[1].url == f"{ROSTER}?page=1&Token=AbC"

    @pytest.mark.parametrize("header", [f'<{ROSTER}?page=1>; rel="prev"', f"<{ROSTER}?page=1>", "garbage", "<"])
    def test_other_links_are_not_followed(self, service: Service, header: str) -> None:
        service.member_pages(header)
        assert service.roster.members(ROSTER).pages == 1

    def test_a_page_that_comes_again_ends_it(self, service: Service) -> None:
        service.member_pages(f"<{ROSTER}?page=1>; rel=next", f"<{ROSTER}>; rel=next")
        with pytest.raises(Refused, match="paging_endless"):
            service.roster.members(ROSTER)

    def test_pages_without_end_are_given_up(self, service: Service) -> None:
        service.member_pages(*(f"<{ROSTER}?page={number}>; rel=next" for number in range(1, MAX_PAGES + 5)))
        with pytest.raises(Refused, match="paging_endless"):
            service.roster.members(ROSTER)
        assert len(service.asked) == MAX_PAGES

    def test_a_next_page_elsewhere_gets_no_token(self, service: Service) -> None:
        service.member_pages("<https://evil.example/collect>; rel=next")
        with pytest.raises(Refused, match="foreign_address"):
            service.roster.members(ROSTER)
        assert not service.network.count("https://evil.example/collect")

    @pytest.mark.parametrize("body", [{}, [], {"members": None}, {"members": {}}, "text", None])
    def test_no_list_of_members_is_no_empty_class(self, service: Service, body: object) -> None:
        service.network.on("GET", ROSTER, (200, {}, body))
        with pytest.raises(Retry, match="no_members"):
            service.roster.members(ROSTER)

    @pytest.mark.parametrize(
        "row", [None, {}, {"user_id": ""}, {"user_id": True}, {"user_id": "1", "roles": "x"}, {"user_id": "1" * 256}]
    )
    def test_one_row_that_cannot_be_read_spoils_all(self, service: Service, row: object) -> None:
        service.network.on("GET", ROSTER, (200, {}, {"members": [{"user_id": "7", "roles": []}, row]}))
        with pytest.raises(Refused, match="member_unreadable"):
            service.roster.members(ROSTER)

    def test_a_failure_in_the_middle_fails_the_whole(self, service: Service) -> None:
        service.member_pages(f"<{ROSTER}?page=1>; rel=next")
        pages = service.network.routes["GET", ROSTER]
        service.network.on(
            "GET", ROSTER, lambda request: (500, {}, b"") if "page" in str(request.url) else pages(request)
        )
        with pytest.raises(Retry):
            service.roster.members(ROSTER)

    @given(json_values | st.lists(json_values).map(lambda rows: {"members": rows}))
    def test_any_json_is_a_roster_or_a_service_error(self, ring: KeyRing, body: Any) -> None:
        service = Service(ring)
        service.network.on("GET", ROSTER, (200, {}, body))
        with suppress(ServiceError):
            service.roster.members(ROSTER)


@given(st.text(), st.text())
def test_any_link_header_leads_somewhere_or_nowhere(header: str, url: str) -> None:
    found = next_page(header, url)
    assert found is None or isinstance(found, str)


@given(st.text(st.sampled_from('<>;,=" relnxt“”&amp\\/?')))
def test_even_one_of_the_right_letters(header: str) -> None:
    found = next_page(header, ROSTER)
    assert found is None or isinstance(found, str)


class TestColumns:
    def test_found_by_what_we_gave_it(self, service: Service) -> None:
        other = ROW | {"id": f"{COLUMNS}&other", "resourceId": "activity:41"}
        service.network.on("GET", COLUMNS.partition("?")[0], (200, {}, [ROW, other]))
        found = service.grades.find(COLUMNS, resource_id="activity:40", tag="graded")
        assert found == [LineItem(COLUMN, "Дроби", 100.0, "activity:40", "5", "graded")]
        request = service.asked[0]
        assert request.url == f"{COLUMNS}&resource_id=activity%3A40&tag=graded"
        assert request.headers["Accept"] == LINE_ITEMS
        assert "limit" not in request.url

    def test_moodles_curly_quotes_lead_to_the_next_page(self, service: Service) -> None:
        curly = f"<{COLUMNS.replace('&', '&amp;')}&amp;page=1>; rel=“next”".encode().decode("latin-1")
        service.network.on(
            "GET",
            COLUMNS.partition("?")[0],
            lambda request: (200, {}, [ROW]) if "page=1" in str(request.url) else (200, {"Link": curly}, []),
        )
        assert len(service.grades.find(COLUMNS)) == 1

    def test_made_with_all_we_know(self, service: Service) -> None:
        service.network.on("POST", COLUMNS.partition("?")[0], (201, {}, ROW))
        spec = LineItemSpec("Дроби", 5, "activity:40", "graded")
        assert service.grades.create(COLUMNS, spec, resource_link_id="5").url == COLUMN
        request = service.asked[0]
        assert request.url == COLUMNS
        assert (request.headers["Content-Type"], request.headers["Accept"]) == (LINE_ITEM, LINE_ITEM)
        assert json.loads(request.body or b"") == {
            "label": "Дроби",
            "scoreMaximum": 5,
            "resourceId": "activity:40",
            "tag": "graded",
            "resourceLinkId": "5",
        }

    def test_changed_with_everything_it_had(self, service: Service) -> None:
        """Moodle wipes what a PUT leaves out."""
        address = COLUMN.partition("?")[0]
        service.network.on("GET", address, (200, {}, ROW))
        service.network.on("PUT", address, lambda request: (200, {}, json.loads(request.body or b"")))
        assert service.grades.update(COLUMN, label="Новое").label == "Новое"
        put = service.asked[-1]
        assert (put.method, put.url, put.headers["Content-Type"]) == ("PUT", COLUMN, LINE_ITEM)
        assert json.loads(put.body or b"") == ROW | {"label": "Новое"}

    def test_taken_away(self, service: Service) -> None:
        service.network.on("DELETE", COLUMN.partition("?")[0], (204, {}, b""))
        service.grades.delete(COLUMN)
        assert service.asked[0].url == COLUMN

    def test_an_answer_without_an_id_belongs_to_its_address(self, service: Service) -> None:
        row = {name: value for name, value in ROW.items() if name != "id"} | {"resourceLinkId": 5}
        service.network.on("GET", COLUMN.partition("?")[0], (200, {}, row))
        found = service.grades.read(COLUMN)
        assert (found.url, found.resource_link_id) == (COLUMN, "5")

    def test_results_are_read_without_a_limit(self, service: Service) -> None:
        rows = [{"userId": 7, "resultScore": 80, "resultMaximum": 100, "comment": "x"}, {"userId": "8"}]
        service.network.on("GET", COLUMN.partition("?")[0] + "/results", (200, {}, rows))
        found = service.grades.results(COLUMN)
        assert [(one.user_id, one.score) for one in found] == [("7", 80.0), ("8", None)]
        assert service.asked[0].url == COLUMN.replace("/lineitem?", "/lineitem/results?")
        assert service.asked[0].headers["Accept"] == RESULTS

    def test_the_result_of_one_person(self, service: Service) -> None:
        rows = [{"userId": "7", "resultScore": 80}, {"userId": "8", "resultScore": 10}]
        service.network.on("GET", COLUMN.partition("?")[0] + "/results", (200, {}, rows))
        assert [one.user_id for one in service.grades.results(COLUMN, user_id="7")] == ["7"]
        assert str(service.asked[0].url).endswith("/results?type_id=1&user_id=7")

    @given(json_values)
    def test_any_json_is_a_column_or_a_service_error(self, ring: KeyRing, body: Any) -> None:
        service = Service(ring)
        for address in (COLUMNS, COLUMN, COLUMN.replace("/lineitem?", "/lineitem/results?")):
            service.network.on("GET", address.partition("?")[0], (200, {}, body))
        calls: list[Call] = [
            lambda: service.grades.find(COLUMNS),
            lambda: service.grades.read(COLUMN),
            lambda: service.grades.results(COLUMN),
        ]
        for call in calls:
            with suppress(ServiceError):
                call()


class TestScores:
    @pytest.fixture
    def scores(self, service: Service) -> str:
        address = COLUMN.partition("?")[0] + "/scores"
        service.network.on("POST", address, (200, {}, b""))
        return address

    def sent(self, service: Service, score: Score) -> dict[str, Any]:
        service.grades.post_score(COLUMN, score)
        found: dict[str, Any] = json.loads(service.asked[-1].body or b"")
        return found

    def test_a_grade_is_complete_and_fully_graded(self, service: Service, scores: str) -> None:
        assert self.sent(service, SCORED) == {
            "userId": "7",
            "scoreGiven": 4.5,
            "scoreMaximum": 5,
            "timestamp": "2026-11-23T12:00:00.000+00:00",
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "comment": "Хорошо",
        }
        request = service.asked[0]
        assert request.url == f"{scores}?type_id=1"
        assert request.headers["Content-Type"] == SCORE

    def test_nought_is_a_grade(self, service: Service, scores: str) -> None:
        sent = self.sent(service, Score("7", 0, 5, NOW))
        assert (sent["scoreGiven"], sent["scoreMaximum"]) == (0, 5)
        assert "comment" not in sent

    @pytest.mark.parametrize(("given_", "number"), [(0.1 + 0.2, 0.3), (5.0, 5), (2 / 3, 0.66667), (7, 7)])
    def test_numbers_have_no_tail(self, service: Service, scores: str, given_: float, number: float) -> None:
        assert self.sent(service, Score("7", given_, 10, NOW))["scoreGiven"] == number

    def test_times_are_told_in_utc(self, service: Service, scores: str) -> None:
        moscow = NOW.astimezone(timezone(timedelta(hours=3)))
        assert self.sent(service, Score("7", 1, 5, moscow))["timestamp"] == "2026-11-23T12:00:00.000+00:00"

    @pytest.mark.parametrize("number", [float("nan"), float("inf"), -1])
    def test_what_is_no_score_is_not_sent(self, service: Service, scores: str, number: float) -> None:
        with pytest.raises(Refused, match="score_invalid"):
            service.grades.post_score(COLUMN, Score("7", number, 5, NOW))
        assert service.asked == []

    def test_a_later_grade_of_the_teacher_supersedes(self, service: Service, scores: str) -> None:
        service.network.on("POST", scores, (409, {}, b"refusing score with timestamp"))
        with pytest.raises(Superseded):
            service.grades.post_score(COLUMN, SCORED)
        assert len(service.asked) == 1

    def test_a_page_of_maintenance_is_no_receipt(self, service: Service, scores: str) -> None:
        service.network.on("POST", scores, (200, {"Content-Type": "text/html"}, b"<html>back soon</html>"))
        with pytest.raises(Retry, match="not_json"):
            service.grades.post_score(COLUMN, SCORED)
