"""Archived and rolled over courses; what pupils say they have read"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("shared_course") as table:
        table.add_column(sa.Column("archived_from", sa.String(length=10), nullable=True))
        table.add_column(sa.Column("origin_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_shared_course_origin_id_shared_course"), "shared_course", ["origin_id"], ["id"])
        table.create_index(op.f("ix_shared_course_origin_id"), ["origin_id"])
    with op.batch_alter_table("activity") as table:
        table.add_column(sa.Column("asks_done", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE submission SET done_at = handed_in_at WHERE handed_in_at IS NOT NULL")


def downgrade() -> None:
    with op.batch_alter_table("activity") as table:
        table.drop_column("asks_done")
    with op.batch_alter_table("shared_course") as table:
        table.drop_index(op.f("ix_shared_course_origin_id"))
        table.drop_constraint(op.f("fk_shared_course_origin_id_shared_course"), type_="foreignkey")
        for name in ("origin_id", "archived_from"):
            table.drop_column(name)
