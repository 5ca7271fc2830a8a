"""Support accesses, announcements, storage used by organizations, how periodic duties went"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def moment(name, nullable=True):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def text(name, length):
    return sa.Column(name, sa.String(length=length), nullable=False)


def number(name, kind=sa.Integer):
    return sa.Column(name, kind(), nullable=False)


def key(table, column, other):
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    with op.batch_alter_table("organization") as batch:
        batch.add_column(sa.Column("support_needs_yes", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("periodic") as batch:
        batch.add_column(moment("ran_at"))
        batch.add_column(sa.Column("error", sa.String(length=60), nullable=True))
    op.create_table(
        "support_access",
        number("id"),
        number("organization_id"),
        number("person_id"),
        text("reason", 500),
        number("minutes"),
        text("state", 10),
        moment("changed_at", nullable=False),
        number("changed_by_id"),
        moment("opened_at"),
        moment("until"),
        moment("created_at", nullable=False),
        key("support_access", "organization_id", "organization"),
        key("support_access", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_access")),
    )
    op.create_index(op.f("ix_support_access_organization_id_state"), "support_access", ["organization_id", "state"])
    op.create_index(op.f("ix_support_access_person_id_state"), "support_access", ["person_id", "state"])
    op.create_table(
        "announcement",
        number("id"),
        text("kind", 12),
        text("audience", 16),
        sa.Column("text_ru", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        moment("starts_at", nullable=False),
        moment("ends_at", nullable=False),
        number("version"),
        moment("created_at", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    op.create_index(op.f("ix_announcement_ends_at"), "announcement", ["ends_at"])
    op.create_table(
        "announcement_dismissal",
        number("announcement_id"),
        number("person_id"),
        key("announcement_dismissal", "announcement_id", "announcement"),
        key("announcement_dismissal", "person_id", "person"),
        sa.PrimaryKeyConstraint("announcement_id", "person_id", name=op.f("pk_announcement_dismissal")),
    )
    op.create_index(op.f("ix_announcement_dismissal_person_id"), "announcement_dismissal", ["person_id"])
    op.create_table(
        "storage_use",
        number("organization_id"),
        number("files"),
        number("bytes", sa.BigInteger),
        number("largest", sa.BigInteger),
        moment("counted_at", nullable=False),
        key("storage_use", "organization_id", "organization"),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_storage_use")),
    )
    op.create_index(op.f("ix_storage_use_bytes"), "storage_use", ["bytes"])


def downgrade() -> None:
    for table in ("storage_use", "announcement_dismissal", "announcement", "support_access"):
        op.drop_table(table)
    with op.batch_alter_table("periodic") as batch:
        batch.drop_column("error")
        batch.drop_column("ran_at")
    with op.batch_alter_table("organization") as batch:
        batch.drop_column("support_needs_yes")
