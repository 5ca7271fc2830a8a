"""People of organizations without an LMS: personal links, passkeys, codes by e-mail"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0011"
branch_labels = None
depends_on = None


def moment(name, nullable=True):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def text(name, length, nullable=False):
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def number(name, nullable=False):
    return sa.Column(name, sa.Integer(), nullable=nullable)


def key(table, column, other):
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def unique(table, column):
    return sa.UniqueConstraint(column, name=op.f(f"uq_{table}_{column}"))


def primary(table, column="id"):
    return sa.PrimaryKeyConstraint(column, name=op.f(f"pk_{table}"))


def upgrade() -> None:
    op.create_table(
        "guest",
        number("id"),
        number("organization_id"),
        number("person_id", nullable=True),
        text("name", 200),
        text("role", 12),
        text("state", 10),
        text("handle", 64),
        text("email", 255, nullable=True),
        number("generation"),
        moment("last_seen_at"),
        moment("created_at", nullable=False),
        key("guest", "organization_id", "organization"),
        key("guest", "person_id", "person"),
        primary("guest"),
        unique("guest", "person_id"),
        unique("guest", "handle"),
        unique("guest", "email"),
    )
    op.create_index(op.f("ix_guest_organization_id_state"), "guest", ["organization_id", "state"])
    op.create_table(
        "guest_link",
        number("id"),
        number("guest_id"),
        text("code_hash", 64),
        moment("expires_at", nullable=False),
        moment("used_at"),
        moment("revoked_at"),
        number("made_by_id", nullable=True),
        moment("created_at", nullable=False),
        key("guest_link", "guest_id", "guest"),
        primary("guest_link"),
        unique("guest_link", "code_hash"),
    )
    op.create_index(op.f("ix_guest_link_guest_id"), "guest_link", ["guest_id"])
    op.create_table(
        "passkey",
        number("id"),
        number("guest_id"),
        text("credential_id", 1400),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        text("name", 60),
        moment("last_used_at"),
        moment("created_at", nullable=False),
        key("passkey", "guest_id", "guest"),
        primary("passkey"),
        unique("passkey", "credential_id"),
    )
    op.create_index(op.f("ix_passkey_guest_id"), "passkey", ["guest_id"])
    op.create_table(
        "used_challenge",
        text("challenge_hash", 64),
        moment("expires_at", nullable=False),
        primary("used_challenge", "challenge_hash"),
    )
    op.create_index(op.f("ix_used_challenge_expires_at"), "used_challenge", ["expires_at"])
    op.create_table(
        "mail_code",
        number("id"),
        number("guest_id", nullable=True),
        text("purpose", 10),
        text("address", 255, nullable=True),
        text("address_hash", 64),
        text("code_hash", 64, nullable=True),
        text("locale", 5),
        moment("expires_at", nullable=False),
        number("tries"),
        moment("used_at"),
        text("state", 12),
        moment("due_at", nullable=False),
        number("attempts"),
        moment("leased_until"),
        text("leased_by", 120, nullable=True),
        moment("created_at", nullable=False),
        key("mail_code", "guest_id", "guest"),
        primary("mail_code"),
    )
    op.create_index(op.f("ix_mail_code_state_due_at"), "mail_code", ["state", "due_at"])
    op.create_index(op.f("ix_mail_code_address_hash_created_at"), "mail_code", ["address_hash", "created_at"])
    op.create_index(op.f("ix_mail_code_guest_id_created_at"), "mail_code", ["guest_id", "created_at"])


def downgrade() -> None:
    for table in ("mail_code", "used_challenge", "passkey", "guest_link", "guest"):
        op.drop_table(table)
