"""Discussions: forums, threads, posts with files, mentions and history, read marks, reports, filtered words"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0042"
branch_labels = None
depends_on = None


def moment(name, nullable=True):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def string(name, length):
    return sa.Column(name, sa.String(length=length), nullable=False)


def text(name):
    return sa.Column(name, sa.Text(), nullable=False)


def number(name, nullable=False):
    return sa.Column(name, sa.Integer(), nullable=nullable)


def flag(name):
    return sa.Column(name, sa.Boolean(), nullable=False)


def key(table, column, other):
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def unique(table, *columns):
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def primary(table):
    return sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def index(table, *columns):
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def upgrade() -> None:
    op.create_table(
        "forum",
        number("id"),
        string("place", 60),
        number("organization_id", nullable=True),
        flag("moderated"),
        flag("closed"),
        moment("created_at", nullable=False),
        key("forum", "organization_id", "organization"),
        primary("forum"),
        unique("forum", "place"),
    )
    index("forum", "organization_id")
    op.create_table(
        "thread",
        number("id"),
        number("forum_id"),
        string("title", 150),
        flag("pinned"),
        flag("locked"),
        moment("last_post_at"),
        moment("created_at", nullable=False),
        key("thread", "forum_id", "forum"),
        primary("thread"),
    )
    index("thread", "forum_id", "pinned", "last_post_at")
    op.create_table(
        "post",
        number("id"),
        number("thread_id"),
        number("reply_to_id", nullable=True),
        number("person_id"),
        number("identity_id", nullable=True),
        number("guest_id", nullable=True),
        text("text"),
        text("stems"),
        string("once", 32),
        string("state", 10),
        string("waits_for", 10),
        moment("shown_at"),
        moment("edited_at"),
        moment("deleted_at"),
        number("version"),
        moment("created_at", nullable=False),
        key("post", "thread_id", "thread"),
        key("post", "reply_to_id", "post"),
        key("post", "person_id", "person"),
        key("post", "identity_id", "identity"),
        key("post", "guest_id", "guest"),
        primary("post"),
        unique("post", "person_id", "once"),
    )
    index("post", "thread_id", "id")
    index("post", "thread_id", "state", "shown_at")
    index("post", "person_id", "created_at")
    index("post", "identity_id")
    index("post", "guest_id")
    op.create_table(
        "post_file",
        number("id"),
        number("post_id"),
        number("file_id"),
        key("post_file", "post_id", "post"),
        key("post_file", "file_id", "stored_file"),
        primary("post_file"),
        unique("post_file", "file_id"),
    )
    index("post_file", "post_id")
    op.create_table(
        "post_mention",
        number("id"),
        number("post_id"),
        number("person_id"),
        number("identity_id", nullable=True),
        number("guest_id", nullable=True),
        key("post_mention", "post_id", "post"),
        key("post_mention", "person_id", "person"),
        key("post_mention", "identity_id", "identity"),
        key("post_mention", "guest_id", "guest"),
        primary("post_mention"),
        unique("post_mention", "post_id", "person_id"),
    )
    index("post_mention", "person_id")
    op.create_table(
        "post_version",
        number("id"),
        number("post_id"),
        text("text"),
        moment("until", nullable=False),
        key("post_version", "post_id", "post"),
        primary("post_version"),
    )
    index("post_version", "post_id")
    op.create_table(
        "read_mark",
        number("id"),
        number("person_id"),
        number("thread_id"),
        moment("read_at", nullable=False),
        key("read_mark", "person_id", "person"),
        key("read_mark", "thread_id", "thread"),
        primary("read_mark"),
        unique("read_mark", "person_id", "thread_id"),
    )
    index("read_mark", "thread_id")
    op.create_table(
        "post_report",
        number("id"),
        number("post_id"),
        number("person_id"),
        string("reason", 20),
        text("note"),
        moment("settled_at"),
        moment("created_at", nullable=False),
        key("post_report", "post_id", "post"),
        key("post_report", "person_id", "person"),
        primary("post_report"),
        unique("post_report", "post_id", "person_id"),
    )
    index("post_report", "post_id", "settled_at")
    op.create_table(
        "filtered_word",
        number("id"),
        string("word", 60),
        string("stem", 60),
        moment("created_at", nullable=False),
        primary("filtered_word"),
        unique("filtered_word", "stem"),
    )


def downgrade() -> None:
    tables = "filtered_word post_report read_mark post_version post_mention post_file post thread forum"
    for table in tables.split():
        op.drop_table(table)
