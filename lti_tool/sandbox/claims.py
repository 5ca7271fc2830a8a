"""The claims of an id_token, as Moodle 4.5 writes them."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import urlencode

from .custom import claim as custom_claim
from .custom import line_item_url
from .models import PUPIL, Enrolment, Launch
from .names import (
    AGS_ENDPOINT,
    CLAIM,
    DEEP_LINK_CLAIM,
    DEEP_LINKING,
    GRADE_SCOPES,
    INSTITUTION_ADMINISTRATOR,
    INSTRUCTOR,
    LEARNER,
    NRPS_SERVICE,
    ROSTER_SCOPE,
    SUBMISSION_REVIEW,
    SYSTEM_ADMINISTRATOR,
)
from .site import Site
from .store import session

LIFETIME = 60
"""Seconds an id_token is valid."""


def id_token(site: Site, launch: Launch, nonce: str, return_key: str) -> dict[str, Any]:
    """All claims of one message; `return_key` authenticates the answer to a deep linking request."""
    now = site.now()
    claims: dict[str, Any] = {
        "nonce": nonce,
        "iat": now,
        "exp": now + LIFETIME,
        "iss": site.url,
        "aud": launch.tool.client_id,
        "sub": str(launch.person_id),
        CLAIM + "deployment_id": str(launch.tool_id),
        CLAIM + "target_link_uri": launch.target,
        CLAIM + "message_type": launch.message,
        CLAIM + "version": "1.3.0",
        CLAIM + "roles": roles(launch),
    }
    claims |= _who(launch) | _where(site, launch) | _link(site, launch) | _services(site, launch)
    claims[CLAIM + "custom"] = custom_claim(launch, site.url, _review_custom(launch))
    if launch.message == DEEP_LINKING:
        claims[DEEP_LINK_CLAIM + "deep_linking_settings"] = _deep_linking_settings(site, launch, return_key)
    return claims


def roles(launch: Launch) -> list[str]:
    """Instructor for everybody who is not a pupil here, helpers included; site administrators get theirs as well."""
    row = session().query(Enrolment).filter_by(course_id=launch.course_id, person_id=launch.person_id).one_or_none()
    if launch.as_pupil or (row is not None and row.role == PUPIL):
        return [LEARNER]
    if launch.person.site_admin:
        return [INSTITUTION_ADMINISTRATOR, INSTRUCTOR, SYSTEM_ADMINISTRATOR]
    return [INSTRUCTOR]


def _who(launch: Launch) -> dict[str, Any]:
    person, tool = launch.person, launch.tool
    claims: dict[str, Any] = {
        CLAIM + "lis": {
            "person_sourcedid": person.sourcedid,
            "course_section_sourcedid": launch.course.idnumber,
        },
        CLAIM + "ext": {"lms": "moodle-2"},
    }
    if tool.send_name:
        claims |= {"given_name": person.given_name, "family_name": person.family_name, "name": person.name}
        claims[CLAIM + "ext"] = {"user_username": person.username, "lms": "moodle-2"}
    if tool.send_email:
        claims["email"] = person.email
    return claims


def _where(site: Site, launch: Launch) -> dict[str, Any]:
    course = launch.course
    return {
        CLAIM + "context": {
            "id": str(course.id),
            "label": course.label,
            "title": course.title,
            "type": ["CourseSection"],
        },
        CLAIM + "tool_platform": {
            "product_family_code": "moodle",
            "version": "2024100706",
            "guid": hashlib.sha256(site.url.encode()).hexdigest()[:32],
            "name": site.url.partition("://")[2],
            "description": site.name,
        },
    }


def _link(site: Site, launch: Launch) -> dict[str, Any]:
    link = launch.link
    if link is None:
        return {CLAIM + "launch_presentation": {"locale": site.language}}
    query = urlencode({"course": link.course_id, "instanceid": link.id, "sesskey": launch.id[:10]})
    claims: dict[str, Any] = {
        CLAIM + "resource_link": {"title": link.title, "description": link.description, "id": str(link.id)},
        CLAIM + "launch_presentation": {
            "locale": site.language,
            "document_target": launch.container,
            "return_url": f"{site.url}/lti/return?{query}",
        },
    }
    if launch.message == SUBMISSION_REVIEW:
        claims[CLAIM + "for_user"] = {"user_id": str(launch.for_user_id)}
    if line_item_url(site.url, link):
        claims["https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome"] = {
            "lis_result_sourcedid": json.dumps({"data": {"instanceid": str(link.id), "userid": str(launch.person_id)}}),
            "lis_outcome_service_url": f"{site.url}/services/outcomes",
        }
    return claims


def _services(site: Site, launch: Launch) -> dict[str, Any]:
    tool, course_id, services = launch.tool, launch.course_id, f"{site.url}/services"
    claims: dict[str, Any] = {}
    grade_scopes = [scope for scope in GRADE_SCOPES if scope in tool.scopes]
    if grade_scopes:
        endpoint = {"scope": grade_scopes, "lineitems": f"{services}/{course_id}/lineitems?type_id={tool.id}"}
        own = line_item_url(site.url, launch.link) if launch.link else ""
        claims[AGS_ENDPOINT] = endpoint | ({"lineitem": own} if own else {})
    if ROSTER_SCOPE in tool.scopes:
        claims[NRPS_SERVICE] = {
            "context_memberships_url": f"{services}/CourseSection/{course_id}/bindings/{tool.id}/memberships",
            "service_versions": ["1.0", "2.0"],
        }
    return claims


def _review_custom(launch: Launch) -> dict[str, str]:
    if launch.message != SUBMISSION_REVIEW or launch.link is None:
        return {}
    from_items = (item.review for item in launch.link.own_items if item.review)
    return {str(k): str(v) for review in from_items for k, v in (review.get("custom") or {}).items()}


def _deep_linking_settings(site: Site, launch: Launch, return_key: str) -> dict[str, Any]:
    query = urlencode({"course": launch.course_id, "id": launch.tool_id, "sesskey": return_key})
    settings: dict[str, Any] = {
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["frame", "iframe", "window"],
        "accept_copy_advice": False,
        "accept_multiple": site.switches.accept_multiple,
        "accept_unsigned": False,
        "auto_create": False,
        "can_confirm": False,
        "deep_link_return_url": f"{site.url}/lti/deep-link-return?{query}",
        "title": launch.tool.name,
        "text": "",
    }
    if site.switches.deep_link_data:
        settings["data"] = site.switches.deep_link_data
    return settings
