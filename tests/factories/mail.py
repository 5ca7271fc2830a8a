"""A mail server on a socket of this machine that keeps what it is handed."""

from __future__ import annotations

import email
import re
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from threading import Thread

from lti_tool.core.settings import MailServer


@dataclass
class PostOffice:
    """What was handed in; `refusals` maps the beginning of a command to the answer it gets instead."""

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)

    @property
    def server(self) -> MailServer:
        return MailServer(host="127.0.0.1", port=self.port, sender="together@tool.example")

    def digits(self) -> str:
        """The code in the newest mail."""
        found = re.search(r"^(\d{6})\s*$", self.messages[-1].get_content(), re.MULTILINE)
        assert found
        return found[1]


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """Run one."""
    office = PostOffice()

    class Talk(socketserver.StreamRequestHandler):
        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

        def handle(self) -> None:
            self.say("220 here")
            while line := self.rfile.readline().decode().strip():
                refused = next(
                    (text for start, text in office.refusals.items() if line.upper().startswith(start)), None
                )
                if refused:
                    self.say(refused)
                elif line.upper() == "DATA":
                    self.say("354 go on")
                    self.take()
                    self.say("250 taken")
                elif line.upper() == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 well")

        def take(self) -> None:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line.removeprefix(b"."))
            message = email.message_from_bytes(b"".join(lines), policy=default)
            assert isinstance(message, EmailMessage)
            office.messages.append(message)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        server.daemon_threads = True
        office.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield office
        server.shutdown()
        thread.join()
