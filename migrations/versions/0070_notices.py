"""Notices, the agreement to a daily mail, what was told of activities, and visits to courses"""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("about", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("read_at", moment, nullable=True),
        sa.Column("mailed_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["identity_id"], ["identity.id"], name=op.f("fk_notice_identity_id_identity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("identity_id", "kind", "about", name=op.f("uq_notice_identity_id_kind_about")),
    )
    op.create_index(op.f("ix_notice_identity_id_read_at"), "notice", ["identity_id", "read_at"])
    op.create_index(op.f("ix_notice_at"), "notice", ["at"])
    op.create_table(
        "notice_digest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=False),
        sa.Column("as_pupil", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", moment, nullable=True),
        sa.Column("leased_by", sa.String(length=120), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["identity.id"], name=op.f("fk_notice_digest_identity_id_identity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_digest")),
        sa.UniqueConstraint("identity_id", name=op.f("uq_notice_digest_identity_id")),
    )
    op.create_index(op.f("ix_notice_digest_state_due_at"), "notice_digest", ["state", "due_at"])
    op.create_table(
        "activity_told",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_activity_told_activity_id_activity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_told")),
        sa.UniqueConstraint("activity_id", "what", name=op.f("uq_activity_told_activity_id_what")),
    )
    op.create_table(
        "course_visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.Column("before_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id"], ["shared_course.id"], name=op.f("fk_course_visit_course_id_shared_course")
        ),
        sa.ForeignKeyConstraint(["identity_id"], ["identity.id"], name=op.f("fk_course_visit_identity_id_identity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_visit")),
        sa.UniqueConstraint("identity_id", "course_id", name=op.f("uq_course_visit_identity_id_course_id")),
    )
    op.create_index(op.f("ix_course_visit_course_id"), "course_visit", ["course_id"])


def downgrade() -> None:
    for table in ("course_visit", "activity_told", "notice_digest", "notice"):
        op.drop_table(table)
