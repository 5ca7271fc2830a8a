"""Looking at pages: accessibility by axe-core, sizes, and screenshots for people."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Frame, Page, expect

AXE = Path(__file__).parent / "vendor" / "axe" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
JUDGE = (
    """rules => axe.run(document, {runOnly: rules, iframes: false, selectors: false, resultTypes: ["violations"]})"""
)
SHOTS = os.environ.get("LTI_TOOL_SCREENSHOTS", "")
"""Folder that gets a picture of every page looked at; none when empty."""


def accessible(view: Page | Frame) -> None:
    """Fail with every fault axe-core finds by WCAG 2.2 AA, each with the elements it is about."""
    if not view.evaluate("() => Boolean(window.axe)"):
        view.evaluate(AXE.read_text(encoding="utf-8"))
    found = view.evaluate(JUDGE, RULES)
    faults = [
        f"{fault['id']}: {fault['help']}\n" + "\n".join(f"    {node['html'][:200]}" for node in fault["nodes"])
        for fault in found["violations"]
    ]
    assert not faults, "\n".join(faults)


def fits(view: Page | Frame) -> None:
    """Nothing is wider than the window."""
    wide = view.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter((one) => !one.closest(".table-responsive, .visually-hidden, template, dialog"))
            .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
            .map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert not wide, "\n".join(wide)


def touchable(view: Page | Frame) -> None:
    """Whatever is pressed is at least 44 px high; links inside a text are not counted."""
    small = view.evaluate(
        """() => [...document.querySelectorAll("button, select, input:not([type=hidden]), summary, a.btn, .page-link, nav a")]
            .filter((one) => one.checkVisibility() && !one.closest(".visually-hidden"))
            .map((one) => [one, (one.matches("[type=checkbox], [type=radio]") ? one.parentElement : one).getBoundingClientRect()])
            .filter(([, box]) => box.height < 43.5)
            .map(([one, box]) => `${box.height}px ${one.outerHTML.slice(0, 120)}`)"""
    )
    assert not small, "\n".join(small)


def shot(page: Page, name: str) -> None:
    """A picture for people, where they asked for one."""
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def look(view: Page | Frame, page: Page, heading: str, name: str) -> None:
    """Wait for the page with this heading: like every page, everyone can read and touch it."""
    expect(view.get_by_role("heading", level=1)).to_contain_text(heading)
    page.mouse.move(0, 0)  # what happens to lie under the mouse would be judged in the colours of hovering
    accessible(view)
    fits(view)
    touchable(view)
    shot(page, name)
