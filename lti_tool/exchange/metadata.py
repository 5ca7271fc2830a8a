"""A resource in the words of IEEE LOM 1.0 and of simple Dublin Core, as XML."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree

from lti_tool.exchange.licences import LICENCES
from lti_tool.exchange.models import Resource
from lti_tool.exchange.vocabularies import GRADES, SUBJECTS, USES, level_name

LOM = "http://ltsc.ieee.org/xsd/LOM"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC = "http://purl.org/dc/elements/1.1/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
_UNFIT = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535))


def spaces(prefixes: dict[Any, str]) -> Any:
    """Prefixes of namespaces, of which one may be none: lxml knows that, its stubs do not."""
    return prefixes


def fit(text: str) -> str:
    """The text without signs that XML cannot hold."""
    return text.translate(_UNFIT)


def public_address(resource: Resource, base_url: str) -> str:
    """Where everybody finds a public resource."""
    return f"{base_url}/open/{resource.id}"


def subjects_of(resource: Resource) -> list[str]:
    return [str(SUBJECTS[code]) for code in resource.subjects if code in SUBJECTS]


def rights_of(resource: Resource) -> str:
    """The licence's address, or the owner's own words."""
    licence = LICENCES[resource.licence]
    return licence.url or resource.terms or str(licence.name)


def dublin_core(resource: Resource, base_url: str) -> Any:
    """An oai_dc record."""
    root = etree.Element(f"{{{OAI_DC}}}dc", nsmap={"oai_dc": OAI_DC, "dc": DC, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{OAI_DC} http://www.openarchives.org/OAI/2.0/oai_dc.xsd")
    facts: tuple[tuple[str, Iterable[str]], ...] = (
        ("title", [resource.title]),
        ("creator", [each.name for each in resource.authors]),
        ("subject", [*subjects_of(resource), *resource.keywords]),
        ("description", [resource.summary] if resource.summary else []),
        ("publisher", [resource.organization.name]),
        ("date", [resource.changed_at.date().isoformat()]),
        ("type", [str(USES[code]) for code in resource.uses if code in USES] or ["LearningResource"]),
        ("identifier", [public_address(resource, base_url)]),
        ("source", [each.url for each in resource.origins if each.url]),
        ("language", [resource.language]),
        ("rights", [rights_of(resource)]),
    )
    for name, values in facts:
        for value in values:
            etree.SubElement(root, f"{{{DC}}}{name}").text = fit(value)
    return root


def lom(resource: Resource, base_url: str) -> Any:
    """A LOM record (IEEE 1484.12.3)."""
    root = etree.Element(f"{{{LOM}}}lom", nsmap=spaces({None: LOM}))
    general = _add(root, "general")
    identifier = _add(general, "identifier")
    _add(identifier, "catalog", "URI")
    _add(identifier, "entry", public_address(resource, base_url))
    _words(general, "title", resource.title, resource.language)
    _add(general, "language", resource.language)
    if resource.summary:
        _words(general, "description", resource.summary, resource.language)
    for keyword in resource.keywords:
        _words(general, "keyword", keyword, resource.language)
    _life(root, resource)
    technical = _add(root, "technical")
    _add(technical, "location", public_address(resource, base_url))
    _education(root, resource)
    rights = _add(root, "rights")
    _choice(_add(rights, "copyrightAndOtherRestrictions"), "no" if resource.licence == "cc0" else "yes")
    _words(rights, "description", rights_of(resource), resource.language)
    for subject in subjects_of(resource):
        classification = _add(root, "classification")
        _choice(_add(classification, "purpose"), "discipline")
        path = _add(classification, "taxonPath")
        _words(path, "source", "FGOS", resource.language)
        _words(_add(path, "taxon"), "entry", subject, resource.language)
    return root


def _life(root: Any, resource: Resource) -> None:
    life = _add(root, "lifeCycle")
    _words(life, "version", str(resource.number), resource.language)
    for author in resource.authors:
        contribute = _add(life, "contribute")
        _choice(_add(contribute, "role"), "author")
        name = author.name.replace("\\", "").replace("\n", " ")
        card = f"BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nORG:{author.organization}\nEND:VCARD"
        _add(contribute, "entity", card)


def _education(root: Any, resource: Resource) -> None:
    education = _add(root, "educational")
    _choice(_add(education, "intendedEndUserRole"), "teacher" if "adult" in resource.levels else "learner")
    if any(code in GRADES for code in resource.levels):
        _choice(_add(education, "context"), "school")
    grades = [GRADES[code] for code in resource.levels if code in GRADES]
    if grades:
        _words(education, "typicalAgeRange", f"{min(grades) + 6}-{max(grades) + 7}", resource.language)
    if resource.minutes:
        _add(_add(education, "typicalLearningTime"), "duration", f"PT{resource.minutes}M")
    levels = ", ".join(level_name(code) for code in resource.levels)
    if levels:
        _words(education, "description", levels, resource.language)


def _add(parent: Any, name: str, text: str | None = None) -> Any:
    child = etree.SubElement(parent, f"{{{LOM}}}{name}")
    if text is not None:
        child.text = fit(text)
    return child


def _words(parent: Any, name: str, text: str, language: str) -> None:
    string = _add(_add(parent, name), "string", text)
    string.set("language", language)


def _choice(parent: Any, value: str) -> None:
    _add(parent, "source", "LOMv1.0")
    _add(parent, "value", value)
