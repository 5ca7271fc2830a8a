"""Whether addresses and files of published resources still answer"""

import sqlalchemy as sa
from alembic import op

revision = "0087"
down_revision = "0083"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "resource_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("checked_at", moment, nullable=True),
        sa.Column("fault", sa.String(length=20), nullable=False),
        sa.Column("failing_since", moment, nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", moment, nullable=True),
        sa.Column("leased_by", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(
            ["id"], ["resource.id"], name=op.f("fk_resource_check_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_check")),
    )
    op.create_index(op.f("ix_resource_check_state_due_at"), "resource_check", ["state", "due_at"])
    op.create_index(op.f("ix_resource_check_failing_since"), "resource_check", ["failing_since"])
    op.create_table(
        "asked_host",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("free_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_asked_host")),
    )


def downgrade() -> None:
    op.drop_table("asked_host")
    op.drop_table("resource_check")
