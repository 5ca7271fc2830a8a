"""Drives a sandbox school and the tool the way a browser does, all in one process and without sockets.

    tool_client = app.test_client()
    school = School.start("ru", "http://127.0.0.1:8081", tool=app)
    school.register(tool_client, invite_url)
    link = school.add_link(2, "The shared course")
    page = school.launch(tool_client, 7, link)

People, courses and links are named by their LMS ids: 2 is the site administrator, 3 and 4 are teachers, 5 is a
non-editing teacher, pupils begin at 7; courses are 2 and 3. Both schools use the same numbers on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
import requests
from flask import Flask
from flask.testing import FlaskClient
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse
from werkzeug.test import Client, TestResponse

from lti_tool.sandbox import create_school
from lti_tool.sandbox.browser import Form, read_forms

ADMIN, TEACHER, SECOND_TEACHER, ASSISTANT, PUPIL = 2, 3, 4, 5, 7
COURSE, OTHER_COURSE = 2, 3
SCHOOL_A, SCHOOL_B = "http://127.0.0.1:8081", "http://127.0.0.1:8082"
NAMES = {"ru": "Школа № 12", "en": "Riverside School"}

Claims = dict[str, Any]

__all__ = ["Form", "Message", "School", "WsgiAdapter", "read_forms", "submit"]


class School:
    """A sandbox LMS and its browser."""

    def __init__(self, app: Flask, tool: Flask | None = None) -> None:
        self.app = app
        self.site = app.extensions["sandbox"]
        self.url: str = self.site.url
        self.browser = app.test_client()
        self.tool_id = 1
        if tool is not None:
            self.connect(tool)

    @classmethod
    def start(cls, language: str, url: str, *, tool: Flask | None = None, **options: Any) -> School:
        """A fresh school in memory; `options` go to create_school (people, clock, database, name)."""
        options.setdefault("name", NAMES[language])
        options.setdefault("sleep", _sleep)
        app = create_school(language=language, url=url, **options)
        app.testing = True  # a crash of the LMS is an error of the test, not a page
        return cls(app, tool)

    # ---- wiring

    def connect(self, tool: Flask) -> None:
        """Let the tool's outgoing requests reach this school, and this school's reach the tool."""
        self.mount(tool.extensions["http"])
        self.site.http.mount(tool.extensions["settings"].base_url, WsgiAdapter(tool))

    def mount(self, session: requests.Session) -> None:
        """Let `session` reach this school in process."""
        session.mount(self.url, WsgiAdapter(self.app))

    def move(self, url: str, tool: Flask) -> None:
        """The LMS answers at another address from now on, as after a change of Moodle's wwwroot: nobody is at the old
        one."""
        tool.extensions["http"].adapters.pop(self.url)
        self.url = self.site.url = url
        self.connect(tool)

    # ---- control

    def control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """A call of the school's JSON interface; anything but success is an error of the test."""
        answer = self.app.test_client().open(f"{self.url}/sandbox{path}", method=method, json=dict(body or {}))
        assert answer.status_code == 200, f"{method} /sandbox{path}: {answer.status} {answer.text[:500]}"
        return answer.get_json()

    def register(self, tool_client: FlaskClient, invite_url: str, *, activate: bool = True) -> dict[str, Any]:
        """Dynamic registration as an administrator does it: open the URL, press the button, activate the tool."""
        before = {each["id"] for each in self.tools()}
        answer = self.open_registration(tool_client, invite_url)
        forms = [form for form in read_forms(answer.text, answer.request.url) if form.method == "post"]
        forms = [form for form in forms if "/lti/register" in form.action]
        assert forms, f"no form on the registration page: {answer.status} {answer.text[:2000]}"
        done = submit(tool_client, forms[0])
        arrived = [each for each in self.tools() if each["id"] not in before]
        assert arrived, f"no tool arrived: {done.status} {done.text[:2000]}"
        self.tool_id = arrived[0]["id"]
        return self.control("PATCH", f"/tools/{self.tool_id}", {"state": "active"}) if activate else arrived[0]

    def open_registration(self, tool_client: FlaskClient, invite_url: str) -> TestResponse:
        """The tool's registration page with the two parameters the LMS adds."""
        added = urlencode(self.control("POST", "/registrations"))
        return tool_client.get(f"{invite_url}{'&' if '?' in invite_url else '?'}{added}")

    def register_manually(self, tool_url: str, **options: Any) -> dict[str, Any]:
        """Add the tool by hand and answer what its operator has to type in (issuer, client_id, deployment_id, …)."""
        values = {
            "name": "Schools Together",
            "login_url": f"{tool_url}/lti/login",
            "launch_url": f"{tool_url}/lti/launch",
            "jwks_url": f"{tool_url}/lti/jwks",
        }
        added: dict[str, Any] = self.control("POST", "/tools", values | options)
        self.tool_id = added["id"]
        return added

    def tools(self) -> list[dict[str, Any]]:
        """The registered tools."""
        found: list[dict[str, Any]] = self.control("GET", "/state")["tools"]
        return found

    def add_link(
        self,
        course: int,
        title: str,
        *,
        graded: bool = True,
        custom: Mapping[str, str] | None = None,
        maximum: float = 100,
        url: str = "",
    ) -> int:
        """A new activity of the tool; answers its id."""
        body = {"tool": self.tool_id, "title": title, "custom": dict(custom or {}), "url": url}
        link: int = self.control("POST", f"/courses/{course}/links", body | {"maximum": maximum if graded else None})[
            "id"
        ]
        return link

    def links(self, course: int = COURSE) -> list[dict[str, Any]]:
        """The activities of a course."""
        found: list[dict[str, Any]] = self.control("GET", f"/courses/{course}/links")
        return found

    def columns(self, course: int = COURSE) -> list[dict[str, Any]]:
        """The gradebook: columns with `grades` by user id (score, raw, comment, overridden, modified_at)."""
        found: list[dict[str, Any]] = self.control("GET", f"/courses/{course}/grades")
        return found

    def scores(self, link: int) -> dict[str, float | None]:
        """What the gradebook shows for an activity: score by user id (a text)."""
        columns = self.control("GET", f"/links/{link}/grades")
        return {user: cell["score"] for column in columns for user, cell in column["grades"].items()}

    def override(self, item: int, user: int, value: float | None, comment: str = "") -> None:
        """A teacher's own grade in a column."""
        self.control("PUT", f"/items/{item}/grades/{user}", {"value": value, "comment": comment})

    def empty(self, item: int, user: int) -> None:
        """A teacher takes the grade away."""
        self.control("PUT", f"/items/{item}/grades/{user}", {"empty": True})

    def delete_column(self, item: int) -> None:
        """A teacher deletes a column with its grades."""
        self.control("DELETE", f"/items/{item}")

    def lock(self, item: int, locked: bool = True) -> None:
        """Lock a column."""
        self.control("PATCH", f"/items/{item}", {"locked": locked})

    def enrol(self, course: int, user: int, **changes: Any) -> None:
        """Put a person into a course, or change `role` (teacher, assistant, pupil) or `suspended`."""
        self.control("PUT", f"/courses/{course}/people/{user}", changes)

    def remove(self, course: int, user: int) -> None:
        """Take a person out of a course."""
        self.control("DELETE", f"/courses/{course}/people/{user}")

    def regroup(self, user: int, *groups: int) -> None:
        """Put a person into groups (1 and 2 in the first course, 3 and 4 in the second) and out of all others."""
        self.control("PUT", f"/people/{user}/groups", {"groups": groups})

    def customize(self, **custom: str) -> None:
        """Set the tool's own custom parameters, as its administrator would."""
        lines = "\n".join(f"{name}={value}" for name, value in custom.items())
        self.control("PATCH", f"/tools/{self.tool_id}", {"custom": lines})

    def copy_course(self, course: int, teacher: int = TEACHER) -> dict[str, Any]:
        """Restore a course as a new one: its id and the ids of its links."""
        twin: dict[str, Any] = self.control("POST", f"/courses/{course}/copy", {"person": teacher})
        return twin

    def fault(self, service: str, kind: str, **options: Any) -> None:
        """Let jwks, token, nrps or ags be slow, 500, 429, 401, html or hang; `times=1` for one call only."""
        self.control("PUT", f"/faults/{service}", {"kind": kind, **options})

    def switch(self, **switches: Any) -> None:
        """Change an LMS difference: roster_link, roster_page, storage, deep_link_data, accept_multiple."""
        self.control("PATCH", "/switches", switches)

    def tell_time(self, ahead: timedelta = timedelta(0)) -> None:
        """Let every answer of the school carry its time, as servers do."""
        inner = self.app.wsgi_app

        def dated(environ: Any, start: Any) -> Any:
            date = format_datetime(datetime.now(UTC) + ahead, usegmt=True)
            return inner(environ, lambda status, headers, info=None: start(status, [*headers, ("Date", date)], info))

        self.app.wsgi_app = dated  # type: ignore[method-assign]

    def privacy(self, *, names: bool, emails: bool) -> None:
        """Whether names and e-mail addresses are sent to the tool."""
        self.control("PATCH", f"/tools/{self.tool_id}", {"send_name": names, "send_email": emails})

    def rotate_key(self, *, keep_old: bool = True) -> str:
        """Sign with a new key from now on; answers its kid."""
        kid: str = self.control("POST", "/keys", {"keep_old": keep_old})["kid"]
        return kid

    def calls(self, service: str | None = None) -> list[dict[str, Any]]:
        """The latest service calls (service, method, path, status, at), oldest first."""
        found: list[dict[str, Any]] = self.control("GET", "/calls")
        return [call for call in found if service in (None, call["service"])]

    # ---- messages

    def launch(
        self,
        tool_client: FlaskClient,
        user: int,
        link: int,
        *,
        cookies: bool = True,
        follow: bool = True,
        claims: Callable[[Claims], Claims | None] | None = None,
        header: Mapping[str, Any] | None = None,
        key: Any = None,
        algorithm: str = "RS256",
        **options: Any,
    ) -> TestResponse:
        """Open an activity; the answer of the tool, after redirects unless `follow` is false.

        `claims` changes the payload in place or answers a new one, `header` adds to the JOSE header, `key` signs
        instead of the school's own key. `cookies=False` is a browser that blocks the frame's cookies.
        """
        message = self.begin(tool_client, person=user, link=link, cookies=cookies, **options)
        message.forge(self, claims, header, key, algorithm)
        return message.send(follow=follow)

    def deep_link(self, tool_client: FlaskClient, user: int, course: int, **options: Any) -> TestResponse:
        """Choose content for a course: the tool's picker page."""
        return self._send(
            tool_client,
            {"message": "LtiDeepLinkingRequest", "person": user, "course": course, "tool": self.tool_id},
            options,
        )

    def submission_review(
        self, tool_client: FlaskClient, user: int, link: int, pupil: int, **options: Any
    ) -> TestResponse:
        """Look at a pupil's work from the gradebook."""
        return self._send(
            tool_client,
            {"message": "LtiSubmissionReviewRequest", "person": user, "link": link, "pupil": pupil},
            options,
        )

    def _send(self, tool_client: FlaskClient, body: dict[str, Any], options: dict[str, Any]) -> TestResponse:
        hooks = {name: options.pop(name, None) for name in ("claims", "header", "key")}
        follow = options.pop("follow", True)
        message = self.begin(tool_client, **body, **options)
        message.forge(self, **hooks, algorithm="RS256")
        return message.send(follow=follow)

    def begin(self, tool_client: FlaskClient, *, cookies: bool = True, **body: Any) -> Message:
        """Everything up to the form that carries the id_token: LMS → tool's login → LMS."""
        client = tool_client if cookies else tool_client.application.test_client(use_cookies=False)
        login = self.control("POST", "/launches", body)
        redirected = client.post(login["action"], data=login["fields"])
        assert redirected.status_code == 302, f"login: {redirected.status} {redirected.text[:2000]}"
        return self.authorize(client, redirected.location)

    def login_form(self, **body: Any) -> Form:
        """The login form alone (person, link | course, tool; message), for tests of the login address."""
        login = self.control("POST", "/launches", body)
        return Form(login["action"], "post", login["fields"])

    def authorize(self, client: FlaskClient, location: str) -> Message:
        """The school's answer to an authorization request."""
        assert location.startswith(f"{self.url}/lti/auth?"), location
        page = self.app.test_client().get(location)
        assert page.status_code == 200, f"auth: {page.status} {page.text[:2000]}"
        form = read_forms(page.text, location)[0]
        return Message(client, form.action, form.fields)

    def accept(self, answer: TestResponse) -> dict[str, Any]:
        """Take the tool's deep linking answer (a page that posts itself): id, items, message and error of the draft."""
        forms = [form for form in read_forms(answer.text, self.url) if "JWT" in form.fields]
        assert forms, f"no deep linking answer: {answer.status} {answer.text[:2000]}"
        page = self.return_content(forms[0])
        assert page.status_code == 200, f"the LMS refuses the content: {page.status} {page.text[:2000]}"
        anchor = page.text.partition("/drafts/")[2]
        draft: dict[str, Any] = self.control("GET", f"/drafts/{anchor.partition(chr(34))[0]}")
        return draft

    def return_content(self, form: Form) -> TestResponse:
        """Post a deep linking answer, good or bad."""
        return self.app.test_client().post(form.action, data=form.fields)

    def save(self, draft: Mapping[str, Any]) -> list[int]:
        """Save a draft's items as the teacher would: ids of the new activities."""
        links: list[int] = self.control("POST", f"/drafts/{draft['id']}/save")["links"]
        return links


