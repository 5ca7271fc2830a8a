"""Copies of a person's data, erased people, files to remove, periods of retention"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0048"
branch_labels = None
depends_on = None


def moment(name, nullable=True):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def text(name, length, nullable=False):
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def number(name, nullable=False):
    return sa.Column(name, sa.Integer(), nullable=nullable)


def outbox():
    return (
        text("state", 12),
        moment("due_at", nullable=False),
        number("attempts"),
        moment("leased_until"),
        text("leased_by", 120, nullable=True),
    )


def key(table, column, other):
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def primary(table, column="id"):
    return sa.PrimaryKeyConstraint(column, name=op.f(f"pk_{table}"))


INDEXES = (("audit_event", "person_id"), ("grade", "graded_by_id"), ("privacy_event", "by_person_id"))


def upgrade() -> None:
    for table, column in INDEXES:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    op.add_column("person", moment("erased_at"))
    op.add_column("identity", moment("erased_at"))
    op.create_table("discarded_file", number("id"), text("key", 80), *outbox(), primary("discarded_file"))
    op.create_index(op.f("ix_discarded_file_state_due_at"), "discarded_file", ["state", "due_at"])
    op.create_table(
        "person_copy",
        number("id"),
        number("person_id"),
        number("organization_id", nullable=True),
        number("asked_by_id"),
        text("locale", 5),
        text("time_zone", 50),
        text("file_key", 80),
        number("size"),
        moment("expires_at", nullable=False),
        *outbox(),
        moment("created_at", nullable=False),
        key("person_copy", "person_id", "person"),
        key("person_copy", "organization_id", "organization"),
        key("person_copy", "asked_by_id", "person"),
        primary("person_copy"),
    )
    op.create_index(op.f("ix_person_copy_state_due_at"), "person_copy", ["state", "due_at"])
    op.create_index(op.f("ix_person_copy_person_id"), "person_copy", ["person_id"])
    op.create_index(op.f("ix_person_copy_asked_by_id"), "person_copy", ["asked_by_id"])
    op.create_table(
        "refused_sub",
        number("id"),
        number("registration_id"),
        text("sub", 255),
        number("by_person_id", nullable=True),
        moment("created_at", nullable=False),
        key("refused_sub", "registration_id", "registration"),
        primary("refused_sub"),
        sa.UniqueConstraint("registration_id", "sub", name=op.f("uq_refused_sub_registration_id_sub")),
    )
    op.create_table(
        "chosen_period",
        text("name", 30),
        number("days"),
        moment("changed_at", nullable=False),
        primary("chosen_period", "name"),
    )


def downgrade() -> None:
    for table, column in INDEXES:
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
    for table in ("chosen_period", "refused_sub", "person_copy", "discarded_file"):
        op.drop_table(table)
    for table in ("identity", "person"):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("erased_at")
