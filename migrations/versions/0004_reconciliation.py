"""Comparison of the gradebooks with the delivered scores"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grade_comparison",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_item_id", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=60), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_by", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(
            ["line_item_id"], ["line_item.id"], name=op.f("fk_grade_comparison_line_item_id_line_item")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_comparison")),
        sa.UniqueConstraint("line_item_id", name=op.f("uq_grade_comparison_line_item_id")),
    )
    op.create_index(op.f("ix_grade_comparison_state_due_at"), "grade_comparison", ["state", "due_at"])
    op.create_table(
        "grade_difference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_item_id", sa.Integer(), nullable=False),
        sa.Column("lms_user_id", sa.String(length=255), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("their_score", sa.Float(), nullable=True),
        sa.Column("their_maximum", sa.Float(), nullable=True),
        sa.Column("our_score", sa.Float(), nullable=True),
        sa.Column("our_maximum", sa.Float(), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["identity.id"], name=op.f("fk_grade_difference_decided_by_id_identity")
        ),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("fk_grade_difference_identity_id_identity")
        ),
        sa.ForeignKeyConstraint(
            ["line_item_id"], ["line_item.id"], name=op.f("fk_grade_difference_line_item_id_line_item")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_difference")),
        sa.UniqueConstraint("line_item_id", "lms_user_id", name=op.f("uq_grade_difference_line_item_id_lms_user_id")),
    )
    op.create_index(op.f("ix_grade_difference_identity_id"), "grade_difference", ["identity_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_grade_difference_identity_id"), "grade_difference")
    op.drop_table("grade_difference")
    op.drop_index(op.f("ix_grade_comparison_state_due_at"), "grade_comparison")
    op.drop_table("grade_comparison")
