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


def test_rows_that_point_at_each_other_survive_up_and_down(app: Flask) -> None:
    """From a version that was in use, with rows in the tables that later versions make anew."""
    now = "2026-01-01 00:00:00"
    rows = [
        f"INSERT INTO organization (id, name, type, department, city, contacts, locale, time_zone, created_at)"
        f" VALUES (1, 'S', 'school', 'D', '', '', 'ru', 'UTC', '{now}')",
        f"INSERT INTO shared_course (id, organization_id, title, description, language, state, visibility, join_code,"
        f" version, created_at) VALUES (1, 1, 'Rivers', '', 'ru', 'published', 'hub', 'ABC', 1, '{now}')",
        f"INSERT INTO activity (id, course_id, kind, title, body, position, published, accepts, version, created_at,"
        f" points) VALUES (1, 1, 'assignment', 'Report', '', 1, true, '[\"text\"]', 1, '{now}', 10)",
        f"INSERT INTO course_offer (id, course_id, organization_id, created_at) VALUES (1, 1, 1, '{now}')",
    ]
    with app.app_context():
        start_empty()
        try:
            upgrade(revision="0009")
            with db.engine.begin() as connection:
                for row in rows:
                    connection.exec_driver_sql(row)
            for move in (upgrade, lambda: downgrade(revision="0009"), upgrade):
                move()
                with db.engine.connect() as connection:
                    for table in ("organization", "shared_course", "activity", "course_offer"):
                        found = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
                        assert found == 1, table
        finally:
            restore()
