"""The one way out: a requests session that contacts only public https addresses, with time and size limits.

Addresses come from strangers (registrations, signed claims), so each connection looks its host up, checks every
address found, and connects to one of the checked addresses: a second look-up could answer differently. TLS and the
Host header still use the name. Redirects are not followed and the environment's proxies are not used.
"""

from __future__ import annotations

import heapq
import ipaddress
import os
import socket
import threading
import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.util.retry import Retry

MAX_BYTES = 256 * 1024
"""Largest answer taken unless the caller says otherwise."""
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
"""Longest silence of the other side."""
TOTAL_SECONDS = 20.0
"""Longest a whole call may take, however steadily it drips."""
POOL_CONNECTIONS = 32
"""Kept open per host, and number of hosts: more calls at once work, but open new connections."""
USER_AGENT = "SchoolsTogether/1 (LTI tool)"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class RemoteError(Exception):
    """The other side could not be used. `reason` is a short code; nothing of the address or answer is kept."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Blocked(RemoteError):
    """The address is not one we contact: insecure_scheme, private_address, bad_url."""


class Unreachable(RemoteError):
    """No connection: dns, connect, tls, broken."""


class TimedOut(RemoteError):
    """connect, read, or total."""


class TooLarge(RemoteError):
    """The answer is larger than allowed."""


class BadAnswer(RemoteError):
    """The answer is not what it should be: encoding, not_json."""


class AllowList:
    """Hosts (with or without port) and networks that may be contacted although private or without TLS."""

    def __init__(self, entries: tuple[str, ...]) -> None:
        self._hosts = {entry.lower() for entry in entries if "/" not in entry}
        self._networks: list[Network] = [ipaddress.ip_network(entry, strict=False) for entry in entries if "/" in entry]
        if any(network.version == 4 and network.is_loopback for network in self._networks):
            # "localhost" has both addresses, and who allows one of them means both
            self._networks.append(ipaddress.ip_network("::1/128"))

    def check(self, scheme: str, host: str, port: int, addresses: list[Address]) -> None:
        """Raises Blocked unless every address may be contacted in this way."""
        name = f"[{host}]" if ":" in host else host.lower()
        if name in self._hosts or f"{name}:{port}" in self._hosts:
            return
        allowed = [any(address in network for network in self._networks) for address in addresses]
        if scheme != "https" and not all(allowed):
            raise Blocked("insecure_scheme")
        if not all(named or is_public(address) for named, address in zip(allowed, addresses, strict=True)):
            raise Blocked("private_address")


def is_public(address: Address) -> bool:
    """Whether the address is out on the internet, also when it wraps an IPv4 address."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _wrapped(address)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


def _wrapped(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address inside a mapped, 6to4, Teredo or NAT64 address."""
    if address.teredo is not None:
        return address.teredo[1]
    if address in ipaddress.ip_network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


class _Watch(threading.local):
    """What the call in this thread may still do; the connections made or reused for it note their socket here."""

    def __init__(self) -> None:
        self.current: _Deadline | None = None


class _Deadline:
    """Cuts the connection when a call takes too long in all: a dripping server never trips the read timeout.

    Connecting and the TLS handshake are each bounded by the connect timeout as a whole, so cutting begins after them.
    """

    def __init__(self, seconds: float) -> None:
        self.ends = time.monotonic() + seconds
        self.passed = False
        self.over = False
        self._socket: socket.socket | None = None

    def __enter__(self) -> _Deadline:
        _watch.current = self
        _alarm.add(self)
        return self

    def __exit__(self, *_exc: object) -> None:
        _watch.current = None
        self.over, self._socket = True, None

    def __lt__(self, other: _Deadline) -> bool:
        return self.ends < other.ends

    def watch(self, sock: socket.socket | None) -> None:
        self._socket = sock
        if self.passed:
            self.cut()

    def cut(self) -> None:
        self.passed = True
        sock = self._socket
        try:
            if sock is not None and not self.over:
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
        except OSError:
            pass  # closed meanwhile


class _Alarm:
    """One thread that cuts what is over its time: a timer for each call would be a thread for each call."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._deadlines: list[_Deadline] = []
        self._owner = 0
        """Process whose thread it is: a forked child starts its own."""

    def add(self, deadline: _Deadline) -> None:
        with self._changed:
            if self._owner != os.getpid():
                self._owner, self._deadlines = os.getpid(), []
                threading.Thread(target=self._run, name="http-deadlines", daemon=True).start()
            heapq.heappush(self._deadlines, deadline)
            if self._deadlines[0] is deadline:
                self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while self._deadlines and self._deadlines[0].over:
                    heapq.heappop(self._deadlines)
                now = time.monotonic()
                due = heapq.heappop(self._deadlines) if self._deadlines and self._deadlines[0].ends <= now else None
                if due is None:
                    self._changed.wait(self._deadlines[0].ends - now if self._deadlines else None)
            if due is not None:
                due.cut()


_alarm = _Alarm()
_watch = _Watch()


def _connect(connection: HTTPConnection, scheme: str, allow: AllowList) -> socket.socket:
    """Look the host up, check what was found, connect to it."""
    host = connection.host.strip("[]").rstrip(".")
    port = connection.port or connection.default_port
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable("dns") from None
    addresses = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
    allow.check(scheme, host, port, [ipaddress.ip_address(address) for address in addresses])
    timeout = connection.timeout if isinstance(connection.timeout, int | float) else CONNECT_SECONDS
    last: OSError = OSError("no address")
    for address in addresses:
        try:
            sock = socket.create_connection((address, port), timeout, connection.source_address)
        except OSError as error:
            last = error
            continue
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock
    if isinstance(last, TimeoutError):
        raise ConnectTimeoutError(connection, "timed out") from last
    raise NewConnectionError(connection, "no connection") from last


class _Http(HTTPConnection):
    allow: AllowList

    def _new_conn(self) -> socket.socket:
        return _connect(self, "http", self.allow)

    def request(self, *args: Any, **kwargs: Any) -> None:
        super().request(*args, **kwargs)
        if _watch.current is not None:
            _watch.current.watch(self.sock)


class _Https(HTTPSConnection):
    allow: AllowList

    def _new_conn(self) -> socket.socket:
        return _connect(self, "https", self.allow)

    def request(self, *args: Any, **kwargs: Any) -> None:
        super().request(*args, **kwargs)
        if _watch.current is not None:
            _watch.current.watch(self.sock)


class GuardedAdapter(HTTPAdapter):
    """Sends through guarded connections; connects again once, and repeats a GET when a gateway stumbles."""

    def __init__(self, allow: AllowList) -> None:
        self._allow = allow
        retry = Retry(
            total=2,
            connect=1,
            read=1,
            status=1,
            redirect=0,
            other=0,
            allowed_methods=frozenset({"GET"}),
            status_forcelist=(502, 503, 504),
            backoff_factor=0.2,
            respect_retry_after_header=False,
            raise_on_status=False,
        )
        super().__init__(pool_connections=POOL_CONNECTIONS, pool_maxsize=POOL_CONNECTIONS, max_retries=retry)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        members = {"allow": self._allow}
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("_HttpPool", (HTTPConnectionPool,), {"ConnectionCls": type("_Http", (_Http,), members)}),
            "https": type("_HttpsPool", (HTTPSConnectionPool,), {"ConnectionCls": type("_Https", (_Https,), members)}),
        }


