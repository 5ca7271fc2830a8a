"""What an activity was made from, and classes whose gradebooks have a column for a whole course"""

import sqlalchemy as sa
from alembic import op

revision = "0085"
down_revision = "0080"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    with op.batch_alter_table("activity") as table:
        table.add_column(sa.Column("origin_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_activity_origin_id_activity"), "activity", ["origin_id"], ["id"])
        table.create_index(op.f("ix_activity_origin_id"), ["origin_id"])
    op.create_table(
        "course_total",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", moment, nullable=True),
        sa.Column("leased_by", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["participation.id"], name=op.f("fk_course_total_id_participation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_total")),
    )
    op.create_index(op.f("ix_course_total_state_due_at"), "course_total", ["state", "due_at"])


def downgrade() -> None:
    op.drop_table("course_total")
    with op.batch_alter_table("activity") as table:
        table.drop_index(op.f("ix_activity_origin_id"))
        table.drop_constraint(op.f("fk_activity_origin_id_activity"), type_="foreignkey")
        table.drop_column("origin_id")
