"""Agreements between organizations, and courses for partners"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("network_form", sa.Boolean(), nullable=False),
        sa.Column("form", sa.String(length=12), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_reason", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["organization.id"], name=op.f("fk_agreement_author_id_organization")),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["organization.id"], name=op.f("fk_agreement_ended_by_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
    )
    op.create_index(op.f("ix_agreement_author_id"), "agreement", ["author_id"])
    op.create_index(op.f("ix_agreement_state_ends_on"), "agreement", ["state", "ends_on"])

    op.create_table(
        "agreement_party",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_party_agreement_id_agreement")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_agreement_party_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_party")),
        sa.UniqueConstraint(
            "agreement_id", "organization_id", name=op.f("uq_agreement_party_agreement_id_organization_id")
        ),
    )
    op.create_index(op.f("ix_agreement_party_organization_id"), "agreement_party", ["organization_id"])

    op.create_table(
        "agreement_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("stored", sa.JSON(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_revision_agreement_id_agreement")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["organization.id"], name=op.f("fk_agreement_revision_author_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["declined_by_id"], ["organization.id"], name=op.f("fk_agreement_revision_declined_by_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_revision")),
        sa.UniqueConstraint("agreement_id", "number", name=op.f("uq_agreement_revision_agreement_id_number")),
    )
    op.create_index(
        op.f("uq_agreement_revision_open"),
        "agreement_revision",
        ["agreement_id"],
        unique=True,
        sqlite_where=sa.text("state in ('draft', 'proposed')"),
        postgresql_where=sa.text("state in ('draft', 'proposed')"),
    )

    op.create_table(
        "agreement_signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("signatory", sa.String(length=200), nullable=False),
        sa.Column("paper", sa.String(length=200), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("scan_key", sa.String(length=80), nullable=False),
        sa.Column("scan_name", sa.String(length=255), nullable=False),
        sa.Column("scan_size", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_agreement_signature_by_id_person")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_agreement_signature_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["agreement_revision.id"],
            name=op.f("fk_agreement_signature_revision_id_agreement_revision"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_signature")),
        sa.UniqueConstraint(
            "revision_id", "organization_id", name=op.f("uq_agreement_signature_revision_id_organization_id")
        ),
    )
    with op.batch_alter_table("participation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("after_agreement", sa.String(length=10), nullable=False, server_default=""))

    with op.batch_alter_table("shared_course", schema=None) as batch_op:
        batch_op.add_column(sa.Column("visibility", sa.String(length=10), nullable=False, server_default="hub"))


def downgrade() -> None:
    with op.batch_alter_table("shared_course", schema=None) as batch_op:
        batch_op.drop_column("visibility")

    with op.batch_alter_table("participation", schema=None) as batch_op:
        batch_op.drop_column("after_agreement")

    op.drop_table("agreement_signature")

    op.drop_table("agreement_revision")

    op.drop_table("agreement_party")

    op.drop_table("agreement")
