"""Changes of grades, grades given to many, excuses; indexes that name a course's pupils quickly, and what waits for a grade"""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0081"
branch_labels = None
depends_on = None


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def upgrade() -> None:
    op.create_table(
        "grade_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _key("grade_batch", "activity_id", "activity"),
        _key("grade_batch", "by_id", "identity"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_batch")),
    )
    op.create_index(op.f("ix_grade_batch_activity_id"), "grade_batch", ["activity_id"])
    op.create_index(op.f("ix_grade_batch_by_id"), "grade_batch", ["by_id"])
    op.create_table(
        "grade_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("points_before", sa.Float(), nullable=True),
        sa.Column("points", sa.Float(), nullable=True),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("maximum", sa.Float(), nullable=True),
        sa.Column("comment_changed", sa.Boolean(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        _key("grade_change", "activity_id", "activity"),
        _key("grade_change", "identity_id", "identity"),
        _key("grade_change", "by_id", "identity"),
        _key("grade_change", "batch_id", "grade_batch"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_change")),
    )
    op.create_index(op.f("ix_grade_change_activity_id_identity_id"), "grade_change", ["activity_id", "identity_id"])
    for column in ("identity_id", "by_id", "batch_id"):
        op.create_index(op.f(f"ix_grade_change_{column}"), "grade_change", [column])
    op.create_table(
        "excuse",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _key("excuse", "activity_id", "activity"),
        _key("excuse", "identity_id", "identity"),
        _key("excuse", "by_id", "identity"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_excuse")),
        sa.UniqueConstraint("activity_id", "identity_id", name=op.f("uq_excuse_activity_id_identity_id")),
    )
    op.create_index(op.f("ix_excuse_identity_id"), "excuse", ["identity_id"])
    op.create_index(op.f("ix_excuse_by_id"), "excuse", ["by_id"])
    op.create_index(op.f("ix_grade_participation_id_identity_id"), "grade", ["participation_id", "identity_id"])
    op.drop_index(op.f("ix_submission_participation_id"), "submission")
    _note_what_waits()
    name = op.f("ix_submission_participation_id_identity_id_handed_in_at")
    op.create_index(name, "submission", ["participation_id", "identity_id", "handed_in_at"])


def _note_what_waits() -> None:
    with op.batch_alter_table("submission") as batch:
        batch.add_column(sa.Column("settled", sa.Boolean(), nullable=False, server_default=sa.false()))
    for table in ("grade", "assignment_mark"):
        op.execute(
            f"UPDATE submission SET settled = true WHERE NOT waits_again AND EXISTS (SELECT 1 FROM {table} AS given"  # noqa: S608
            " WHERE given.activity_id = submission.activity_id AND given.identity_id = submission.identity_id)"
        )
    sqlite, postgresql = (sa.text(f"handed_in_at IS NOT NULL AND settled IS {no}") for no in ("0", "FALSE"))
    columns = ["activity_id", "identity_id"]
    op.create_index("ix_submission_waiting", "submission", columns, sqlite_where=sqlite, postgresql_where=postgresql)


def downgrade() -> None:
    op.drop_index("ix_submission_waiting", "submission")
    with op.batch_alter_table("submission") as batch:
        batch.drop_column("settled")
    op.create_index(op.f("ix_submission_participation_id"), "submission", ["participation_id"])
    op.drop_index(op.f("ix_submission_participation_id_identity_id_handed_in_at"), "submission")
    op.drop_index(op.f("ix_grade_participation_id_identity_id"), "grade")
    op.drop_table("excuse")
    op.drop_table("grade_change")
    op.drop_table("grade_batch")
