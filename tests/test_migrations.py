"""Migrations lead from nothing to exactly the models, and back, on both databases."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, stamp, upgrade
from sqlalchemy import inspect

from lti_tool.core.db import db
from lti_tool.core.search import is_of_an_index


def start_empty() -> None:
    """Remove what the fixtures made."""
    db.drop_all()
    stamp(revision="base")


def restore() -> None:
    """Leave the tables for the next test, which may share this database."""
    db.session.remove()
    db.drop_all()
    db.create_all()


def test_up_gives_exactly_the_models(app: Flask) -> None:
    with app.app_context():
        start_empty()
        try:
            upgrade()
            with db.engine.connect() as connection:
                options = {
                    "compare_type": True,
                    "compare_server_default": False,
                    "include_object": lambda thing, name, kind, *_more: not is_of_an_index(kind, name, thing),
                }
                difference = compare_metadata(MigrationContext.configure(connection, opts=options), db.metadata)
            assert difference == []
        finally:
            restore()


def test_down_leaves_nothing(app: Flask) -> None:
    with app.app_context():
        start_empty()
        try:
            upgrade()
            downgrade(revision="base")
            assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        finally:
            restore()