@dataclass
class Message:
    """A signed message on its way to the tool."""

    client: FlaskClient
    action: str
    fields: dict[str, str]

    @property
    def claims(self) -> Claims:
        decoded: Claims = jwt.decode(self.fields["id_token"], options={"verify_signature": False})
        return decoded

    def forge(
        self,
        school: School,
        claims: Callable[[Claims], Claims | None] | None = None,
        header: Mapping[str, Any] | None = None,
        key: Any = None,
        algorithm: str = "RS256",
    ) -> None:
        """Sign again with changed claims, header or key; nothing happens when all are None."""
        if claims is None and header is None and key is None and algorithm == "RS256":
            return
        payload = self.claims
        if claims is not None:
            payload = claims(payload) or payload
        own = school.control("GET", "/keys")
        headers = {"kid": own["kid"], **(header or {})}
        headers = {name: value for name, value in headers.items() if value is not None}
        self.fields["id_token"] = jwt.encode(payload, key or own["pem"], algorithm=algorithm, headers=headers)

    def send(self, *, follow: bool = True) -> TestResponse:
        """Post it to the tool."""
        return self.client.post(self.action, data=self.fields, follow_redirects=follow)


# ---- pages


def submit(client: FlaskClient, form: Form, *, follow: bool = True, **values: Any) -> TestResponse:
    """Send a form as a browser does, with `values` typed in."""
    return client.open(form.action, method=form.method.upper(), data={**form.fields, **values}, follow_redirects=follow)


