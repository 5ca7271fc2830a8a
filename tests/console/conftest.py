"""What the tests of the console share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from lti_tool.core.db import db
from tests.factories.joining import TOOL


@pytest.fixture
def count_statements(app: Flask) -> Callable[[FlaskClient, str], int]:
    """How many statements a page costs."""

    def count(client: FlaskClient, path: str) -> int:
        seen: list[str] = []
        with app.app_context():
            engine = db.engine

        def note(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            assert client.get(f"{TOOL}{path}").status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    return count
