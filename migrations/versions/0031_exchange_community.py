"""Reports of use, questions and requests in the exchange"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "resource_need",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_resource_need_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_resource_need_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_need")),
    )
    op.create_index(op.f("ix_resource_need_organization_id"), "resource_need", ["organization_id"], unique=False)
    op.create_index(op.f("ix_resource_need_state_id"), "resource_need", ["state", "id"], unique=False)
    op.create_table(
        "resource_need_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("thanked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["need_id"], ["resource_need.id"], name=op.f("fk_resource_need_answer_need_id_resource_need")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_resource_need_answer_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_resource_need_answer_person_id_person")),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_need_answer_resource_id_resource")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_need_answer")),
        sa.UniqueConstraint("need_id", "resource_id", name=op.f("uq_resource_need_answer_need_id_resource_id")),
    )
    op.create_index(
        op.f("ix_resource_need_answer_organization_id"), "resource_need_answer", ["organization_id"], unique=False
    )
    op.create_table(
        "resource_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_resource_question_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_resource_question_person_id_person")),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_question_resource_id_resource")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_question")),
    )
    op.create_index(
        op.f("ix_resource_question_organization_id"), "resource_question", ["organization_id"], unique=False
    )
    op.create_index(
        op.f("ix_resource_question_resource_id_id"), "resource_question", ["resource_id", "id"], unique=False
    )
    op.create_table(
        "usage_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("setting", sa.String(length=300), nullable=False),
        sa.Column("worked", sa.Text(), nullable=False),
        sa.Column("changed", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_usage_report_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_usage_report_person_id_person")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_usage_report_resource_id_resource")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_report")),
        sa.UniqueConstraint("resource_id", "person_id", name=op.f("uq_usage_report_resource_id_person_id")),
    )
    op.create_index(op.f("ix_usage_report_organization_id"), "usage_report", ["organization_id"], unique=False)


def downgrade() -> None:
    op.drop_table("usage_report")
    op.drop_table("resource_question")
    op.drop_table("resource_need_answer")
    op.drop_table("resource_need")
