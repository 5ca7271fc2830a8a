"""Assignments: settings, versions handed in, marks, rubrics, extensions, feedback, talk; files move to the common store"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assignment_rubric",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_assignment_rubric_activity_id_activity")
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["identity.id"], name=op.f("fk_assignment_rubric_made_by_id_identity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_rubric")),
        sa.UniqueConstraint("activity_id", "number", name=op.f("uq_assignment_rubric_activity_id_number")),
    )
    op.create_index(op.f("ix_assignment_rubric_made_by_id"), "assignment_rubric", ["made_by_id"])

    op.create_table(
        "work_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_work_comment_activity_id_activity")),
        sa.ForeignKeyConstraint(["by_id"], ["identity.id"], name=op.f("fk_work_comment_by_id_identity")),
        sa.ForeignKeyConstraint(["identity_id"], ["identity.id"], name=op.f("fk_work_comment_identity_id_identity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_comment")),
    )
    op.create_index(op.f("ix_work_comment_activity_id_identity_id"), "work_comment", ["activity_id", "identity_id"])
    op.create_index(op.f("ix_work_comment_by_id"), "work_comment", ["by_id"])
    op.create_index(op.f("ix_work_comment_identity_id"), "work_comment", ["identity_id"])

    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("accepts", sa.JSON(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("most_files", sa.Integer(), nullable=False),
        sa.Column("most_bytes", sa.BigInteger(), nullable=False),
        sa.Column("late_rule", sa.String(length=10), nullable=False),
        sa.Column("late_percent", sa.Float(), nullable=False),
        sa.Column("late_most", sa.Float(), nullable=False),
        sa.Column("improves", sa.Boolean(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by_id", sa.Integer(), nullable=True),
        sa.Column("rubric_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_assignment_activity_id_activity")),
        sa.ForeignKeyConstraint(
            ["released_by_id"], ["identity.id"], name=op.f("fk_assignment_released_by_id_identity")
        ),
        sa.ForeignKeyConstraint(
            ["rubric_id"], ["assignment_rubric.id"], name=op.f("fk_assignment_rubric_id_assignment_rubric")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("activity_id", name=op.f("uq_assignment_activity_id")),
    )
    op.create_index(op.f("ix_assignment_released_by_id"), "assignment", ["released_by_id"])
    op.create_index(op.f("ix_assignment_rubric_id"), "assignment", ["rubric_id"])

    op.create_table(
        "assignment_extension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=True),
        sa.Column("participation_id", sa.Integer(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("given_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_assignment_extension_activity_id_activity")
        ),
        sa.ForeignKeyConstraint(
            ["given_by_id"], ["identity.id"], name=op.f("fk_assignment_extension_given_by_id_identity")
        ),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("fk_assignment_extension_identity_id_identity")
        ),
        sa.ForeignKeyConstraint(
            ["participation_id"],
            ["participation.id"],
            name=op.f("fk_assignment_extension_participation_id_participation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_extension")),
        sa.UniqueConstraint("activity_id", "identity_id", name=op.f("uq_assignment_extension_activity_id_identity_id")),
        sa.UniqueConstraint(
            "activity_id", "participation_id", name=op.f("uq_assignment_extension_activity_id_participation_id")
        ),
    )
    op.create_index(op.f("ix_assignment_extension_given_by_id"), "assignment_extension", ["given_by_id"])
    op.create_index(op.f("ix_assignment_extension_identity_id"), "assignment_extension", ["identity_id"])
    op.create_index(op.f("ix_assignment_extension_participation_id"), "assignment_extension", ["participation_id"])

    op.create_table(
        "assignment_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=False),
        sa.Column("participation_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("days_late", sa.Integer(), nullable=False),
        sa.Column("deduction", sa.Float(), nullable=False),
        sa.Column("rubric_id", sa.Integer(), nullable=True),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("reckoned", sa.Float(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("graded_by_id", sa.Integer(), nullable=True),
        sa.Column("graded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_assignment_mark_activity_id_activity")),
        sa.ForeignKeyConstraint(
            ["graded_by_id"], ["identity.id"], name=op.f("fk_assignment_mark_graded_by_id_identity")
        ),
        sa.ForeignKeyConstraint(["identity_id"], ["identity.id"], name=op.f("fk_assignment_mark_identity_id_identity")),
        sa.ForeignKeyConstraint(
            ["participation_id"], ["participation.id"], name=op.f("fk_assignment_mark_participation_id_participation")
        ),
        sa.ForeignKeyConstraint(
            ["rubric_id"], ["assignment_rubric.id"], name=op.f("fk_assignment_mark_rubric_id_assignment_rubric")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_mark")),
        sa.UniqueConstraint("activity_id", "identity_id", name=op.f("uq_assignment_mark_activity_id_identity_id")),
    )
    op.create_index(op.f("ix_assignment_mark_graded_by_id"), "assignment_mark", ["graded_by_id"])
    op.create_index(op.f("ix_assignment_mark_identity_id"), "assignment_mark", ["identity_id"])
    op.create_index(op.f("ix_assignment_mark_participation_id"), "assignment_mark", ["participation_id"])
    op.create_index(op.f("ix_assignment_mark_rubric_id"), "assignment_mark", ["rubric_id"])

    op.create_table(
        "work_comment_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["work_comment.id"], name=op.f("fk_work_comment_file_comment_id_work_comment")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_work_comment_file_file_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_comment_file")),
        sa.UniqueConstraint("file_id", name=op.f("uq_work_comment_file_file_id")),
    )
    op.create_index(op.f("ix_work_comment_file_comment_id"), "work_comment_file", ["comment_id"])

    op.create_table(
        "assignment_work",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_by_id", sa.Integer(), nullable=True),
        sa.Column("returned_why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_assignment_work_activity_id_activity")),
        sa.ForeignKeyConstraint(
            ["returned_by_id"], ["identity.id"], name=op.f("fk_assignment_work_returned_by_id_identity")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_assignment_work_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_work")),
        sa.UniqueConstraint("activity_id", "number", name=op.f("uq_assignment_work_activity_id_number")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_assignment_work_submission_id")),
    )
    op.create_index(op.f("ix_assignment_work_returned_by_id"), "assignment_work", ["returned_by_id"])

    op.create_table(
        "hand_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_hand_in_submission_id_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_in")),
        sa.UniqueConstraint("submission_id", "number", name=op.f("uq_hand_in_submission_id_number")),
    )
    op.create_table(
        "feedback_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("of_file_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_feedback_file_activity_id_activity")),
        sa.ForeignKeyConstraint(["by_id"], ["identity.id"], name=op.f("fk_feedback_file_by_id_identity")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_feedback_file_file_id_stored_file")),
        sa.ForeignKeyConstraint(["identity_id"], ["identity.id"], name=op.f("fk_feedback_file_identity_id_identity")),
        sa.ForeignKeyConstraint(
            ["of_file_id"], ["submission_file.id"], name=op.f("fk_feedback_file_of_file_id_submission_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_file")),
        sa.UniqueConstraint("file_id", name=op.f("uq_feedback_file_file_id")),
    )
    op.create_index(op.f("ix_feedback_file_activity_id_identity_id"), "feedback_file", ["activity_id", "identity_id"])
    op.create_index(op.f("ix_feedback_file_by_id"), "feedback_file", ["by_id"])
    op.create_index(op.f("ix_feedback_file_identity_id"), "feedback_file", ["identity_id"])
    op.create_index(op.f("ix_feedback_file_of_file_id"), "feedback_file", ["of_file_id"])

    op.create_table(
        "passage_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hand_in_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("stop", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["identity.id"], name=op.f("fk_passage_comment_by_id_identity")),
        sa.ForeignKeyConstraint(["hand_in_id"], ["hand_in.id"], name=op.f("fk_passage_comment_hand_in_id_hand_in")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passage_comment")),
    )
    op.create_index(op.f("ix_passage_comment_by_id"), "passage_comment", ["by_id"])
    op.create_index(op.f("ix_passage_comment_hand_in_id"), "passage_comment", ["hand_in_id"])
    with op.batch_alter_table("submission") as batch_op:
        batch_op.add_column(sa.Column("own_due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("waits_again", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("submission") as batch_op:
        batch_op.alter_column("waits_again", server_default=None)
    with op.batch_alter_table("submission_file") as batch_op:
        batch_op.add_column(sa.Column("file_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("from_version", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("until_version", sa.Integer(), nullable=True))
    _move_data()
    with op.batch_alter_table("submission_file") as batch_op:
        batch_op.alter_column("file_id", existing_type=sa.Integer(), nullable=False)
        batch_op.create_unique_constraint(op.f("uq_submission_file_file_id"), ["file_id"])
        batch_op.create_foreign_key(op.f("fk_submission_file_file_id_stored_file"), "stored_file", ["file_id"], ["id"])
        for name in ("key", "sha256", "name", "handed_in", "media_type", "size"):
            batch_op.drop_column(name)
    with op.batch_alter_table("activity") as batch_op:
        batch_op.drop_column("accepts")
    op.drop_table("work_remark")


def _move_data() -> None:
    """Settings, files, versions, marks and comments of what is there."""
    op.execute(
        "INSERT INTO work_comment (activity_id, identity_id, by_id, text, created_at)"
        " SELECT activity_id, identity_id, author_id, text, created_at FROM work_remark ORDER BY id"
    )
    none = "CAST('[]' AS JSON)" if op.get_bind().dialect.name == "postgresql" else "'[]'"
    op.execute(
        "INSERT INTO assignment (activity_id, accepts, kinds, most_files, most_bytes, late_rule, late_percent, late_most,"  # noqa: S608
        f" improves, anonymous, held) SELECT id, accepts, {none}, 10, 20971520, 'mark', 10, 50, false, false, false"
        " FROM activity WHERE kind = 'assignment'"
    )
    op.execute(
        "INSERT INTO stored_file (organization_id, person_id, key, name, size, media_type, sha256, fault, purpose, kept_at,"
        " virus_state, created_at) SELECT registration.organization_id, identity.person_id, submission_file.key,"
        " substr(submission_file.name, 1, 120), submission_file.size, submission_file.media_type, submission_file.sha256,"
        " '', 'assignment', submission_file.created_at, 'unchecked', submission_file.created_at FROM submission_file"
        " JOIN submission ON submission.id = submission_file.submission_id"
        " JOIN identity ON identity.id = submission.identity_id"
        " JOIN registration ON registration.id = identity.registration_id"
    )
    op.execute(
        "UPDATE submission_file SET from_version = CASE WHEN handed_in THEN 1 END,"
        " file_id = (SELECT stored_file.id FROM stored_file WHERE stored_file.key = submission_file.key)"
    )
    of_assignment = " JOIN activity ON activity.id = {0}.activity_id WHERE activity.kind = 'assignment'"
    handed_in = of_assignment.format("submission") + " AND submission.handed_in_at IS NOT NULL"
    op.execute(
        "INSERT INTO hand_in (submission_id, number, text, handed_in_at) SELECT submission.id, 1, submission.text,"  # noqa: S608
        " submission.handed_in_at FROM submission" + handed_in
    )
    op.execute(
        "INSERT INTO assignment_work (submission_id, activity_id, number, returned_why) SELECT submission.id,"  # noqa: S608
        " submission.activity_id, row_number() OVER (PARTITION BY submission.activity_id ORDER BY"
        " submission.handed_in_at, submission.id), '' FROM submission" + handed_in
    )
    op.execute(
        "INSERT INTO assignment_mark (activity_id, identity_id, participation_id, points, days_late, deduction, levels,"  # noqa: S608
        " reason, comment, graded_by_id, graded_at, released_at, version) SELECT grade.activity_id, grade.identity_id,"
        f" grade.participation_id, grade.points, 0, 0, {none}, '', grade.comment, grade.graded_by_id, grade.graded_at,"
        " grade.graded_at, grade.version FROM grade" + of_assignment.format("grade")
    )


def _remarks_again() -> None:
    """Teachers' comments; pupils had none."""
    names = ("activity_id", "identity_id", "author_id")
    op.create_table(
        "work_remark",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in names),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_work_remark_activity_id_activity")),
        sa.ForeignKeyConstraint(["identity_id"], ["identity.id"], name=op.f("fk_work_remark_identity_id_identity")),
        sa.ForeignKeyConstraint(["author_id"], ["identity.id"], name=op.f("fk_work_remark_author_id_identity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_remark")),
    )
    op.create_index(op.f("ix_work_remark_activity_id_identity_id"), "work_remark", ["activity_id", "identity_id"])
    op.create_index(op.f("ix_work_remark_identity_id"), "work_remark", ["identity_id"])
    op.execute(
        "INSERT INTO work_remark (activity_id, identity_id, author_id, text, created_at)"
        " SELECT activity_id, identity_id, by_id, text, created_at FROM work_comment WHERE by_id <> identity_id ORDER BY id"
    )


