"""What a school lets the tool keep of names; when a token was given; LMSs that move"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("registration") as batch:
        batch.add_column(sa.Column("kept_names", sa.String(length=5), server_default="full", nullable=False))
        batch.add_column(sa.Column("keeps_emails", sa.Boolean(), server_default=sa.true(), nullable=False))
    with op.batch_alter_table("access_token") as batch:
        batch.add_column(sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "platform_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_operator", sa.Boolean(), nullable=False),
        sa.Column("old_base", sa.String(length=255), nullable=False),
        sa.Column("new_base", sa.String(length=255), nullable=True),
        sa.Column("old_issuer", sa.String(length=255), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_by", sa.String(length=120), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_platform_move_registration_id_registration")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_move")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_platform_move_code_hash")),
    )
    op.create_index(op.f("ix_platform_move_state_due_at"), "platform_move", ["state", "due_at"])
    op.create_index(op.f("ix_platform_move_registration_id_state"), "platform_move", ["registration_id", "state"])
    op.create_index(op.f("ix_platform_move_old_issuer"), "platform_move", ["old_issuer"])


def downgrade() -> None:
    op.drop_table("platform_move")
    with op.batch_alter_table("access_token") as batch:
        batch.drop_column("fetched_at")
    with op.batch_alter_table("registration") as batch:
        batch.drop_column("keeps_emails")
        batch.drop_column("kept_names")
