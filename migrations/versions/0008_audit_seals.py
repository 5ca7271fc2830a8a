"""Seals of the audit trail, and the organization a line concerns"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_seal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("previous", name=op.f("uq_audit_seal_previous")),
    )
    op.add_column("audit_event", sa.Column("concerns_id", sa.Integer(), nullable=True))
    op.add_column("audit_event", sa.Column("seal_id", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_audit_event_concerns_id_at"), "audit_event", ["concerns_id", "at"])
    op.create_index(op.f("ix_audit_event_seal_id"), "audit_event", ["seal_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_audit_event_seal_id"), table_name="audit_event")
    op.drop_index(op.f("ix_audit_event_concerns_id_at"), table_name="audit_event")
    with op.batch_alter_table("audit_event") as batch:
        batch.drop_column("seal_id")
        batch.drop_column("concerns_id")
    op.drop_table("audit_seal")
