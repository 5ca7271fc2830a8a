"""Scores travel in the lane of their registration"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery_lane",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=True),
        sa.Column("troubled_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_by", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["registration.id"], name=op.f("fk_delivery_lane_id_registration")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_lane")),
    )
    with op.batch_alter_table("score") as score:
        score.add_column(sa.Column("registration_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE score SET registration_id = (SELECT context.registration_id FROM line_item"
        " JOIN context ON context.id = line_item.context_id WHERE line_item.id = score.line_item_id)"
    )
    op.execute(
        "INSERT INTO delivery_lane (id, failures, state, due_at, attempts)"
        " SELECT DISTINCT registration_id, 0, 'waiting', CURRENT_TIMESTAMP, 0 FROM score"
    )
    with op.batch_alter_table("score") as score:
        score.alter_column("registration_id", existing_type=sa.Integer(), nullable=False)
        score.create_foreign_key(
            op.f("fk_score_registration_id_registration"), "registration", ["registration_id"], ["id"]
        )
        score.drop_index(op.f("ix_score_state_due_at"))
        score.create_index(
            op.f("ix_score_registration_id_state_due_at"), ["registration_id", "state", "due_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("score") as score:
        score.drop_index(op.f("ix_score_registration_id_state_due_at"))
        score.create_index(op.f("ix_score_state_due_at"), ["state", "due_at"], unique=False)
        score.drop_constraint(op.f("fk_score_registration_id_registration"), type_="foreignkey")
        score.drop_column("registration_id")
    op.drop_table("delivery_lane")
