"""OAI-PMH 2.0 as a repository speaks it: verbs, arguments, errors, resumption tokens (openarchives.org, 2015-01-08)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree

from lti_tool.core.db import is_key, utcnow
from lti_tool.exchange.harvesting import queries
from lti_tool.exchange.harvesting.queries import Wanted
from lti_tool.exchange.metadata import LOM, OAI_DC, XSI, dublin_core, fit, lom, spaces
from lti_tool.exchange.models import Resource

OAI = "http://www.openarchives.org/OAI/2.0/"
PAGE = 100
"""Records of one answer."""
STAMP = "%Y-%m-%dT%H:%M:%SZ"
FORMATS: dict[str, tuple[str, str, Callable[[Resource, str], Any]]] = {
    "oai_dc": (OAI_DC, "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", dublin_core),
    "lom": (LOM, "https://standards.ieee.org/downloads/LOM/lomv1.0/xsd/lom.xsd", lom),
}
_ARGUMENTS: dict[str, tuple[set[str], set[str]]] = {
    "Identify": (set(), set()),
    "ListMetadataFormats": (set(), {"identifier"}),
    "ListSets": (set(), {"resumptionToken"}),
    "GetRecord": ({"identifier", "metadataPrefix"}, set()),
    "ListIdentifiers": ({"metadataPrefix"}, {"from", "until", "set", "resumptionToken"}),
    "ListRecords": ({"metadataPrefix"}, {"from", "until", "set", "resumptionToken"}),
}
"""By verb: arguments that are needed, and those that may be there."""


class OaiError(Exception):
    """An error of the protocol; answered with status 200, as it asks."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(code)
        self.code, self.text = code, text


class Repository:
    """One repository at one address."""

    def __init__(self, address: str, base_url: str, name: str, email: str) -> None:
        self.address, self.base_url, self.name, self.email = address, base_url, name, email
        self.host = base_url.partition("://")[2].partition("/")[0].partition(":")[0]

    def answer(self, arguments: Mapping[str, list[str]]) -> bytes:
        """The document for a request."""
        root = etree.Element(f"{{{OAI}}}OAI-PMH", nsmap=spaces({None: OAI, "xsi": XSI}))
        root.set(f"{{{XSI}}}schemaLocation", f"{OAI} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd")
        _add(root, "responseDate", utcnow().strftime(STAMP))
        request = _add(root, "request", self.address)
        try:
            verb, told = _checked(arguments)
            body = etree.Element(f"{{{OAI}}}{verb}")
            getattr(self, f"_{verb}")(body, told)
        except OaiError as error:
            _add(root, "error", error.text).set("code", error.code)
        else:
            for name, value in {"verb": verb, **told}.items():
                request.set(name, fit(value))
            root.append(body)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")

    def _Identify(self, body: Any, _told: Mapping[str, str]) -> None:  # noqa: N802 - the protocol's name
        facts = (
            ("repositoryName", self.name),
            ("baseURL", self.address),
            ("protocolVersion", "2.0"),
            ("adminEmail", self.email),
            ("earliestDatestamp", (queries.earliest() or utcnow()).strftime(STAMP)),
            ("deletedRecord", "persistent"),
            ("granularity", "YYYY-MM-DDThh:mm:ssZ"),
        )
        for name, value in facts:
            _add(body, name, value)

    def _ListMetadataFormats(self, body: Any, told: Mapping[str, str]) -> None:  # noqa: N802 - the protocol's name
        if "identifier" in told:
            self._found(told["identifier"])
        for prefix, (space, schema, _make) in FORMATS.items():
            one = _add(body, "metadataFormat")
            for name, value in (("metadataPrefix", prefix), ("schema", schema), ("metadataNamespace", space)):
                _add(one, name, value)

    def _ListSets(self, body: Any, told: Mapping[str, str]) -> None:  # noqa: N802 - the protocol's name
        if "resumptionToken" in told:
            raise OaiError("badResumptionToken")
        known = queries.sets()
        if not known:
            raise OaiError("noSetHierarchy")
        for each in known:
            one = _add(body, "set")
            _add(one, "setSpec", f"organization:{each.id}")
            _add(one, "setName", each.name)

    def _GetRecord(self, body: Any, told: Mapping[str, str]) -> None:  # noqa: N802 - the protocol's name
        make = _format(told["metadataPrefix"])
        self._record(body, self._found(told["identifier"]), make)

    def _ListIdentifiers(self, body: Any, told: Mapping[str, str]) -> None:  # noqa: N802 - the protocol's name
        self._list(body, told, lambda resource, _make: self._header(body, resource))

    def _ListRecords(self, body: Any, told: Mapping[str, str]) -> None:  # noqa: N802 - the protocol's name
        self._list(body, told, lambda resource, make: self._record(body, resource, make))

    def _list(self, body: Any, told: Mapping[str, str], show: Callable[[Resource, Any], None]) -> None:
        if "resumptionToken" in told:
            prefix, wanted, place = _resumed(told["resumptionToken"])
        else:
            prefix, wanted, place = told["metadataPrefix"], _wanted(told), 0
        make = _format(prefix)
        found = queries.records(wanted, PAGE + 1)
        if not found:
            raise OaiError("noRecordsMatch")
        for resource in found[:PAGE]:
            show(resource, make)
        if len(found) > PAGE or place:
            last = found[min(PAGE, len(found)) - 1]
            more = _token(prefix, wanted, last, place + PAGE) if len(found) > PAGE else ""
            _add(body, "resumptionToken", more).set("cursor", str(place))

    def _record(self, body: Any, resource: Resource, make: Callable[[Resource, str], Any]) -> None:
        record = _add(body, "record")
        self._header(record, resource)
        if queries.is_public(resource):
            _add(record, "metadata").append(make(resource, self.base_url))

    def _header(self, parent: Any, resource: Resource) -> None:
        header = _add(parent, "header")
        if not queries.is_public(resource):
            header.set("status", "deleted")
        _add(header, "identifier", f"oai:{self.host}:resource/{resource.id}")
        _add(header, "datestamp", resource.changed_at.strftime(STAMP))
        _add(header, "setSpec", f"organization:{resource.organization_id}")

    def _found(self, identifier: str) -> Resource:
        start = f"oai:{self.host}:resource/"
        number = identifier.removeprefix(start)
        ident = int(number) if identifier.startswith(start) and re.fullmatch(r"[0-9]{1,18}", number) else 0
        resource = queries.record(ident) if is_key(ident) else None
        if resource is None:
            raise OaiError("idDoesNotExist")
        return resource


