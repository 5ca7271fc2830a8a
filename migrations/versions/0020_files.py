"""Files that people bring, uploads under way, and virus checks"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0016"
branch_labels = None
depends_on = None


def moment(name, nullable=True):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def text(name, length, nullable=False):
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def number(name, nullable=False):
    return sa.Column(name, sa.Integer(), nullable=nullable)


def large(name):
    return sa.Column(name, sa.BigInteger(), nullable=False)


def key(table, column, other, ondelete=None):
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)


def unique(table, column):
    return sa.UniqueConstraint(column, name=op.f(f"uq_{table}_{column}"))


def primary(table):
    return sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def index(table, *columns):
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def upgrade() -> None:
    op.create_table(
        "stored_file",
        number("id"),
        number("organization_id", nullable=True),
        number("person_id"),
        text("key", 64),
        text("name", 120),
        large("size"),
        text("media_type", 100),
        text("sha256", 64),
        text("fault", 20),
        text("purpose", 40),
        moment("kept_at"),
        text("virus_state", 10),
        moment("created_at", nullable=False),
        key("stored_file", "organization_id", "organization"),
        key("stored_file", "person_id", "person"),
        primary("stored_file"),
        unique("stored_file", "key"),
    )
    index("stored_file", "person_id", "kept_at")
    index("stored_file", "organization_id")
    index("stored_file", "kept_at", "created_at")
    op.create_table(
        "upload",
        number("id"),
        text("token", 43),
        number("organization_id", nullable=True),
        number("person_id"),
        text("name", 120),
        text("kinds", 60),
        large("size"),
        large("received"),
        text("key", 64),
        sa.Column("handle", sa.Text(), nullable=False),
        moment("expires_at", nullable=False),
        moment("held_until"),
        text("held_by", 120, nullable=True),
        number("file_id", nullable=True),
        moment("created_at", nullable=False),
        key("upload", "organization_id", "organization"),
        key("upload", "person_id", "person"),
        key("upload", "file_id", "stored_file", ondelete="SET NULL"),
        primary("upload"),
        unique("upload", "token"),
    )
    index("upload", "person_id", "expires_at")
    index("upload", "organization_id", "expires_at")
    index("upload", "expires_at")
    index("upload", "file_id")
    op.create_table(
        "virus_check",
        number("id"),
        number("file_id"),
        text("state", 12),
        moment("due_at", nullable=False),
        number("attempts"),
        moment("leased_until"),
        text("leased_by", 120, nullable=True),
        moment("created_at", nullable=False),
        key("virus_check", "file_id", "stored_file", ondelete="CASCADE"),
        primary("virus_check"),
        unique("virus_check", "file_id"),
    )
    index("virus_check", "state", "due_at")


def downgrade() -> None:
    for table in ("virus_check", "upload", "stored_file"):
        op.drop_table(table)
