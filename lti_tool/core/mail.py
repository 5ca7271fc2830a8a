"""Sending mail through the installation's server: always from a job, never while a page waits."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

from flask_babel import lazy_gettext as _l

from lti_tool.core.errors import DomainError
from lti_tool.core.settings import MailServer, current_settings

TIMEOUT = 20
"""Seconds for each step of the conversation with the server; the whole stays below a job's lease."""


class MailNotSent(DomainError):
    """The server did not take a mail. `code` says why in a word, `again` whether a later try may do better."""

    status = 502

    def __init__(self, code: str, *, again: bool) -> None:
        super().__init__(_WORDS[code])
        self.code, self.again = code, again


_WORDS = {
    "not_set": _l("This installation sends no mail: LTI_TOOL_SMTP_URL and LTI_TOOL_MAIL_FROM are not set."),
    "unreachable": _l("The mail server cannot be reached. Check host and port of LTI_TOOL_SMTP_URL, and the firewall."),
    "no_tls": _l(
        "The mail server offers no encryption (STARTTLS), or its certificate is not valid for this host. "
        "Nothing was sent."
    ),
    "sign_in": _l("The mail server refused the user or password in LTI_TOOL_SMTP_URL."),
    "sender": _l("The mail server does not take mail from LTI_TOOL_MAIL_FROM."),
    "recipient": _l("The mail server does not take mail for this address."),
    "refused": _l("The mail server refused the mail."),
}


def mail_is_set() -> bool:
    """Whether this installation can send mail at all."""
    return current_settings().mail is not None


def send_mail(*, to: str, subject: str, text: str) -> None:
    """Hand one mail over to the server. Raises MailNotSent, which names no address."""
    server = current_settings().mail
    if server is None:
        raise MailNotSent("not_set", again=False)
    try:
        with _connect(server) as connection:
            connection.send_message(_message(server, to, subject, text), server.sender, [to])
    except MailNotSent:
        raise
    except smtplib.SMTPAuthenticationError:
        raise MailNotSent("sign_in", again=True) from None
    except smtplib.SMTPSenderRefused as error:
        raise MailNotSent("sender", again=_passes(error.smtp_code)) from None
    except smtplib.SMTPRecipientsRefused as error:
        again = all(_passes(code) for code, _said in error.recipients.values())
        raise MailNotSent("recipient", again=again) from None
    except smtplib.SMTPNotSupportedError:
        raise MailNotSent("refused", again=False) from None
    except smtplib.SMTPResponseException as error:
        raise MailNotSent("refused", again=_passes(error.smtp_code)) from None
    except ssl.SSLError:
        raise MailNotSent("no_tls", again=True) from None
    except (smtplib.SMTPException, OSError):
        raise MailNotSent("unreachable", again=True) from None


def _connect(server: MailServer) -> smtplib.SMTP:
    """A connection that is encrypted (a server on this machine may do without) and signed in."""
    safe: dict[str, Any] = {"context": ssl.create_default_context()}
    if server.tls_at_once:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, **safe)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    try:
        connection.ehlo()
        if not server.tls_at_once and connection.has_extn("starttls"):
            connection.starttls(**safe)
        elif not server.tls_at_once and not server.is_local:
            raise MailNotSent("no_tls", again=True)
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _message(server: MailServer, to: str, subject: str, text: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = server.sender, to, subject
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=server.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def _passes(code: int) -> bool:
    """4xx: the server asks to try later."""
    return 400 <= code < 500
