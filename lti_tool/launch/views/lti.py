"""The /lti/ addresses: login, launch, the way on without cookies, and our public keys."""

from __future__ import annotations

from typing import Any

import structlog
from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _

from lti_tool.contexts.jobs import nudge_roster
from lti_tool.core.db import end_reading, unit_of_work
from lti_tool.core.errors import error_page
from lti_tool.core.i18n import supported
from lti_tool.core.limits import limit
from lti_tool.core.metrics import launches
from lti_tool.core.settings import current_settings
from lti_tool.core.web import allow_framing_by, bearer_token, csrf
from lti_tool.launch import operations
from lti_tool.launch.landing import open_link, open_review
from lti_tool.launch.operations import Arrival, NotServed
from lti_tool.launch.wording import explain
from lti_tool.lti import oidc
from lti_tool.lti.messages import DeepLinkingLaunch, Launch, ResourceLinkLaunch, SubmissionReviewLaunch
from lti_tool.lti.oidc import LoginStart, Proof, Received
from lti_tool.lti.platform import Candidate
from lti_tool.lti.refusals import LaunchRefused, Refusal
from lti_tool.people.actor import Actor
from lti_tool.people.session import enter, launch_values
from lti_tool.platforms.access import KnownPlatform, find_platforms, key_ring, platform_by_id, platform_keys
from lti_tool.platforms.moves.queries import has_moved_away

LOGINS = "700 per minute"
"""From one address, behind which a whole school may sit."""
LOGINS_OF_ISSUER = "6000 per minute"
"""Of one LMS, which may serve many schools."""
KEYS_CACHED = 3600
"""Seconds our key set may be cached: far less than the day a new key is shown before it signs."""

blueprint = Blueprint("lti", __name__, url_prefix="/lti")
csrf.exempt(blueprint)  # state, nonce and one-time codes take the place of the token here
log = structlog.get_logger(__name__)


def _issuer() -> str:
    params = request.form if request.method == "POST" else request.args
    return f"issuer:{params.get('iss', '')[:255]}"


@blueprint.route("/login", methods=["GET", "POST"])
@limit(LOGINS)
@limit(LOGINS_OF_ISSUER, key=_issuer)
def login() -> Any:
    """Third-party initiated login: send the browser to its LMS, with a cookie of this login alone."""
    try:
        start, platform = _begin()
        _frame(platform)
        operations.check_registration(platform)
    except LaunchRefused as refused:
        return _refused(LaunchRefused(Refusal.PLATFORM_MOVED) if _came_from_old_address(refused) else refused)
    except NotServed as refused:
        return _not_served(refused)
    response = _to_platform(start)
    response.set_cookie(
        start.cookie_name,
        start.cookie_value,
        max_age=start.cookie_seconds,
        secure=True,
        httponly=True,
        samesite="None",
        partitioned=True,
    )
    return response


def _begin() -> tuple[LoginStart, KnownPlatform]:
    known: dict[int, KnownPlatform] = {}

    def find(issuer: str, client_id: str | None) -> list[Candidate]:
        candidates = find_platforms(issuer, client_id)
        known.update((one.id, one) for one in candidates)
        return [Candidate(one, one.deployments.keys()) for one in candidates]

    secret_key = current_settings().secret_key
    start = oidc.begin(request.values, find=find, redirect_uri=_redirect_uri(), secret_key=secret_key)
    return start, known[start.platform_id]


def _came_from_old_address(refused: LaunchRefused) -> bool:
    values = request.values
    unknown = refused.code is Refusal.PLATFORM_UNKNOWN
    return unknown and has_moved_away(values.get("iss", ""), values.get("client_id") or None)


def _to_platform(start: LoginStart) -> Response:
    """A redirect; a page first where the LMS lends its storage, which only a script can reach."""
    if start.storage_target is None:
        return make_response(redirect(start.url))
    return make_response(render_template("launch/storage_put.html", start=start))


@blueprint.post("/launch")
@limit(LOGINS)
def launch() -> Any:
    """The one address every message type comes back to."""
    try:
        received = oidc.receive(
            request.form,
            cookies=request.cookies,
            platform_by_id=platform_by_id,
            keys=platform_keys(),
            redirect_uri=_redirect_uri(),
            secret_key=current_settings().secret_key,
        )
    except LaunchRefused as refused:
        return _refused(refused)
    try:
        response = _arrive(received)
    except LaunchRefused as refused:
        return _refused(refused)
    except NotServed as refused:
        _use_up(received)
        return _not_served(refused)
    if received.proof is Proof.COOKIE:
        response.delete_cookie(received.cookie_name, secure=True, httponly=True, samesite="None", partitioned=True)
    return response


def _arrive(received: Received) -> Response:
    platform, message = received.platform, received.launch
    assert isinstance(platform, KnownPlatform)
    _frame(platform)
    g.locale_hint = supported(message.presentation.locale)
    operations.check_registration(platform)
    deployment = operations.deployment_of(platform, message.deployment_id)
    if not operations.use_state(received.state_hash, received.expires):
        raise LaunchRefused(Refusal.STATE_USED, platform_id=platform.id)
    arrival = operations.remember(platform, deployment, message)
    values = _session_values(platform, message, arrival)
    location = _location(platform, message, arrival)
    if arrival.place is not None and arrival.place.wants_roster:
        nudge_roster(arrival.place.context_id)
    launches.labels("accepted").inc()
    log.info("launch accepted", platform=platform.id, context=arrival.context_id, proof=received.proof.value)
    if received.proof is Proof.COOKIE:
        enter(values)
        return make_response(redirect(location, 303))
    return _without_cookies(received, values, location, arrival.known.name)


