"""Tools as the site administrator keeps them."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from .models import ACTIVE, Link, Tool
from .names import SCOPES
from .store import session


def add_by_hand(
    *,
    name: str,
    login_url: str,
    launch_url: str,
    jwks_url: str,
    redirect_urls: list[str] | None = None,
    client_id: str = "",
    custom: str = "",
    scopes: list[str] | None = None,
) -> Tool:
    """Register a tool from pasted values; it is active at once and offered in the chooser."""
    tool = Tool(
        name=name,
        client_id=client_id or secrets.token_hex(8),
        state=ACTIVE,
        in_chooser=True,
        initiate_login_uri=login_url,
        redirect_uris=redirect_urls or [launch_url],
        jwks_uri=jwks_url,
        target_link_uri=launch_url,
        deep_linking=True,
        domain=urlsplit(launch_url).netloc,
        custom=custom,
        scopes=list(SCOPES) if scopes is None else scopes,
    )
    session().add(tool)
    session().flush()
    return tool


def activate(tool: Tool) -> None:
    """Let a pending tool work and offer it to teachers."""
    tool.state, tool.in_chooser = ACTIVE, True


def offered() -> list[Tool]:
    """Tools a teacher can choose."""
    return session().query(Tool).filter_by(state=ACTIVE, in_chooser=True).order_by(Tool.id).all()


def remove(tool: Tool) -> bool:
    """Delete a tool that no activity uses; False when one does."""
    if session().query(Link).filter_by(tool_id=tool.id).count():
        return False
    session().delete(tool)
    return True
