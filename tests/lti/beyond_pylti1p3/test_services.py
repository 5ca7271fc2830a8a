"""Calls to a platform's services, beside plain pylti1p3."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import requests
import time_machine
from pylti1p3.exception import LtiServiceException
from pylti1p3.names_roles import NamesRolesProvisioningService

from lti_tool.core.http import GuardedSession
from lti_tool.lti import claims
from lti_tool.lti.jwks import PlatformKeys
from lti_tool.lti.services import Refused
from tests.lti.beyond_pylti1p3.peer import connector
from tests.lti.fakes import NOW, Answer, Lms, MemoryKeyStore, Tool, refusal
from tests.lti.service import ROSTER, Service

SCOPES = [claims.SCOPE_MEMBERS]
METADATA_SERVICE = "http://169.254.169.254/latest"


def theirs(service: Service) -> NamesRolesProvisioningService:
    return NamesRolesProvisioningService(connector(service.lms), {"context_memberships_url": ROSTER})


@pytest.mark.parametrize(
    "header",
    [f"<{ROSTER}?page=1>; rel=next", f"{ROSTER}?page=1;rel=next", f'<{ROSTER}?page=1>; title="x"; rel="next"'],
)
def test_089_pages_in_forms_that_platforms_send(service: Service, header: str) -> None:
    service.member_pages(header)
    assert len(service.roster.members(ROSTER).members) == 2
    assert len(theirs(service).get_members()) == 1


def test_089_capitals_in_the_address_of_a_page(service: Service) -> None:
    service.member_pages(f'<{ROSTER}?page=1&Token=AbC>; rel="next"')
    service.roster.members(ROSTER)
    assert str(service.network.requests[-1].url).endswith("&Token=AbC")
    with pytest.raises(requests.ConnectionError):  # no such address: CourseSection has become coursesection
        theirs(service).get_members()


def test_108_addresses_inside_are_not_contacted() -> None:
    inside = Lms(host="127.0.0.1:1")
    keys = PlatformKeys(GuardedSession(), MemoryKeyStore())
    assert refusal(keys.key, inside, "k1").facts == {"reason": "private_address"}
    plain = connector(inside)
    inside.network.on("POST", inside.token_url, (200, {}, {"access_token": "t"}))
    inside.network.on("GET", METADATA_SERVICE, (200, {}, {"secret": 1}))
    assert plain.make_service_request(SCOPES, METADATA_SERVICE)["body"] == {"secret": 1}


def test_108_an_answer_of_any_size_is_not_read(service: Service) -> None:
    huge = b'["' + b"x" * 300_000 + b'"]'
    tool = Tool(service.lms)
    service.network.on("GET", service.lms.jwks_url, (200, {}, huge))
    assert refusal(tool.launch, service.lms).facts == {"reason": "too_large"}
    service.network.on("GET", ROSTER, (200, {}, huge))
    body = connector(service.lms).make_service_request(SCOPES, ROSTER)["body"]
    assert len(str(body)) > 300_000


def test_117_a_token_past_its_life_is_not_used(service: Service) -> None:
    service.member_pages()
    plain = theirs(service)
    service.roster.members(ROSTER)
    plain.get_members()
    with time_machine.travel(NOW + timedelta(seconds=3600), tick=False):
        service.roster.members(ROSTER)
        plain.get_members()
    used = [request.headers["Authorization"] for request in service.asked]
    assert used == ["Bearer t1", "Bearer t2", "Bearer t3", "Bearer t2"]


def test_118_workers_at_once_fetch_one_token(service: Service) -> None:
    service.member_pages()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _each: service.roster.members(ROSTER), range(8)))
    assert service.network.count(service.lms.token_url) == 1
    for _each in range(8):
        theirs(service).get_members()  # a connector for every launch: nothing is shared
    assert service.network.count(service.lms.token_url) == 9


def test_118_threads_of_one_connector_fetch_one_token(service: Service) -> None:
    service.member_pages()
    plain, barrier = theirs(service), Barrier(4)
    endpoint = service.network.routes["POST", service.lms.token_url]

    def together(request: requests.PreparedRequest) -> Answer:
        barrier.wait(10)  # reached by all four, as nobody waits for the first
        return endpoint(request)

    service.network.on("POST", service.lms.token_url, together)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _each: plain.get_members(), range(4)))
    assert service.network.count(service.lms.token_url) == 4


def test_119_a_token_the_platform_forgot(service: Service) -> None:
    service.member_pages()
    pages, forgotten = service.network.routes["GET", ROSTER], {"Bearer t1", "Bearer t3"}
    service.network.on(
        "GET",
        ROSTER,
        lambda request: (401, {}, b"") if request.headers["Authorization"] in forgotten else pages(request),
    )
    assert len(service.roster.members(ROSTER).members) == 1
    with pytest.raises(LtiServiceException, match="401"):
        theirs(service).get_members()


def test_126_errors_tell_nothing_of_an_answer(service: Service) -> None:
    service.network.on("GET", ROSTER, (403, {}, "Петя Иванов".encode()))
    with pytest.raises(Refused) as ours:
        service.roster.members(ROSTER)
    assert str(ours.value) == "forbidden (403)"
    with pytest.raises(LtiServiceException, match="Петя"):
        theirs(service).get_members()


def test_128_every_call_has_a_timeout(service: Service) -> None:
    service.member_pages()
    service.roster.members(ROSTER)
    assert all(options["timeout"] for options in service.network.options)
    service.network.options.clear()
    theirs(service).get_members()
    assert [options["timeout"] for options in service.network.options] == [None, None]
