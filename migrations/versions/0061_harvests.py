"""Catalogues that are harvested"""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def moment(name, nullable=True):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def number(name):
    return sa.Column(name, sa.Integer(), nullable=False)


def text(name, length):
    return sa.Column(name, sa.String(length=length), nullable=False)


def upgrade() -> None:
    op.create_table(
        "harvest_source",
        number("id"),
        number("organization_id"),
        text("name", 200),
        text("url", 1000),
        text("prefix", 10),
        text("set_name", 200),
        text("licence", 20),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        number("every_hours"),
        number("version"),
        sa.Column("token", sa.Text(), nullable=False),
        moment("began_at"),
        moment("harvested_until"),
        moment("finished_at"),
        text("error", 60),
        moment("error_at"),
        number("taken"),
        number("removed"),
        number("refused"),
        moment("created_at", nullable=False),
        text("state", 12),
        moment("due_at", nullable=False),
        number("attempts"),
        moment("leased_until"),
        sa.Column("leased_by", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_harvest_source_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvest_source")),
    )
    op.create_index(op.f("ix_harvest_source_state_due_at"), "harvest_source", ["state", "due_at"])
    op.create_index(op.f("ix_harvest_source_organization_id"), "harvest_source", ["organization_id"])
    op.create_table(
        "harvested_record",
        number("id"),
        number("source_id"),
        text("identifier", 500),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        text("reason", 20),
        text("title", 200),
        sa.ForeignKeyConstraint(
            ["source_id"], ["harvest_source.id"], name=op.f("fk_harvested_record_source_id_harvest_source")
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["resource.id"],
            name=op.f("fk_harvested_record_resource_id_resource"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvested_record")),
        sa.UniqueConstraint("source_id", "identifier", name=op.f("uq_harvested_record_source_id_identifier")),
    )
    op.create_index(op.f("ix_harvested_record_resource_id"), "harvested_record", ["resource_id"])


def downgrade() -> None:
    op.drop_table("harvested_record")
    op.drop_table("harvest_source")
