"""Discussions as activities"""

import sqlalchemy as sa
from alembic import op

revision = "0084"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity_discussion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("starters", sa.String(length=10), nullable=False),
        sa.Column("moderated", sa.Boolean(), nullable=False),
        sa.Column("write_first", sa.Boolean(), nullable=False),
        sa.Column("least_posts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_activity_discussion_activity_id_activity")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_discussion")),
        sa.UniqueConstraint("activity_id", name=op.f("uq_activity_discussion_activity_id")),
    )


def downgrade() -> None:
    op.drop_table("activity_discussion")
