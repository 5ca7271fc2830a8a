"""The history of participants, their groups at home, and the mark of a roster that has not changed"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "membership_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("context_id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=6), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("old_role", sa.String(length=10), nullable=True),
        sa.Column("new_role", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(["context_id"], ["context.id"], name=op.f("fk_membership_event_context_id_context")),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("fk_membership_event_identity_id_identity")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_event")),
    )
    with op.batch_alter_table("membership_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_event_context_id_at"), ["context_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_membership_event_identity_id"), ["identity_id"], unique=False)
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.add_column(sa.Column("home_groups", sa.JSON(), server_default="[]", nullable=False))
    with op.batch_alter_table("roster_sync", schema=None) as batch_op:
        batch_op.add_column(sa.Column("digest", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("roster_sync", schema=None) as batch_op:
        batch_op.drop_column("digest")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_column("home_groups")
    op.drop_table("membership_event")
