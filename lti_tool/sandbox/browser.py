"""The little of a browser that is needed to walk through pages over HTTP: forms, cookies, redirects."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import Cookie
from typing import Any
from urllib.parse import urljoin

import requests
from requests.cookies import RequestsCookieJar

TIMEOUT = 30
"""Seconds for one page."""


@dataclass
class Form:
    """One form of a page, with the values a browser would send when nobody changes anything."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    target: str = ""


def read_forms(page: str, base: str) -> list[Form]:
    """All forms of a page; addresses are made absolute from `base`."""
    parser = _Forms(base)
    parser.feed(page)
    return parser.forms


class _LoopbackCookies(RequestsCookieJar):
    """Sends secure cookies over plain http as well: a policy would be lost where requests copies its jar."""

    def set_cookie(self, cookie: Cookie, *args: Any, **kwargs: Any) -> None:
        cookie.secure = False
        super().set_cookie(cookie, *args, **kwargs)


class Browser:
    """A browser that takes secure cookies on loopback, as real ones do on localhost."""

    def __init__(self) -> None:
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.cookies = _LoopbackCookies()

    def open(self, url: str) -> requests.Response:
        """Go to an address; raises requests.HTTPError for an error page."""
        answer = self.http.get(url, timeout=TIMEOUT)
        answer.raise_for_status()
        return answer

    def submit(self, form: Form, **typed: str | list[str]) -> requests.Response:
        """Send a form with values typed in or ticked; raises requests.HTTPError for an error page."""
        values: dict[str, str | list[str]] = {**form.fields, **typed}
        if form.method == "post":
            answer = self.http.post(form.action, data=values, timeout=TIMEOUT)
        else:
            answer = self.http.get(form.action, params=values, timeout=TIMEOUT)
        answer.raise_for_status()
        return answer

    def posting(self, page: requests.Response) -> list[Form]:
        """The forms of a page that change something."""
        return [form for form in read_forms(page.text, page.url) if form.method == "post"]


class _Forms(HTMLParser):
    """Collects forms; buttons are left out because nobody has pressed one."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base
        self.forms: list[Form] = []
        self._inside = False
        self._select = ""
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self.base, values.get("action") or self.base)
            self.forms.append(Form(action, values.get("method", "get").lower(), target=values.get("target", "")))
            self._inside = True
        elif self._inside:
            self._field(tag, values)

    def _field(self, tag: str, values: dict[str, str]) -> None:
        fields, name = self.forms[-1].fields, values.get("name", "")
        if tag == "input":
            self._input(values)
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            if "selected" in values or self._select not in fields:
                fields[self._select] = values.get("value", "")
        elif tag == "textarea":
            self._textarea = name
            fields[name] = ""

    def _input(self, values: dict[str, str]) -> None:
        kind, name = values.get("type", "text"), values.get("name", "")
        chosen = kind not in ("checkbox", "radio") or "checked" in values
        if name and chosen and kind not in ("submit", "button", "file", "image", "reset"):
            self.forms[-1].fields[name] = values.get("value", "on" if kind in ("checkbox", "radio") else "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._inside and self._textarea:
            self.forms[-1].fields[self._textarea] += data
