"""The guarded session against servers of this test: what it contacts, what it takes, and how long it waits."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from lti_tool.core import http
from lti_tool.core.http import AllowList, GuardedSession, guarded_session

Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """A loopback server whose answer a test chooses; it counts connections and requests."""

    def __init__(self) -> None:
        outer = self
        self.answer: Answer = plain(b"fine")
        self.requests = 0
        self.connections = 0
        self.hosts: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                outer.connections += 1
                super().setup()

            def do_POST(self) -> None:
                self.do_GET()

            def do_GET(self) -> None:
                outer.requests += 1
                outer.hosts.append(self.headers["Host"])
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.answer(self)

            def log_message(self, *_args: object) -> None:
                """Quiet."""

        class Quiet(ThreadingHTTPServer):
            request_queue_size = 64

            def handle_error(self, *_args: object) -> None:
                """Clients of these tests hang up on purpose."""

        self.http = Quiet(("127.0.0.1", 0), Handler)
        self.port = self.http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


def plain(body: bytes, status: int = 200, **headers: str) -> Answer:
    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return send


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture
def session() -> Iterator[GuardedSession]:
    with guarded_session(("127.0.0.0/8",)) as made:
        yield made


def resolve(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name resolve to these addresses; returns the names asked for."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def lookup(host: str, port: int, *rest: Any, **kind: Any) -> Any:
        if host in addresses:
            return real(host, port, *rest, **kind)
        asked.append(host)
        return [
            (socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return asked


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
    ],
)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not http.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::808:808"])
def test_addresses_outside_are_public(address: str) -> None:
    assert http.is_public(ipaddress.ip_address(address))


def test_nothing_private_is_contacted_by_default(server: Server) -> None:
    with guarded_session() as session:
        for url in (server.url, server.url.replace("http:", "https:"), server.url.replace("127.0.0.1", "localhost")):
            with pytest.raises(http.Blocked):
                session.get(url)
    assert server.connections == 0


@pytest.mark.parametrize("url", ["http://2130706433/", "http://0x7f.1/", "http://[::ffff:127.0.0.1]/"])
def test_odd_spellings_of_loopback_are_blocked(url: str) -> None:
    with guarded_session() as session, pytest.raises((http.Blocked, http.Unreachable)):
        session.get(url)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.org/", "//example.org", "", "https://", "http://[x"]
)
def test_what_is_no_web_address_is_blocked(session: GuardedSession, url: str) -> None:
    with pytest.raises(http.Blocked, match="bad_url"):
        session.get(url)


def test_one_private_record_among_public_ones_blocks_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(monkeypatch, "93.184.216.34", "10.0.0.1")
    with guarded_session() as session, pytest.raises(http.Blocked, match="private_address"):
        session.get("https://lms.example.org/")


def test_plain_http_needs_an_allowance(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(monkeypatch, "93.184.216.34")
    with guarded_session() as session, pytest.raises(http.Blocked, match="insecure_scheme"):
        session.get("http://lms.example.org/")


def test_connects_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    asked = resolve(monkeypatch, "127.0.0.1")
    with guarded_session((f"moodle.test:{server.port}",)) as session:
        assert session.get(f"http://moodle.test:{server.port}/").text == "fine"
    assert asked == ["moodle.test"]  # a second look-up could have answered differently
    assert server.hosts == [f"moodle.test:{server.port}"]


def test_an_allowed_host_with_a_port_opens_no_other_port(server: Server) -> None:
    with guarded_session((f"127.0.0.1:{server.port + 1}",)) as session, pytest.raises(http.Blocked):
        session.get(server.url)


def test_allowing_ipv4_loopback_allows_localhost_by_both_addresses() -> None:
    both = [ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1")]
    AllowList(("127.0.0.0/8",)).check("http", "localhost", 8081, list(both))
    with pytest.raises(http.Blocked):
        AllowList(("10.0.0.0/8",)).check("http", "localhost", 8081, list(both))


def test_redirects_are_handed_over_not_followed(session: GuardedSession, server: Server) -> None:
    server.answer = plain(b"x" * 1000, 302, Location="http://169.254.169.254/")
    assert session.get(server.url).status_code == 302
    assert server.requests == 1


def test_the_environment_chooses_no_proxy(
    session: GuardedSession, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert session.get(server.url).text == "fine"


@pytest.mark.parametrize(("announced", "status"), [(True, 200), (False, 200), (False, 302)])
def test_an_answer_over_the_cap_is_refused(
    session: GuardedSession, server: Server, announced: bool, status: int
) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Location", "/more")
        if announced:
            handler.send_header("Content-Length", str(10**9))
        handler.send_header("Connection", "close")
        handler.end_headers()
        for _chunk in range(100):
            handler.wfile.write(b"x" * 16384)

    server.answer = endless
    with pytest.raises(http.TooLarge):
        session.get(server.url)


def test_a_compressed_answer_counts_at_its_full_size(session: GuardedSession, server: Server) -> None:
    server.answer = plain(gzip.compress(b"0" * 10_000_000), Content_Encoding="gzip")
    with pytest.raises(http.TooLarge):
        session.get(server.url)


def test_the_cap_can_be_lifted_for_a_call(session: GuardedSession, server: Server) -> None:
    server.answer = plain(b"x" * 300_000)
    assert len(session.request("GET", server.url, max_bytes=400_000).content) == 300_000


@pytest.mark.parametrize("in_headers", [True, False])
def test_a_dripping_answer_is_cut(session: GuardedSession, server: Server, in_headers: bool) -> None:
    stop = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + (b"X: " if in_headers else b"Content-Length: 100000\r\n\r\n"))
        try:
            while not stop.wait(0.05):
                handler.wfile.write(b"x")
                handler.wfile.flush()
        except OSError:
            pass
        handler.close_connection = True

    server.answer = drip
    with pytest.raises(http.TimedOut, match="total"):
        session.request("GET", server.url, deadline=0.4)
    stop.set()


def test_silence_times_out(session: GuardedSession, server: Server) -> None:
    stop = threading.Event()

    def hang(handler: BaseHTTPRequestHandler) -> None:
        stop.wait(5)
        handler.close_connection = True

    server.answer = hang
    with pytest.raises(http.TimedOut):
        session.request("POST", server.url, timeout=(1, 0.2))
    stop.set()


def test_a_closed_port_is_unreachable(session: GuardedSession) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(http.Unreachable, match="connect"):
        session.get(f"http://127.0.0.1:{port}/")


def test_a_name_that_does_not_exist_is_unreachable(session: GuardedSession, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_args: object, **_kind: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    with pytest.raises(http.Unreachable, match="dns"):
        session.get("https://no.example/")


def test_a_server_without_tls_is_told_apart(session: GuardedSession, server: Server) -> None:
    with pytest.raises(http.Unreachable, match="tls"):
        session.get(server.url.replace("http:", "https:"))


def test_a_stumbling_gateway_is_asked_again_for_a_get_only(session: GuardedSession, server: Server) -> None:
    def stumble_once(handler: BaseHTTPRequestHandler) -> None:
        plain(b"", 503 if server.requests == 1 else 200)(handler)

    server.answer = stumble_once
    assert session.get(server.url).status_code == 200
    server.requests = 0
    assert session.post(server.url).status_code == 503


def test_platforms_leave_no_cookies(session: GuardedSession, server: Server) -> None:
    server.answer = plain(b"", Set_Cookie="who=you")
    session.get(server.url)
    assert not list(session.cookies)


def test_connections_are_kept_and_shared_by_threads(session: GuardedSession, server: Server) -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.02)
        plain(b"fine")(handler)

    server.answer = slow
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda _n: session.get(server.url).text, range(128)))
    assert answers == ["fine"] * 128
    assert server.connections <= 32


def test_errors_tell_nothing_about_the_address(session: GuardedSession, server: Server) -> None:
    server.answer = plain(b"<html>Ivanov</html>")
    with pytest.raises(http.BadAnswer) as caught:
        http.json_of(session.get(server.url + "?secret=1"))
    assert str(caught.value) == "not_json"
    assert caught.value.__cause__ is None