# ---- requests in process

_allowed_seconds: ContextVar[float] = ContextVar("allowed_seconds", default=30.0)


class _TookTooLong(Exception):
    pass


def _sleep(seconds: float) -> None:
    """A slow service costs a test no time: too slow is a timeout, the rest passes at once."""
    if seconds > _allowed_seconds.get():
        raise _TookTooLong


class WsgiAdapter(BaseAdapter):
    """Sends the requests of a requests.Session to a WSGI application in this process."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.app = app

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """One request; slower than `timeout` is requests.ReadTimeout."""
        seconds = timeout[-1] if isinstance(timeout, tuple) else timeout
        token = _allowed_seconds.set(float(seconds) if seconds else 30.0)
        try:
            return self._answer(request)
        except _TookTooLong as error:
            raise requests.ReadTimeout(request=request) from error
        finally:
            _allowed_seconds.reset(token)

    def _answer(self, request: requests.PreparedRequest) -> requests.Response:
        assert request.url is not None
        assert request.method is not None
        parts = urlsplit(request.url)
        answer = Client(self.app).open(
            path=parts.path or "/",
            base_url=f"{parts.scheme}://{parts.netloc}",
            query_string=parts.query,
            method=request.method,
            headers=dict(request.headers),
            data=request.body,
        )
        response = requests.Response()
        response.status_code = answer.status_code
        response.reason = answer.status.partition(" ")[2]
        response.headers.update(answer.headers)
        response.url, response.request = request.url, request
        response.raw = HTTPResponse(
            BytesIO(answer.data), headers=dict(answer.headers), status=answer.status_code, preload_content=False
        )
        response.encoding = requests.utils.get_encoding_from_headers(response.headers)
        answer.close()
        return response

    def close(self) -> None:
        """Nothing is kept open."""
