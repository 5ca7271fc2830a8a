"""The one object that belongs to a running school: its name, address, clock, outgoing HTTP and switches."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, cast

import requests
from flask import current_app
from sqlalchemy.orm import Session

from .models import Setting
from .store import Store

Clock = Callable[[], float]


@dataclass(frozen=True)
class Fault:
    """How one service misbehaves. `times` counts down; None means until switched off."""

    kind: str = "none"
    percent: int = 100
    seconds: float = 5
    times: int | None = None


@dataclass(frozen=True)
class Switches:
    """Differences between LMSs, and oddities, that can be turned on."""

    roster_link: str = "angle"  # "bare": Link header without angle brackets and quotes
    roster_page: int = 0  # people per page when the tool asks for no limit; 0 = everybody at once
    storage: str = "off"  # "parent" or "frame": offer platform storage to the tool
    deep_link_data: str = ""  # opaque value that a deep linking answer has to repeat
    accept_multiple: bool = True


@dataclass
class Site:
    """Everything about one school that is not in its database."""

    name: str
    url: str
    language: str
    store: Store
    clock: Clock = time.time
    sleep: Callable[[float], None] = time.sleep
    http: requests.Session = field(default_factory=requests.Session)
    tool_url: str = ""
    switches: Switches = field(default_factory=Switches)
    faults: dict[str, Fault] = field(default_factory=dict)
    calls: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=1000))
    key_sets: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def mail_domain(self) -> str:
        """Where the school's people get their mail: a name nobody can own."""
        return "school-" + ("a" if self.language == "ru" else "b") + ".example.org"

    def now(self) -> int:
        return int(self.clock())

    def load(self, session: Session) -> None:
        """Take switches and faults from the database."""
        saved = {row.name: row.value for row in session.query(Setting)}
        self.switches = Switches(**saved.get("switches", {}))
        self.faults = {name: Fault(**value) for name, value in saved.get("faults", {}).items()}

    def switch(self, session: Session, **changes: Any) -> None:
        """Change some switches and remember them."""
        self.switches = replace(self.switches, **changes)
        session.merge(Setting(name="switches", value=asdict(self.switches)))

    def fault(self, session: Session, service: str, fault: Fault) -> None:
        """Let `service` misbehave from now on, and remember it."""
        self.faults[service] = fault
        session.merge(Setting(name="faults", value={name: asdict(each) for name, each in self.faults.items()}))


def site() -> Site:
    """The school of the current request."""
    return cast(Site, current_app.extensions["sandbox"])
