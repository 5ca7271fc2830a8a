"""Mails about agreements that end; why a request to coordinate was refused"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0045"
branch_labels = None
depends_on = None


def moment(name, nullable=True):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "ending_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("address", sa.String(length=255), nullable=True),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        moment("due_at", nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        moment("leased_until"),
        sa.Column("leased_by", sa.String(length=120), nullable=True),
        moment("created_at", nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_ending_mail_agreement_id_agreement")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ending_mail_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ending_mail")),
        sa.UniqueConstraint(
            "agreement_id", "person_id", "last_day", name=op.f("uq_ending_mail_agreement_id_person_id_last_day")
        ),
    )
    op.create_index(op.f("ix_ending_mail_state_due_at"), "ending_mail", ["state", "due_at"])
    op.create_index(op.f("ix_ending_mail_person_id"), "ending_mail", ["person_id"])
    with op.batch_alter_table("coordinator") as batch:
        batch.add_column(sa.Column("reason", sa.String(length=500), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("coordinator") as batch:
        batch.drop_column("reason")
    op.drop_table("ending_mail")