class GuardedSession(requests.Session):
    """requests.Session with the guard built in: call get, post or request as usual; only RemoteError is raised.

    `request(..., max_bytes=, deadline=)` lifts the limits (bytes, seconds) for one call. Safe for many threads.
    """

    def __init__(self, allow: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # platforms share this session
        self.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"})
        adapter = GuardedAdapter(AllowList(allow))
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None ever: requests would read a redirect's whole body to find out where it could go."""

    def request(
        self,
        method: str | bytes,
        url: str | bytes,
        *args: Any,
        max_bytes: int = MAX_BYTES,
        deadline: float = TOTAL_SECONDS,
        **kwargs: Any,
    ) -> requests.Response:
        """The answer, read to its end. Raises RemoteError and nothing else."""
        kwargs |= {"allow_redirects": False, "stream": True}
        kwargs.setdefault("timeout", (min(CONNECT_SECONDS, deadline), min(READ_SECONDS, deadline)))
        with _Deadline(deadline) as limit:
            try:
                response = super().request(method, url, *args, **kwargs)
                try:
                    _read(response, max_bytes, limit)
                finally:
                    response.close()  # after a whole answer this only gives the connection back
            except (requests.RequestException, HTTPError, OSError, ValueError) as error:
                raise TimedOut("total") if limit.passed else _translated(error) from None
        return response


def _read(response: requests.Response, max_bytes: int, limit: _Deadline) -> None:
    length = response.headers.get("Content-Length", "")
    if length.isdigit() and int(length) > max_bytes:
        raise TooLarge("too_large")
    body = bytearray()
    for chunk in response.iter_content(16 * 1024):
        body += chunk
        if len(body) > max_bytes:
            raise TooLarge("too_large")
        if time.monotonic() > limit.ends:
            raise TimedOut("total")
    if limit.passed:  # a cut connection can look like the end of the answer
        raise TimedOut("total")
    response._content = bytes(body)


def _translated(error: Exception) -> RemoteError:
    """The error in our words; the libraries' own texts hold addresses."""
    kinds: tuple[tuple[type[Exception], RemoteError], ...] = (
        (requests.ConnectTimeout, TimedOut("connect")),
        (requests.Timeout, TimedOut("read")),
        (TimeoutError, TimedOut("read")),
        (requests.exceptions.SSLError, Unreachable("tls")),
        (requests.exceptions.ContentDecodingError, BadAnswer("encoding")),
        (requests.exceptions.ChunkedEncodingError, Unreachable("broken")),
        (requests.ConnectionError, Unreachable("connect")),
        (requests.RequestException, Blocked("bad_url")),
        (HTTPError, Unreachable("broken")),
        (OSError, Unreachable("broken")),
    )
    return next((ours for kind, ours in kinds if isinstance(error, kind)), Blocked("bad_url"))


def guarded_session(allow: tuple[str, ...] = ()) -> GuardedSession:
    """A session; `allow` names host[:port] or networks that may be private or plain http."""
    return GuardedSession(allow)


def json_of(response: requests.Response) -> Any:
    """The answer's JSON. Raises BadAnswer."""
    try:
        return response.json()
    except (ValueError, RecursionError):
        raise BadAnswer("not_json") from None
