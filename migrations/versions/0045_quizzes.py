"""Quizzes: question bank, quizzes, attempts and answers"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0021"
branch_labels = None
depends_on = None


def number(name, nullable=False):
    return sa.Column(name, sa.Integer(), nullable=nullable)


def text(name, length=None):
    return sa.Column(name, sa.String(length=length) if length else sa.Text(), nullable=False)


def moment(name, nullable=True):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def yes(name):
    return sa.Column(name, sa.Boolean(), nullable=False)


def real(name, nullable=False):
    return sa.Column(name, sa.Float(), nullable=nullable)


def json(name):
    return sa.Column(name, sa.JSON(), nullable=False)


def make(table, *columns, points=(), unique=(), key="id"):
    """`points`: (column, table it points at, its key)."""
    op.create_table(
        table,
        *columns,
        moment("created_at", nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{other}.{other_key}"],
                name=op.f(f"fk_{table}_{column}_{other}"),
                # what a pupil did goes with the work it belongs to
                ondelete="CASCADE" if other in ("submission", "quiz_attempt") else None,
            )
            for column, other, other_key in points
        ),
        sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{table}")),
        *(sa.UniqueConstraint(*names, name=op.f(f"uq_{table}_{'_'.join(names)}")) for names in unique),
    )


def index(table, *columns):
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def upgrade() -> None:
    make(
        "question_pool",
        number("id"),
        number("course_id"),
        text("title", 200),
        points=[("course_id", "shared_course", "id")],
        unique=[("course_id", "title")],
    )
    make(
        "question_picture",
        number("id"),
        number("course_id"),
        number("file_id"),
        text("sha256", 64),
        points=[("course_id", "shared_course", "id"), ("file_id", "stored_file", "id")],
        unique=[("course_id", "sha256")],
    )
    index("question_picture", "file_id")
    make(
        "bank_question",
        number("id"),
        number("course_id"),
        number("pool_id", nullable=True),
        text("name", 200),
        text("kind", 20),
        real("points"),
        number("version"),
        moment("deleted_at"),
        points=[("course_id", "shared_course", "id"), ("pool_id", "question_pool", "id")],
    )
    index("bank_question", "course_id")
    index("bank_question", "pool_id")
    make(
        "question_version",
        number("id"),
        number("question_id"),
        number("number"),
        json("kept"),
        points=[("question_id", "bank_question", "id")],
        unique=[("question_id", "number")],
    )
    make(
        "quiz",
        number("activity_id"),
        number("attempts"),
        text("counts", 10),
        number("minutes", nullable=True),
        number("pass_percent", nullable=True),
        number("per_page"),
        yes("shuffle_questions"),
        yes("shuffle_options"),
        json("shown"),
        points=[("activity_id", "activity", "id")],
        key="activity_id",
    )
    make(
        "quiz_slot",
        number("id"),
        number("activity_id"),
        number("position"),
        number("question_id", nullable=True),
        number("pool_id", nullable=True),
        number("draws"),
        real("points"),
        points=[
            ("activity_id", "activity", "id"),
            ("question_id", "bank_question", "id"),
            ("pool_id", "question_pool", "id"),
        ],
    )
    index("quiz_slot", "activity_id", "position")
    index("quiz_slot", "question_id")
    index("quiz_slot", "pool_id")
    make(
        "quiz_extra",
        number("id"),
        number("activity_id"),
        number("identity_id"),
        number("minutes"),
        number("attempts"),
        moment("closes_at"),
        points=[("activity_id", "activity", "id"), ("identity_id", "identity", "id")],
        unique=[("activity_id", "identity_id")],
    )
    index("quiz_extra", "identity_id")
    make(
        "quiz_attempt",
        number("id"),
        number("submission_id"),
        number("number"),
        text("state", 10),
        moment("started_at", nullable=False),
        moment("deadline_at"),
        moment("finished_at"),
        yes("overdue"),
        text("tab", 32),
        number("version"),
        real("points", nullable=True),
        real("maximum"),
        points=[("submission_id", "submission", "id")],
        unique=[("submission_id", "number")],
    )
    op.create_index(
        "uq_quiz_attempt_running",
        "quiz_attempt",
        ["submission_id"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    index("quiz_attempt", "state", "deadline_at")
    make(
        "quiz_response",
        number("id"),
        number("attempt_id"),
        number("slot_id"),
        number("position"),
        number("version_id"),
        number("marks_id", nullable=True),
        real("maximum"),
        json("order"),
        json("answer"),
        moment("answered_at"),
        real("fraction", nullable=True),
        text("to_mark", 10),
        text("comment"),
        number("marked_by_id", nullable=True),
        number("mark_version"),
        points=[
            ("attempt_id", "quiz_attempt", "id"),
            ("slot_id", "quiz_slot", "id"),
            ("version_id", "question_version", "id"),
            ("marks_id", "question_version", "id"),
            ("marked_by_id", "identity", "id"),
        ],
        unique=[("attempt_id", "position")],
    )
    index("quiz_response", "version_id")
    index("quiz_response", "slot_id", "to_mark")


def downgrade() -> None:
    tables = ("quiz_response", "quiz_attempt", "quiz_extra", "quiz_slot", "quiz", "question_version", "bank_question")
    for table in (*tables, "question_picture", "question_pool"):
        op.drop_table(table)
