"""Which migration the database is at, and which one this version of the tool needs."""

from __future__ import annotations

from functools import lru_cache

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from lti_tool.core.db import db
from lti_tool.core.settings import PROJECT_DIR


@lru_cache(maxsize=1)
def newest_revision() -> str:
    """The newest migration of this version of the tool."""
    return ScriptDirectory(str(PROJECT_DIR / "migrations")).get_current_head() or ""


def current_revision() -> str:
    """The migration the database is at; empty when none was ever applied."""
    return MigrationContext.configure(db.session.connection()).get_current_revision() or ""


def database_size() -> int:
    """Bytes of the whole database; one statement."""
    if db.engine.dialect.name == "postgresql":
        size = text("SELECT pg_database_size(current_database())")
    else:
        size = text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
    return int(db.session.scalar(size) or 0)
