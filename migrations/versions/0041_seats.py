"""Seats: catalogue, quotas, requests, places and the waiting list"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0043"
branch_labels = None
depends_on = None

OPEN = sa.text("state in ('requested', 'approved')")


def moment(name, nullable=True):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def text(name, length=None):
    return sa.Column(name, sa.String(length=length) if length else sa.Text(), nullable=False)


def number(name, nullable=False):
    return sa.Column(name, sa.Integer(), nullable=nullable)


def yes_or_no(name):
    return sa.Column(name, sa.Boolean(), nullable=False)


def key(table, column, other):
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def primary(table):
    return sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def unique(table, *columns):
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def index(table, *columns):
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def upgrade() -> None:
    op.create_table(
        "course_offering",
        number("id"),
        number("course_id"),
        yes_or_no("listed"),
        text("subject", 20),
        number("grade_from", nullable=True),
        number("grade_to", nullable=True),
        number("hours", nullable=True),
        *(sa.Column(name, sa.Date(), nullable=True) for name in ("starts_on", "ends_on")),
        text("asked"),
        *(sa.Column(name, sa.Date(), nullable=True) for name in ("add_until", "drop_until")),
        yes_or_no("limited"),
        number("reserve"),
        yes_or_no("accept_automatically"),
        number("version"),
        moment("created_at", nullable=False),
        key("course_offering", "course_id", "shared_course"),
        primary("course_offering"),
        unique("course_offering", "course_id"),
    )
    op.create_table(
        "seat_quota",
        number("id"),
        number("course_id"),
        number("organization_id"),
        number("seats"),
        key("seat_quota", "course_id", "shared_course"),
        key("seat_quota", "organization_id", "organization"),
        primary("seat_quota"),
        unique("seat_quota", "course_id", "organization_id"),
    )
    index("seat_quota", "organization_id")
    op.create_table(
        "seat",
        number("id"),
        number("course_id"),
        number("identity_id"),
        number("participation_id"),
        text("state", 10),
        number("line"),
        moment("since", nullable=False),
        text("reason", 500),
        yes_or_no("late"),
        moment("created_at", nullable=False),
        key("seat", "course_id", "shared_course"),
        key("seat", "identity_id", "identity"),
        key("seat", "participation_id", "participation"),
        primary("seat"),
        unique("seat", "course_id", "identity_id"),
    )
    index("seat", "course_id", "state", "line")
    index("seat", "identity_id")
    index("seat", "participation_id", "state")
    op.create_table(
        "seat_request",
        number("id"),
        number("course_id"),
        number("context_id"),
        number("asked_by_id"),
        number("seats", nullable=True),
        text("message", 1000),
        yes_or_no("full_names"),
        yes_or_no("host_agreed"),
        text("state", 10),
        moment("approved_at"),
        moment("answered_at"),
        yes_or_no("declined_by_host"),
        text("reason", 500),
        moment("created_at", nullable=False),
        key("seat_request", "course_id", "shared_course"),
        key("seat_request", "context_id", "context"),
        key("seat_request", "asked_by_id", "identity"),
        primary("seat_request"),
    )
    both = ["course_id", "context_id"]
    op.create_index("uq_seat_request_open", "seat_request", both, unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    index("seat_request", "course_id", "state")
    index("seat_request", "context_id", "state")
    op.create_table(
        "school_rule",
        number("id"),
        number("organization_id"),
        text("approval", 10),
        moment("created_at", nullable=False),
        key("school_rule", "organization_id", "organization"),
        primary("school_rule"),
        unique("school_rule", "organization_id"),
    )
    with op.batch_alter_table("participation") as batch:
        batch.add_column(number("seats", nullable=True))
        batch.add_column(sa.Column("held", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("participation") as batch:
        batch.drop_column("held")
        batch.drop_column("seats")
    for table in ("school_rule", "seat_request", "seat", "seat_quota", "course_offering"):
        op.drop_table(table)