def downgrade() -> None:
    _remarks_again()
    with op.batch_alter_table("activity") as batch_op:
        batch_op.add_column(sa.Column("accepts", sa.JSON(), nullable=True))
    none = "CAST('[]' AS JSON)" if op.get_bind().dialect.name == "postgresql" else "'[]'"
    of_activity = "(SELECT assignment.accepts FROM assignment WHERE assignment.activity_id = activity.id)"
    op.execute(f"UPDATE activity SET accepts = coalesce({of_activity}, {none})")  # noqa: S608
    with op.batch_alter_table("activity") as batch_op:
        batch_op.alter_column("accepts", existing_type=sa.JSON(), nullable=False)
    op.drop_table("passage_comment")
    op.drop_table("feedback_file")
    op.drop_table("hand_in")
    op.drop_table("assignment_work")
    op.drop_table("work_comment_file")
    op.drop_table("assignment_mark")
    op.drop_table("assignment_extension")
    op.drop_table("assignment")
    op.drop_table("work_comment")
    op.drop_table("assignment_rubric")
    with op.batch_alter_table("submission") as batch_op:
        batch_op.drop_column("own_due_at")
        batch_op.drop_column("waits_again")
    op.execute("DELETE FROM submission_file WHERE until_version IS NOT NULL")
    sizes = {"key": 80, "name": 255, "media_type": 100, "sha256": 64}
    with op.batch_alter_table("submission_file") as batch_op:
        for name, length in sizes.items():
            batch_op.add_column(sa.Column(name, sa.String(length=length), nullable=True))
        batch_op.add_column(sa.Column("size", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("handed_in", sa.Boolean(), nullable=True))
    for name in (*sizes, "size"):
        op.execute(
            f"UPDATE submission_file SET {name} = (SELECT stored_file.{name} FROM stored_file"  # noqa: S608
            " WHERE stored_file.id = submission_file.file_id)"
        )
    op.execute("UPDATE submission_file SET handed_in = (from_version IS NOT NULL)")
    with op.batch_alter_table("submission_file") as batch_op:
        for name, length in sizes.items():
            batch_op.alter_column(name, existing_type=sa.String(length=length), nullable=False)
        batch_op.alter_column("size", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("handed_in", existing_type=sa.Boolean(), nullable=False)
        batch_op.drop_constraint(op.f("fk_submission_file_file_id_stored_file"), type_="foreignkey")
        batch_op.drop_constraint(op.f("uq_submission_file_file_id"), type_="unique")
        for name in ("file_id", "from_version", "until_version"):
            batch_op.drop_column(name)
    ours = "purpose IN ('assignment', 'feedback', 'comment on work')"
    of_ours = f"(SELECT id FROM stored_file WHERE {ours})"  # noqa: S608
    op.execute(f"DELETE FROM virus_check WHERE file_id IN {of_ours}")  # noqa: S608
    op.execute(f"UPDATE upload SET file_id = NULL WHERE file_id IN {of_ours}")  # noqa: S608
    op.execute(f"DELETE FROM stored_file WHERE {ours}")  # noqa: S608
