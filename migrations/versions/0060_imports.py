"""Imports into the exchange"""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0050"
branch_labels = None
depends_on = None


def key(table, column, target, **more):
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"), **more)


def upgrade() -> None:
    op.create_table(
        "resource_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("described", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(length=20), nullable=False),
        sa.Column("undoing", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_by", sa.String(length=120), nullable=True),
        key("resource_import", "organization_id", "organization"),
        key("resource_import", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_import")),
    )
    op.create_index(op.f("ix_resource_import_state_due_at"), "resource_import", ["state", "due_at"])
    op.create_index(op.f("ix_resource_import_person_id_id"), "resource_import", ["person_id", "id"])
    op.create_index(op.f("ix_resource_import_organization_id_id"), "resource_import", ["organization_id", "id"])
    op.create_table(
        "resource_import_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        key("resource_import_file", "import_id", "resource_import"),
        key("resource_import_file", "file_id", "stored_file"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_import_file")),
    )
    op.create_index(
        op.f("ix_resource_import_file_import_id_position"), "resource_import_file", ["import_id", "position"]
    )
    op.create_index(op.f("ix_resource_import_file_file_id"), "resource_import_file", ["file_id"])
    op.create_table(
        "resource_import_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("folder", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        key("resource_import_entry", "import_id", "resource_import"),
        key("resource_import_entry", "resource_id", "resource", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_import_entry")),
    )
    op.create_index(
        op.f("ix_resource_import_entry_import_id_position"),
        "resource_import_entry",
        ["import_id", "position"],
        unique=True,
    )
    op.create_index(op.f("ix_resource_import_entry_resource_id"), "resource_import_entry", ["resource_id"])
    op.create_index(op.f("ix_resource_version_url"), "resource_version", ["url"], postgresql_using="hash")


def downgrade() -> None:
    op.drop_index(op.f("ix_resource_version_url"), "resource_version")
    for table in ("resource_import_entry", "resource_import_file", "resource_import"):
        op.drop_table(table)