def _use_up(received: Received) -> None:
    """A genuine launch that is not let in leaves two marks: its state is used, an unknown deployment is noted."""
    platform, deployment_id = received.platform, received.launch.deployment_id
    assert isinstance(platform, KnownPlatform)
    end_reading()
    with unit_of_work():
        operations.use_state(received.state_hash, received.expires)
        if platform.is_active and deployment_id not in platform.deployments:
            operations.note_deployment(platform.id, deployment_id)


def _session_values(platform: KnownPlatform, message: Launch, arrival: Arrival) -> dict[str, Any]:
    return launch_values(
        arrival.known,
        context_id=arrival.context_id,
        role=arrival.role,
        administers=platform.id if message.roles.administrator else None,
        launch_locale=message.presentation.locale,
        time_zone=platform.time_zone,
        frame_ancestors=platform.frame_origins,
    )


def _location(platform: KnownPlatform, message: Launch, arrival: Arrival) -> str:
    """The page this message opens. Raises NotServed."""
    roles = {} if arrival.context_id is None or arrival.role is None else {arrival.context_id: arrival.role}
    actor = Actor(
        person_id=arrival.known.person_id,
        identity_id=arrival.known.id,
        registration_id=platform.id,
        organization_id=platform.organization_id,
        context_id=arrival.context_id,
        roles=roles,
    )
    if isinstance(message, DeepLinkingLaunch):
        if arrival.role != "teacher":
            raise NotServed("not_teacher")
        return url_for("selection.choose", selection_id=operations.begin_selection(platform, message, arrival))
    if isinstance(message, SubmissionReviewLaunch):
        return open_review(message, arrival, actor)
    assert isinstance(message, ResourceLinkLaunch)
    content = open_link(message, arrival, actor)
    # whoever only administers the LMS has no part in the course: the first page leads to the LMS's own
    return url_for("home.index") if message.roles.administrator and arrival.role is None else content


def _without_cookies(received: Received, values: dict[str, Any], location: str, name: str) -> Response:
    """The launch is good, but nothing shows yet that this browser began it: ask for one click, or the LMS's storage."""
    proof = received.state + received.nonce if received.proof is Proof.STORAGE else None
    code = operations.keep_pending(received.platform.id, values, location, proof)
    page = render_template("launch/new_tab.html", code=code, name=name, received=received, storage=proof is not None)
    return make_response(page)


@blueprint.post("/continue")
@limit(LOGINS)
def continue_launch() -> Any:
    """Go on with a launch that came without a cookie: in a new tab by a click, or in the frame by the LMS's storage."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return _page(403, "link_over", ways=_way_home())  # another site would sign its visitor in as somebody else
    proof = request.form.get("proof")
    waiting = operations.take_up(request.form.get("code", ""), proof)
    if waiting is None:
        return _page(403, "link_over", ways=_way_home())
    enter(waiting.session)
    if proof is None:
        return redirect(waiting.location, 303)
    g.frame_ancestors = waiting.session.get("frame_ancestors")
    g.form_action = " ".join(g.frame_ancestors or [])  # this document stays; what is chosen goes to the LMS from it
    return make_response(
        render_template("launch/entered.html", token=bearer_token(current_app), location=waiting.location)
    )


@blueprint.get("/jwks")
def jwks() -> Any:
    """Our public keys."""
    response = jsonify(key_ring().public_jwks())
    response.headers["Cache-Control"] = f"public, max-age={KEYS_CACHED}"
    return response


def _redirect_uri() -> str:
    return f"{current_settings().base_url}/lti/launch"


def _frame(platform: KnownPlatform) -> None:
    allow_framing_by(*platform.frame_origins)


def _refused(refused: LaunchRefused) -> Response:
    """A page that says why; the state counts as used from here on."""
    end_reading()
    launches.labels(refused.code.value).inc()
    log.info("launch refused", code=refused.code.value, platform=refused.platform_id, **refused.facts)
    platform = platform_by_id(refused.platform_id) if refused.platform_id is not None else None
    if platform is not None:
        _frame(platform)
    if refused.state_hash is not None:
        with unit_of_work():
            operations.use_state(refused.state_hash, operations.state_expiry())
    ways = _way_home() if refused.code is Refusal.STATE_USED else []
    if refused.code is Refusal.PLATFORM_ERROR and platform is not None:
        ways = [(platform.issuer, _("Open your LMS in a new window"), True)]
    return _page(400, refused.code.value, refused.facts, ways=ways)


def _not_served(refused: NotServed) -> Response:
    launches.labels(refused.reason).inc()
    log.info("launch not served", reason=refused.reason)
    return _page(403, refused.reason)


def _way_home() -> list[tuple[str, str, bool]]:
    """For those who are in already, such as after a reload."""
    return [(url_for("home.index"), _("Go on to where you were"), False)] if session.get("identity_id") else []


def _page(status: int, reason: str, facts: dict[str, str | int] | None = None, **more: Any) -> Response:
    what, todo = explain(reason, facts)
    return error_page(status, _("You could not be let in"), what, todo, **more)
