"""A resource in the words of schema.org and LRMI, as search engines and catalogues read them (JSON-LD)."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from lti_tool.exchange.licences import LICENCES
from lti_tool.exchange.models import Resource, ResourceVersion
from lti_tool.exchange.vocabularies import GRADES, SUBJECTS, USES, level_name


def described_for_machines(resource: Resource, version: ResourceVersion, base_url: str) -> dict[str, Any]:
    """A LearningResource; only what has a value is said."""
    address = f"{base_url}/open/{resource.id}"
    licence = LICENCES[resource.licence]
    grades = [GRADES[code] for code in resource.levels if code in GRADES]
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "LearningResource",
        "@id": address,
        "url": address,
        "name": resource.title,
        "description": resource.summary,
        "inLanguage": resource.language,
        "license": licence.url or str(licence.name),
        "keywords": list(resource.keywords),
        "about": [str(SUBJECTS[code]) for code in resource.subjects if code in SUBJECTS],
        "learningResourceType": [str(USES[code]) for code in resource.uses if code in USES],
        "educationalLevel": [level_name(code) for code in resource.levels],
        "typicalAgeRange": f"{min(grades) + 6}-{max(grades) + 7}" if grades else "",
        "timeRequired": f"PT{resource.minutes}M" if resource.minutes else "",
        "accessibilitySummary": resource.accessibility,
        "author": [
            {"@type": "Person", "name": each.name}
            | ({"affiliation": {"@type": "Organization", "name": each.organization}} if each.organization else {})
            for each in resource.authors
        ],
        "publisher": {"@type": "Organization", "name": resource.organization.name},
        "funder": {"@type": "Organization", "name": resource.funding} if resource.funding else None,
        "datePublished": resource.published_at.date().isoformat() if resource.published_at else "",
        "dateModified": resource.changed_at.date().isoformat(),
        "version": str(version.number),
        "isBasedOn": [
            f"{base_url}/open/{each.origin_id}" if each.origin_id else each.url or each.title
            for each in resource.origins
        ],
        "encoding": [
            {
                "@type": "MediaObject",
                "name": each.file.name,
                "encodingFormat": each.file.media_type,
                "contentSize": str(each.file.size),
                "contentUrl": f"{base_url}/open/files/{each.id}",
            }
            for each in version.files
        ],
        "sameAs": version.url,
        "isAccessibleForFree": True,
    }
    return {name: value for name, value in found.items() if value not in ("", [], None)}


def as_script(facts: dict[str, Any]) -> Markup:
    """The facts as a block of data in a page: browsers run nothing of it, and no text in it can end it."""
    text = json.dumps(facts, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
    return Markup(f'<script type="application/ld+json">{text}</script>')  # noqa: S704  # nothing in it can end it
