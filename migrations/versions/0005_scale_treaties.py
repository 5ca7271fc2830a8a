"""Scales that host and school agree on"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scale_treaty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participation_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("thresholds", sa.JSON(), nullable=False),
        sa.Column("lowest", sa.Integer(), nullable=False),
        sa.Column("rounding", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("by_host", sa.Boolean(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("frozen_until", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["participation_id"], ["participation.id"], name=op.f("fk_scale_treaty_participation_id_participation")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["identity.id"], name=op.f("fk_scale_treaty_proposed_by_id_identity")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["identity.id"], name=op.f("fk_scale_treaty_answered_by_id_identity")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scale_treaty")),
    )
    op.create_index(op.f("ix_scale_treaty_participation_id"), "scale_treaty", ["participation_id"])
    for state in ("proposed", "agreed"):
        one = sa.text(f"state = '{state}'")
        op.create_index(
            f"uq_scale_treaty_{state}",
            "scale_treaty",
            ["participation_id"],
            unique=True,
            sqlite_where=one,
            postgresql_where=one,
        )
    with op.batch_alter_table("grade") as batch:
        batch.add_column(sa.Column("home_value", sa.Float(), nullable=True))
        batch.add_column(sa.Column("home_maximum", sa.Float(), nullable=True))
        batch.add_column(sa.Column("treaty_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_grade_treaty_id_scale_treaty"), "scale_treaty", ["treaty_id"], ["id"])
    with op.batch_alter_table("line_item") as batch:
        batch.add_column(sa.Column("agreed_maximum", sa.Float(), nullable=True))
        batch.add_column(sa.Column("fit", sa.String(length=10), nullable=False, server_default=""))
        batch.add_column(sa.Column("fitted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("line_item") as batch:
        batch.drop_column("fitted_at")
        batch.drop_column("fit")
        batch.drop_column("agreed_maximum")
    with op.batch_alter_table("grade") as batch:
        batch.drop_constraint(op.f("fk_grade_treaty_id_scale_treaty"), type_="foreignkey")
        batch.drop_column("treaty_id")
        batch.drop_column("home_maximum")
        batch.drop_column("home_value")
    op.drop_table("scale_treaty")
