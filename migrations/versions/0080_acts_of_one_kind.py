"""The trail of acts, by kind of act"""

from alembic import op

revision = "0080"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_audit_event_verb_id"), "audit_event", ["verb", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_audit_event_verb_id"), table_name="audit_event")
