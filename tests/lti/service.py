"""The services of one platform, with their token endpoint, and what was asked of them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import requests

from lti_tool.lti import claims
from lti_tool.lti.keys import KeyRing
from lti_tool.lti.services import (
    AccessTokens,
    AssignmentAndGrades,
    NamesAndRoles,
    Score,
)
from tests.lti.fakes import NOW, Answer, Lms, MemoryTokenStore, Network, form_of

ROSTER = "https://lms.example/mod/lti/services.php/CourseSection/2/bindings/1/memberships"
COLUMNS = "https://lms.example/mod/lti/services.php/2/lineitems?type_id=1"
COLUMN = "https://lms.example/mod/lti/services.php/2/lineitems/4/lineitem?type_id=1"
ROW = {
    "id": COLUMN,
    "label": "Дроби",
    "scoreMaximum": 100,
    "resourceId": "activity:40",
    "tag": "graded",
    "resourceLinkId": "5",
    "submissionReview": {"reviewableStatus": ["Submitted"]},
}
SCORED = Score("7", 4.5, 5, NOW, "Хорошо")


class Service:
    """One platform with its token endpoint, and what was asked of it."""

    def __init__(self, ring: KeyRing, *scopes: str) -> None:
        self.lms = Lms()
        self.network: Network = self.lms.network
        self.scopes = scopes or claims.SERVICE_SCOPES
        self.network.on("POST", self.lms.token_url, self._token)
        http = self.network.session()
        tokens = AccessTokens(self.lms, http=http, keyring=ring, store=MemoryTokenStore())
        self.roster = NamesAndRoles(self.lms, http=http, tokens=tokens)
        self.grades = AssignmentAndGrades(self.lms, http=http, tokens=tokens, scopes=self.scopes)

    def _token(self, request: requests.PreparedRequest) -> Answer:
        count = self.network.count(self.lms.token_url)
        return 200, {}, {"access_token": f"t{count}", "expires_in": 3600, "scope": form_of(request)["scope"]}

    @property
    def asked(self) -> list[requests.PreparedRequest]:
        """Service calls, without the token's."""
        return [request for request in self.network.requests if request.url != self.lms.token_url]

    def member_pages(self, *headers: str) -> None:
        """One page for each header that leads on, and a last one."""
        headers = (*headers, "")

        def page(request: requests.PreparedRequest) -> Answer:
            number = int(parse_qs(urlsplit(str(request.url)).query).get("page", ["0"])[0])
            link = {"Link": headers[number]} if headers[number] else {}
            return 200, link, {"members": [{"user_id": str(number), "roles": ["Learner"]}]}

        self.network.on("GET", ROSTER, page)
