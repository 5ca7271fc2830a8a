"""Certificates of completion"""

import sqlalchemy as sa
from alembic import op

revision = "0083"
down_revision = "0084"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificate_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("issuing", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("which", sa.String(length=10), nullable=False),
        sa.Column("least_points", sa.Integer(), nullable=True),
        sa.Column("least_sessions", sa.Integer(), nullable=True),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("signed_by", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["shared_course.id"], name=op.f("fk_certificate_rule_course_id_shared_course")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_rule")),
        sa.UniqueConstraint("course_id", name=op.f("uq_certificate_rule_course_id")),
    )
    op.create_table(
        "certificate_activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_certificate_activity_activity_id_activity")
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["certificate_rule.id"], name=op.f("fk_certificate_activity_rule_id_certificate_rule")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_activity")),
        sa.UniqueConstraint("rule_id", "activity_id", name=op.f("uq_certificate_activity_rule_id_activity_id")),
    )
    op.create_index(op.f("ix_certificate_activity_activity_id"), "certificate_activity", ["activity_id"])
    op.create_table(
        "certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=False),
        sa.Column("participation_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=False),
        sa.Column("stated", sa.JSON(), nullable=False),
        sa.Column("shows_name", sa.Boolean(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.Column("revoked_reason", sa.String(length=500), nullable=False),
        sa.Column("holder_erased", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["shared_course.id"], name=op.f("fk_certificate_course_id_shared_course")
        ),
        sa.ForeignKeyConstraint(["identity_id"], ["identity.id"], name=op.f("fk_certificate_identity_id_identity")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["identity.id"], name=op.f("fk_certificate_issued_by_id_identity")),
        sa.ForeignKeyConstraint(
            ["participation_id"], ["participation.id"], name=op.f("fk_certificate_participation_id_participation")
        ),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["identity.id"], name=op.f("fk_certificate_revoked_by_id_identity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("course_id", "identity_id", name=op.f("uq_certificate_course_id_identity_id")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
    )
    for column in ("identity_id", "participation_id", "issued_by_id", "revoked_by_id"):
        op.create_index(op.f(f"ix_certificate_{column}"), "certificate", [column])


def downgrade() -> None:
    op.drop_table("certificate")
    op.drop_table("certificate_activity")
    op.drop_table("certificate_rule")
