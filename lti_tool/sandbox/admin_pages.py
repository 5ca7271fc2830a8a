"""Site administration: tools and their privacy; and the switches page for everybody who tries things out."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from . import keys, registration, tools
from .faults import KINDS, SERVICES
from .models import SigningKey, Tool
from .pages import admin, get, me, t
from .site import Fault, site
from .store import session

bp = Blueprint("admin", __name__)


@bp.get("/admin/tools")
def tools_page() -> str:
    """All tools, and the field for a registration URL."""
    admin()
    return render_template("tools.html", tools=session().query(Tool).order_by(Tool.id).all())


@bp.get("/admin/tools/register")
def register() -> str | Response:
    """Open the tool's registration page with the two parameters it needs."""
    admin()
    pasted = request.args.get("url", "").strip()
    parts = urlsplit(pasted)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        flash(t("Paste the whole registration URL: it begins with http:// or https://."))
        return redirect(url_for(".tools_page"), 303)
    added = urlencode(
        {
            "openid_configuration": f"{site().url}/lti/openid-configuration",
            "registration_token": registration.new_token(),
        }
    )
    target = f"{pasted}{'&' if parts.query else '?'}{added}"
    return render_template("register.html", target=target, origin=f"{parts.scheme}://{parts.netloc}")


@bp.route("/admin/tools/new", methods=["GET", "POST"])
def add() -> str | Response:
    """Manual registration."""
    admin()
    if request.method == "GET":
        return render_template("tool_form.html")
    form = {name: value.strip() for name, value in request.form.items()}
    tool = tools.add_by_hand(
        name=form["name"],
        login_url=form["login_url"],
        launch_url=form["launch_url"],
        jwks_url=form["jwks_url"],
        custom=request.form.get("custom", ""),
    )
    return redirect(url_for(".tool_page", tool_id=tool.id), 303)


@bp.route("/admin/tools/<int:tool_id>", methods=["GET", "POST"])
def tool_page(tool_id: int) -> str | Response:
    """One tool: what its operator needs, privacy, custom parameters."""
    admin()
    tool = get(Tool, tool_id)
    if request.method == "GET":
        return render_template("tool.html", tool=tool)
    tool.send_name, tool.send_email = "send_name" in request.form, "send_email" in request.form
    tool.in_chooser, tool.custom = "in_chooser" in request.form, request.form.get("custom", "")
    flash(t("Saved."))
    return redirect(url_for(".tools_page"), 303)


@bp.post("/admin/tools/<int:tool_id>/<any(activate, delete):verb>")
def change(tool_id: int, verb: str) -> Response:
    """Activate a pending tool (and offer it to teachers), or delete one that is not used."""
    admin()
    tool = get(Tool, tool_id)
    if verb == "activate":
        tools.activate(tool)
    elif not tools.remove(tool):
        flash(t("Activities use this tool: remove them first."))
    return redirect(url_for(".tools_page"), 303)


@bp.route("/switches", methods=["GET", "POST"])
def switches() -> str | Response:
    """Faults of services and differences between LMSs."""
    me()
    if request.method == "GET":
        published = session().query(SigningKey).order_by(SigningKey.id).all()
        calls = list(site().calls)[-20:][::-1]
        return render_template(
            "switches.html", services=SERVICES, kinds=KINDS, keys=published, none_fault=Fault(), calls=calls
        )
    form = request.form
    for service in SERVICES:
        fault = Fault(
            kind=form[f"{service}-kind"],
            percent=form.get(f"{service}-percent", 100, type=int),
            seconds=form.get(f"{service}-seconds", 5.0, type=float),
        )
        site().fault(session(), service, fault)
    site().switch(
        session(),
        roster_link=form["roster_link"],
        roster_page=form.get("roster_page", 0, type=int),
        storage=form["storage"],
        accept_multiple="accept_multiple" in form,
    )
    flash(t("Saved."))
    return redirect(url_for(".switches"), 303)


@bp.post("/switches/keys")
def rotate() -> Response:
    """Sign with a new key, keeping the old one or forgetting it."""
    me()
    keys.rotate(session(), keep_old="keep_old" in request.form)
    flash(t("A new key signs from now on."))
    return redirect(url_for(".switches"), 303)
