"""The one way out: a requests session that contacts only public https addresses, with time and size limits.

Addresses come from strangers (registrations, signed claims), so each connection looks its host up, checks every
address found, and connects to one of the checked addresses: a second look-up could answer differently. TLS and the
Host header still use the name. Redirects are not followed and the environment's proxies are not used.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterator, Mapping
from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_encoding_from_headers
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    HTTPError,
    LocationValueError,
    MaxRetryError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import Timeout, parse_url
from urllib3.util.retry import Retry

from lti_tool.core.deadlines import Deadline, watching

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


class _Guarded(HTTPConnection):
    """A connection to a checked address, cut when the call takes too long.

    Head and body of a request leave together: two pieces cost a packet and a system call more.
    """

    allow: AllowList
    _held: bytearray | None = None

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._held = bytearray()
        try:
            super().request(*args, **kwargs)
        finally:
            held, self._held = self._held, None
        self.send(held)
        if watching.current is not None:
            watching.current.watch(self.sock)

    def send(self, data: Any) -> None:
        if self._held is not None and isinstance(data, bytes):
            self._held += data
        else:
            super().send(data)


class _Http(_Guarded):
    def _new_conn(self) -> socket.socket:
        return _connect(self, "http", self.allow)


class _Https(_Guarded, HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self, "https", self.allow)


_parsed = lru_cache(maxsize=1024)(parse_url)
_VERIFY = {"cert_reqs": "CERT_REQUIRED", "ca_certs": DEFAULT_CA_BUNDLE_PATH}
"""As requests verifies a server's certificate."""


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

    def begin(
        self,
        method: str,
        url: str,
        headers: Mapping[str, Any],
        *,
        timeout: Any,
        data: bytes | None = None,
        **_more: Any,
    ) -> tuple[requests.Response, Iterator[bytes]]:
        """Send past requests' own preparations. Raises urllib3's errors and RemoteError."""
        parts = _parsed(url)
        if parts.scheme not in ("http", "https") or not parts.host:
            raise LocationValueError("no web address")
        pool = self.poolmanager.connection_from_host(parts.host, parts.port, parts.scheme, pool_kwargs=_VERIFY)
        raw = pool.urlopen(
            method,
            parts.request_uri,
            body=data,
            headers=headers,
            retries=self.max_retries,
            redirect=False,
            assert_same_host=False,
            timeout=Timeout(*timeout),
            preload_content=False,
        )
        response = requests.Response()
        response.status_code, response.raw, response.url = raw.status, raw, url
        response.headers = CaseInsensitiveDict(raw.headers)
        response.encoding = get_encoding_from_headers(response.headers)
        return response, raw.stream(CHUNK, decode_content=True)

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
        self._always = dict(self.headers)
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
        kwargs.setdefault("timeout", (min(CONNECT_SECONDS, deadline), min(READ_SECONDS, deadline)))
        with Deadline(deadline) as limit:
            try:
                response, chunks = self._begin(method, url, *args, **kwargs)
                try:
                    _read(response, chunks, max_bytes, limit)
                finally:
                    response.close()  # after a whole answer this only gives the connection back
            except (requests.RequestException, HTTPError, OSError, ValueError) as error:
                raise TimedOut("total") if limit.passed else _translated(error) from None
        return response

    def _begin(
        self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any
    ) -> tuple[requests.Response, Iterator[bytes]]:
        """The answer's head, and its body to come.

        Bytes to an address of ours go straight to the pool of connections: what requests does for each call (merging
        settings, preparing, cookies, hooks) takes three quarters of the time, and none of it is wanted.
        """
        wanted = {name: value for name, value in kwargs.items() if value is not None and name not in _OURS}
        data = wanted.get("data")
        if isinstance(method, str) and isinstance(url, str) and not args and wanted.keys() <= _PLAIN:
            adapter = self.get_adapter(url)
            if isinstance(adapter, GuardedAdapter) and isinstance(data, bytes | None):
                headers = {**self._always, **wanted.get("headers", {})}
                return adapter.begin(method, url, headers, timeout=wanted["timeout"], data=data)
        response = super().request(method, url, *args, **wanted | {"allow_redirects": False, "stream": True})
        return response, response.iter_content(CHUNK)


_OURS = frozenset({"allow_redirects", "stream"})
_PLAIN = frozenset({"headers", "data", "timeout"})
CHUNK = 64 * 1024


def _read(response: requests.Response, chunks: Iterator[bytes], max_bytes: int, limit: Deadline) -> None:
    length = response.headers.get("Content-Length", "")
    if length.isdigit() and int(length) > max_bytes:
        raise TooLarge("too_large")
    body = bytearray()
    for chunk in chunks:
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
    if isinstance(error, MaxRetryError) and error.reason is not None:
        error = error.reason
    kinds: tuple[tuple[type[Exception] | tuple[type[Exception], ...], RemoteError], ...] = (
        (NewConnectionError, Unreachable("connect")),
        ((requests.ConnectTimeout, ConnectTimeoutError), TimedOut("connect")),
        ((requests.Timeout, ReadTimeoutError, TimeoutError), TimedOut("read")),
        ((requests.exceptions.SSLError, SSLError), Unreachable("tls")),
        ((requests.exceptions.ContentDecodingError, DecodeError), BadAnswer("encoding")),
        (requests.exceptions.ChunkedEncodingError, Unreachable("broken")),
        (requests.ConnectionError, Unreachable("connect")),
        ((requests.RequestException, LocationValueError), Blocked("bad_url")),
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
