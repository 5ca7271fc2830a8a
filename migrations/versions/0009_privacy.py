"""Privacy notices and consent, by organization"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0014"
branch_labels = None
depends_on = None


def _organization(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_organization_id_organization")
    return sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=name)


def _person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id_person"))


def upgrade() -> None:
    op.create_table(
        "privacy_setting",
        sa.Column("organization_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("requires_consent", sa.Boolean(), nullable=False),
        sa.Column("required_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("guardian", sa.Boolean(), nullable=False),
        sa.Column("teachers_confirm", sa.Boolean(), nullable=False),
        sa.Column("contact", sa.String(length=300), nullable=False),
        sa.Column("current", sa.Integer(), nullable=False),
        sa.Column("ask_from", sa.Integer(), nullable=False),
        _organization("privacy_setting"),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_privacy_setting")),
    )
    op.create_table(
        "privacy_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("notice_ru", sa.Text(), nullable=False),
        sa.Column("notice_en", sa.Text(), nullable=False),
        sa.Column("consent_ru", sa.Text(), nullable=False),
        sa.Column("consent_en", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("ask_again", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _organization("privacy_text"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_text")),
        sa.UniqueConstraint("organization_id", "number", name=op.f("uq_privacy_text_organization_id_number")),
    )
    op.create_table(
        "privacy_standing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("as_pupil", sa.Boolean(), nullable=False),
        sa.Column("noted", sa.Integer(), nullable=True),
        sa.Column("guardian", sa.Boolean(), nullable=False),
        _organization("privacy_standing"),
        _person("privacy_standing"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_standing")),
        sa.UniqueConstraint("organization_id", "person_id", name=op.f("uq_privacy_standing_organization_id_person_id")),
    )
    op.create_index(op.f("ix_privacy_standing_person_id"), "privacy_standing", ["person_id"])
    op.create_table(
        "privacy_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person_id", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(length=100), nullable=False),
        _organization("privacy_event"),
        _person("privacy_event"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_event")),
    )
    op.create_index(
        op.f("ix_privacy_event_organization_id_person_id"), "privacy_event", ["organization_id", "person_id"]
    )
    op.create_index(op.f("ix_privacy_event_person_id"), "privacy_event", ["person_id"])


def downgrade() -> None:
    for table in ("privacy_event", "privacy_standing", "privacy_text", "privacy_setting"):
        op.drop_table(table)