def _checked(arguments: Mapping[str, list[str]]) -> tuple[str, dict[str, str]]:
    """The verb and its arguments, each once, none unknown, none missing. Raises OaiError."""
    if any(len(values) != 1 for values in arguments.values()) and len(arguments.get("verb", [])) == 1:
        raise OaiError("badArgument", "an argument is repeated")
    told = {name: values[0] for name, values in arguments.items()}
    verb = told.pop("verb", "")
    if verb not in _ARGUMENTS or len(arguments.get("verb", [])) != 1:
        raise OaiError("badVerb", "the verb is missing or unknown")
    needed, possible = _ARGUMENTS[verb]
    if "resumptionToken" in told and "resumptionToken" in possible:
        if len(told) > 1:
            raise OaiError("badArgument", "resumptionToken is an exclusive argument")
        return verb, told
    if told.keys() - needed - possible or needed - told.keys():
        raise OaiError("badArgument", "an argument is missing or unknown")
    return verb, told


def _format(prefix: str) -> Callable[[Resource, str], Any]:
    if prefix not in FORMATS:
        raise OaiError("cannotDisseminateFormat")
    return FORMATS[prefix][2]


def _wanted(told: Mapping[str, str]) -> Wanted:
    since, day = _moment(told.get("from"))
    until, other = _moment(told.get("until"))
    if since is not None and until is not None and (day != other or since > until):
        raise OaiError("badArgument", "from and until do not go together")
    if until is not None:  # both ends are included
        until += timedelta(days=1) if other else timedelta(seconds=1)
    ident = None
    if "set" in told:
        found = re.fullmatch(r"organization:([1-9][0-9]{0,17})", told["set"])
        if found is None:
            raise OaiError("noRecordsMatch")
        ident = int(found[1])
    return Wanted(since, until, ident)


def _moment(text: str | None) -> tuple[datetime | None, bool]:
    """(the moment, whether it is a whole day). Raises OaiError."""
    if text is None:
        return None, False
    day = len(text) == 10
    try:
        moment = datetime.strptime(text, "%Y-%m-%d" if day else STAMP).replace(tzinfo=UTC)
    except ValueError:
        raise OaiError("badArgument", "not a UTC date") from None
    if moment.year >= 9999:
        raise OaiError("badArgument", "not a UTC date")
    return moment, day


def _token(prefix: str, wanted: Wanted, last: Resource, place: int) -> str:
    """Everything the next answer needs: nothing is kept here, so a token never expires."""
    since, until = (each.isoformat() if each else None for each in (wanted.since, wanted.until))
    told = [prefix, since, until, wanted.organization_id, last.changed_at.isoformat(), last.id, place]
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode()


def _resumed(token: str) -> tuple[str, Wanted, int]:
    """What a token says. Raises OaiError when it is none of ours."""
    try:
        told = json.loads(base64.urlsafe_b64decode(token.encode("ascii")))
        prefix, since, until, ident, changed, last, place = told
        moments = [datetime.fromisoformat(each) if each else None for each in (since, until, changed)]
        whole = all(isinstance(each, int) and is_key(each) for each in (last, place, ident or 1))
        aware = all(each is None or each.tzinfo is not None for each in moments)
        if moments[2] is None or not whole or not aware or prefix not in FORMATS:
            raise ValueError(token)
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise OaiError("badResumptionToken") from None
    return prefix, Wanted(moments[0], moments[1], ident, (moments[2], last)), place


def _add(parent: Any, name: str, text: str | None = None) -> Any:
    child = etree.SubElement(parent, f"{{{OAI}}}{name}")
    if text is not None:
        child.text = fit(text)
    return child
