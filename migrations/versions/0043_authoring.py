"""Archived and rolled over courses; what pupils say they have read"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("shared_course") as table:
        table.add_column(sa.Column("archived_from", sa.String(length=10), nullable=True))
        table.add_column(sa.Column("origin_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_shared_course_origin_id_shared_course"), "shared_course", ["origin_id"], ["id"]
        )
        table.create_index(op.f("ix_shared_course_origin_id"), ["origin_id"])
    with op.batch_alter_table("activity") as table:
        table.add_column(sa.Column("asks_done", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "activity_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_activity_file_activity_id_activity")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_activity_file_file_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_file")),
        sa.UniqueConstraint("activity_id", "file_id", name=op.f("uq_activity_file_activity_id_file_id")),
    )
    op.create_index(op.f("ix_activity_file_file_id"), "activity_file", ["file_id"])
    op.create_table(
        "activity_link",
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_activity_link_activity_id_activity")),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_activity_link")),
    )
    op.execute("UPDATE submission SET done_at = handed_in_at WHERE handed_in_at IS NOT NULL")


def downgrade() -> None:
    op.drop_table("activity_link")
    op.drop_table("activity_file")
    with op.batch_alter_table("activity") as table:
        table.drop_column("asks_done")
    with op.batch_alter_table("shared_course") as table:
        table.drop_index(op.f("ix_shared_course_origin_id"))
        table.drop_constraint(op.f("fk_shared_course_origin_id_shared_course"), type_="foreignkey")
        for name in ("origin_id", "archived_from"):
            table.drop_column(name)
