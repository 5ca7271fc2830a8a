"""Units of courses; dates and order of activities; what pupils have done"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0009"
branch_labels = None
depends_on = None


def moment(name, nullable=True):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def number(name, nullable=False):
    return sa.Column(name, sa.Integer(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "course_unit",
        number("id"),
        number("course_id"),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        number("position"),
        sa.Column("published", sa.Boolean(), nullable=False),
        moment("available_from"),
        moment("deleted_at"),
        number("version"),
        moment("created_at", nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["shared_course.id"], name=op.f("fk_course_unit_course_id_shared_course")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_unit")),
    )
    op.create_index(op.f("ix_course_unit_course_id_position"), "course_unit", ["course_id", "position"])
    with op.batch_alter_table("activity") as table:
        table.add_column(number("unit_id", nullable=True))
        table.add_column(moment("available_from"))
        table.add_column(moment("available_until"))
        table.add_column(number("after_id", nullable=True))
        table.create_foreign_key(op.f("fk_activity_unit_id_course_unit"), "course_unit", ["unit_id"], ["id"])
        table.create_foreign_key(op.f("fk_activity_after_id_activity"), "activity", ["after_id"], ["id"])
        table.create_index(op.f("ix_activity_unit_id"), ["unit_id"])
        table.create_index(op.f("ix_activity_after_id"), ["after_id"])
    with op.batch_alter_table("submission") as table:
        table.add_column(moment("done_at"))


def downgrade() -> None:
    with op.batch_alter_table("submission") as table:
        table.drop_column("done_at")
    with op.batch_alter_table("activity") as table:
        table.drop_index(op.f("ix_activity_after_id"))
        table.drop_index(op.f("ix_activity_unit_id"))
        table.drop_constraint(op.f("fk_activity_after_id_activity"), type_="foreignkey")
        table.drop_constraint(op.f("fk_activity_unit_id_course_unit"), type_="foreignkey")
        for name in ("after_id", "available_until", "available_from", "unit_id"):
            table.drop_column(name)
    op.drop_table("course_unit")
