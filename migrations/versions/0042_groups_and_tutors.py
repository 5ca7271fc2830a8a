"""Groups across schools; co-teachers and tutors"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


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


def primary(table, column="id"):
    return sa.PrimaryKeyConstraint(column, name=op.f(f"pk_{table}"))


def unique(table, *columns):
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def index(table, *columns):
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def upgrade() -> None:
    op.create_table(
        "grouping",
        number("id"),
        number("course_id"),
        text("title", 200),
        text("way", 10),
        number("most", nullable=True),
        moment("choose_until"),
        yes_or_no("newcomers"),
        moment("created_at", nullable=False),
        key("grouping", "course_id", "shared_course"),
        primary("grouping"),
    )
    index("grouping", "course_id")
    op.create_table(
        "course_group",
        number("id"),
        number("grouping_id"),
        text("title", 200),
        number("position"),
        moment("created_at", nullable=False),
        key("course_group", "grouping_id", "grouping"),
        primary("course_group"),
    )
    index("course_group", "grouping_id", "position")
    op.create_table(
        "course_group_member",
        number("id"),
        number("grouping_id"),
        number("group_id"),
        number("identity_id"),
        moment("created_at", nullable=False),
        key("course_group_member", "grouping_id", "grouping"),
        key("course_group_member", "group_id", "course_group"),
        key("course_group_member", "identity_id", "identity"),
        primary("course_group_member"),
        unique("course_group_member", "grouping_id", "identity_id"),
    )
    index("course_group_member", "group_id")
    index("course_group_member", "identity_id")
    op.create_table(
        "activity_grouping",
        number("activity_id"),
        number("grouping_id"),
        key("activity_grouping", "activity_id", "activity"),
        key("activity_grouping", "grouping_id", "grouping"),
        primary("activity_grouping", "activity_id"),
    )
    index("activity_grouping", "grouping_id")
    op.create_table(
        "course_tutor",
        number("id"),
        number("course_id"),
        number("identity_id"),
        text("level", 10),
        yes_or_no("everybody"),
        text("state", 10),
        moment("answered_at"),
        moment("created_at", nullable=False),
        key("course_tutor", "course_id", "shared_course"),
        key("course_tutor", "identity_id", "identity"),
        primary("course_tutor"),
        unique("course_tutor", "course_id", "identity_id"),
    )
    index("course_tutor", "identity_id", "state")
    op.create_table(
        "work_remark",
        number("id"),
        number("activity_id"),
        number("identity_id"),
        number("author_id"),
        text("text"),
        moment("created_at", nullable=False),
        key("work_remark", "activity_id", "activity"),
        key("work_remark", "identity_id", "identity"),
        key("work_remark", "author_id", "identity"),
        primary("work_remark"),
    )
    index("work_remark", "activity_id", "identity_id")
    index("work_remark", "identity_id")


def downgrade() -> None:
    tables = ("work_remark", "course_tutor", "activity_grouping", "course_group_member", "course_group", "grouping")
    for table in tables:
        op.drop_table(table)
