"""Handing mail to a server: encrypted or not at all, and every refusal in words that name no address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from lti_tool.core import mail
from lti_tool.core.mail import MailNotSent, send_mail
from tests.conftest import MakeApp
from tests.factories.mail import PostOffice, post_office

TO = "pavel@museum.example"


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as running:
        yield running


def test_a_mail_arrives(make_app: MakeApp, office: PostOffice) -> None:
    with make_app(mail=office.server).app_context():
        send_mail(to=TO, subject="Тема", text="Привет!\n")
    (message,) = office.messages
    assert (message["To"], message["From"], message["Subject"]) == (TO, "together@tool.example", "Тема")
    assert message.get_content().strip() == "Привет!"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@tool.example>")


@pytest.mark.parametrize(
    ("refusals", "code", "again"),
    [
        ({"RCPT": "550 unknown"}, "recipient", False),
        ({"RCPT": "451 later"}, "recipient", True),
        ({"MAIL": "553 not you"}, "sender", False),
        ({"DATA": "554 spam"}, "refused", False),
        ({"DATA": "452 full"}, "refused", True),
    ],
)
def test_a_refusal_says_whether_to_try_again(
    make_app: MakeApp, office: PostOffice, refusals: dict[str, str], code: str, again: bool
) -> None:
    office.refusals.update(refusals)
    with make_app(mail=office.server).app_context(), pytest.raises(MailNotSent) as refused:
        send_mail(to=TO, subject="A", text="b")
    assert (refused.value.code, refused.value.again) == (code, again)
    assert TO not in str(refused.value.message)


def test_nobody_there(make_app: MakeApp) -> None:
    with post_office() as office:
        server = office.server
    with make_app(mail=server).app_context(), pytest.raises(MailNotSent) as refused:
        send_mail(to=TO, subject="A", text="b")
    assert (refused.value.code, refused.value.again) == ("unreachable", True)


def test_a_server_elsewhere_must_encrypt(
    make_app: MakeApp, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail.MailServer, "is_local", property(lambda _server: False))
    server = replace(office.server, user="me", password="word")
    with make_app(mail=server).app_context(), pytest.raises(MailNotSent) as refused:
        send_mail(to=TO, subject="A", text="b")
    assert refused.value.code == "no_tls"
    assert office.messages == []


def test_a_password_needs_encryption_where_it_is_promised_and_not_kept(make_app: MakeApp, office: PostOffice) -> None:
    server = replace(office.server, tls_at_once=True)
    with make_app(mail=server).app_context(), pytest.raises(MailNotSent) as refused:
        send_mail(to=TO, subject="A", text="b")
    assert refused.value.code == "no_tls"


def test_the_command_tells_what_is_wrong(make_app: MakeApp, office: PostOffice) -> None:
    runner = make_app(mail=office.server).test_cli_runner()
    assert "took it" in runner.invoke(args=["mail", "test", TO]).output
    office.refusals["RCPT"] = "550 unknown"
    refused = runner.invoke(args=["mail", "test", TO])
    assert refused.exit_code == 1
    assert "does not take mail for this address" in refused.output
    unset = make_app().test_cli_runner().invoke(args=["mail", "test", TO])
    assert "LTI_TOOL_SMTP_URL" in unset.output
