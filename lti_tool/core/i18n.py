"""Languages and time zones: which one this person reads, and the switch between them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from babel.dates import get_timezone
from flask import Flask, current_app, g, render_template, request, session
from flask_babel import Babel, format_date, format_time, get_locale, get_translations
from markupsafe import Markup

from lti_tool.core.settings import LOCALES, current_settings

LOCALE_NAMES = {"ru": "Русский", "en": "English"}
babel = Babel()


def supported(locale: str | None) -> str | None:
    """Our language for a tag such as `ru-RU` or `en_us`; None when it is not one of ours."""
    language = (locale or "").replace("_", "-").partition("-")[0].lower()
    return language if language in LOCALES else None


def current_locale() -> str:
    """The person's own choice or the launch's language (both kept in the session), else the installation's."""
    chosen = supported(session.get("locale"))
    if chosen:
        return chosen
    if g.get("locale_hint"):  # a launch that failed before a session could begin
        return str(g.locale_hint)
    if "person_id" not in session:
        accepted = request.accept_languages.best_match(LOCALES) if request.accept_languages else None
        return accepted or current_settings().default_locale
    return current_settings().default_locale


def current_time_zone() -> str:
    return str(session.get("time_zone") or "UTC")


def local_time(moment: datetime | None, length: str = "medium") -> str:
    """A moment in the reader's language and zone, to the minute; an empty string for None."""
    return f"{format_date(moment, length)}, {format_time(moment, 'short')}" if moment else ""


def is_time_zone(name: str) -> bool:
    try:
        get_timezone(name)
    except LookupError:
        return False
    return True


def _translations() -> Any:
    """The catalogue of the reader's language, found once: a page looks up dozens of words."""
    known: dict[Any, Any] = current_app.extensions["translations"]
    locale = get_locale()
    language = locale.language if locale else ""
    found = known.get(language)
    if found is None:
        found = known[language] = get_translations()
    return found


def page_language() -> str:
    """The language the current page is written in: the reader's, unless a document is asked for in another."""
    locale = get_locale()
    return locale.language if locale else current_locale()


def constant(template: str) -> Markup:
    """A part of the page that is the same for everybody who reads this language, rendered once."""
    known: dict[Any, Any] = current_app.extensions["translations"]
    key = (template, page_language())
    found = known.get(key)
    if found is None or current_app.debug:
        found = known[key] = Markup(render_template(template))  # noqa: S704 - escaped by its own rendering
    return found


def init_app(app: Flask) -> None:
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "en")
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    babel.init_app(app, locale_selector=current_locale, timezone_selector=current_time_zone)
    app.extensions["translations"] = {}
    environment: Any = app.jinja_env
    environment.install_gettext_callables(
        lambda text: _translations().ugettext(text),
        lambda one, many, number: _translations().ungettext(one, many, number),
        newstyle=True,
    )
    app.jinja_env.filters["local_time"] = local_time
    app.jinja_env.globals.update(locale_names=LOCALE_NAMES, current_locale=page_language, constant=constant)
