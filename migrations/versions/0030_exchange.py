"""The resource exchange: resources, versions, uses, and their search index"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0017"
branch_labels = None
depends_on = None
WEIGHTS = (("title", "A"), ("labels", "B"), ("summary", "C"), ("body", "D"))


def upgrade() -> None:
    op.create_table(
        "search_word",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_word")),
        sa.UniqueConstraint("word", name=op.f("uq_search_word_word")),
    )
    op.create_table(
        "resource",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("licence", sa.String(length=20), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("uses", sa.JSON(), nullable=False),
        sa.Column("keywords", sa.JSON(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("funding", sa.String(length=300), nullable=False),
        sa.Column("accessibility", sa.Text(), nullable=False),
        sa.Column("points", sa.Float(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_reason", sa.String(length=500), nullable=False),
        sa.Column("forward_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("rating_count", sa.Integer(), nullable=False),
        sa.Column("rating_total", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["forward_id"], ["resource.id"], name=op.f("fk_resource_forward_id_resource")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_resource_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_resource_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
    )
    op.create_index(op.f("ix_resource_changed_at_id"), "resource", ["changed_at", "id"], unique=False)
    op.create_index(op.f("ix_resource_organization_id_state"), "resource", ["organization_id", "state"], unique=False)
    op.create_index(op.f("ix_resource_public_at"), "resource", ["public_at"], unique=False)
    op.create_index(op.f("ix_resource_person_id"), "resource", ["person_id"], unique=False)
    op.create_table(
        "saved_search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_search_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
    )
    op.create_index(op.f("ix_saved_search_person_id"), "saved_search", ["person_id"], unique=False)
    op.create_table(
        "search_gram",
        sa.Column("word_id", sa.Integer(), nullable=False),
        sa.Column("gram", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["word_id"], ["search_word.id"], name=op.f("fk_search_gram_word_id_search_word"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("word_id", "gram", name=op.f("pk_search_gram")),
    )
    op.create_index(op.f("ix_search_gram_gram_word_id"), "search_gram", ["gram", "word_id"], unique=False)
    op.create_table(
        "vocabulary",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_vocabulary_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vocabulary")),
    )
    op.create_index(op.f("ix_vocabulary_organization_id"), "vocabulary", ["organization_id"], unique=False)
    op.create_table(
        "collection_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["resource.id"], name=op.f("fk_collection_item_collection_id_resource")
        ),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_collection_item_resource_id_resource")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_item")),
        sa.UniqueConstraint("collection_id", "resource_id", name=op.f("uq_collection_item_collection_id_resource_id")),
    )
    op.create_index(op.f("ix_collection_item_resource_id"), "collection_item", ["resource_id"], unique=False)
    op.create_table(
        "resource_author",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("organization", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_resource_author_person_id_person")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_resource_author_resource_id_resource")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_author")),
    )
    op.create_index(op.f("ix_resource_author_person_id"), "resource_author", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_resource_author_resource_id_position"), "resource_author", ["resource_id", "position"], unique=False
    )
    op.create_table(
        "resource_entry",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("reach", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("licence", sa.String(length=20), nullable=False),
        sa.Column("subjects", sa.String(length=500), nullable=False),
        sa.Column("levels", sa.String(length=200), nullable=False),
        sa.Column("uses", sa.String(length=200), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("rating", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["resource.id"], name=op.f("fk_resource_entry_id_resource")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_resource_entry_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_entry")),
    )
    op.create_index(op.f("ix_resource_entry_changed_at"), "resource_entry", ["changed_at"], unique=False)
    op.create_index(
        op.f("ix_resource_entry_organization_id_reach"), "resource_entry", ["organization_id", "reach"], unique=False
    )
    op.create_index(op.f("ix_resource_entry_published_at_id"), "resource_entry", ["published_at", "id"], unique=False)
    op.create_index(op.f("ix_resource_entry_rating_id"), "resource_entry", ["rating", "id"], unique=False)
    op.create_index(op.f("ix_resource_entry_used_id"), "resource_entry", ["used", "id"], unique=False)
    op.create_table(
        "resource_origin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("origin_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("authors", sa.String(length=500), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("licence", sa.String(length=20), nullable=False),
        sa.Column("changes", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["origin_id"], ["resource.id"], name=op.f("fk_resource_origin_origin_id_resource")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_resource_origin_resource_id_resource")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_origin")),
        sa.UniqueConstraint("resource_id", "origin_id", name=op.f("uq_resource_origin_resource_id_origin_id")),
    )
    op.create_index(op.f("ix_resource_origin_origin_id"), "resource_origin", ["origin_id"], unique=False)
    op.create_table(
        "resource_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("licence", sa.String(length=20), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_resource_version_person_id_person")),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_version_resource_id_resource")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_version")),
        sa.UniqueConstraint("resource_id", "number", name=op.f("uq_resource_version_resource_id_number")),
    )
    op.create_table(
        "vocabulary_term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("vocabulary_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["vocabulary_id"], ["vocabulary.id"], name=op.f("fk_vocabulary_term_vocabulary_id_vocabulary")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vocabulary_term")),
    )
    op.create_index(
        op.f("ix_vocabulary_term_vocabulary_id_position"),
        "vocabulary_term",
        ["vocabulary_id", "position"],
        unique=False,
    )
    op.create_table(
        "resource_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_resource_file_file_id_stored_file")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["resource_version.id"], name=op.f("fk_resource_file_version_id_resource_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_file")),
    )
    op.create_index(op.f("ix_resource_file_file_id"), "resource_file", ["file_id"], unique=False)
    op.create_index(
        op.f("ix_resource_file_version_id_position"), "resource_file", ["version_id", "position"], unique=False
    )
    op.create_table(
        "resource_text",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["id"], ["resource_entry.id"], name=op.f("fk_resource_text_id_resource_entry"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_text")),
    )
    op.create_table(
        "resource_completion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("context_id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["context_id"], ["context.id"], name=op.f("fk_resource_completion_context_id_context")),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("fk_resource_completion_identity_id_identity")
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_completion_resource_id_resource")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_completion")),
        sa.UniqueConstraint(
            "resource_id",
            "context_id",
            "identity_id",
            name=op.f("uq_resource_completion_resource_id_context_id_identity_id"),
        ),
    )
    op.create_index(op.f("ix_resource_completion_identity_id"), "resource_completion", ["identity_id"], unique=False)
    op.create_table(
        "resource_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("context_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("pinned", sa.Integer(), nullable=True),
        sa.Column("seen_number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["context_id"], ["context.id"], name=op.f("fk_resource_use_context_id_context")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_resource_use_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_resource_use_person_id_person")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_resource_use_resource_id_resource")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_use")),
        sa.UniqueConstraint("resource_id", "context_id", name=op.f("uq_resource_use_resource_id_context_id")),
    )
    op.create_index(op.f("ix_resource_use_context_id"), "resource_use", ["context_id"], unique=False)
    op.create_index(op.f("ix_resource_use_organization_id"), "resource_use", ["organization_id"], unique=False)
    # ### end Alembic commands ###
    if op.get_bind().dialect.name == "postgresql":
        parts = " || ".join(f"setweight(to_tsvector('simple', {name}), '{weight}')" for name, weight in WEIGHTS)
        op.execute(f"ALTER TABLE resource_text ADD COLUMN document tsvector GENERATED ALWAYS AS ({parts}) STORED")
        op.execute("CREATE INDEX ix_resource_text_document ON resource_text USING gin (document)")
        return
    names = "title, labels, summary, body"
    new, old = (", ".join(f"{row}.{name}" for name, _weight in WEIGHTS) for row in ("new", "old"))
    add = f"INSERT INTO resource_text_fts(rowid, {names}) VALUES (new.id, {new});"  # noqa: S608
    remove = f"INSERT INTO resource_text_fts(resource_text_fts, rowid, {names}) VALUES ('delete', old.id, {old});"  # noqa: S608
    op.execute(
        f"CREATE VIRTUAL TABLE resource_text_fts USING fts5({names}, content='resource_text', content_rowid='id', "
        "tokenize='unicode61 remove_diacritics 0', prefix='3 4')"
    )
    op.execute(f"CREATE TRIGGER resource_text_fts_added AFTER INSERT ON resource_text BEGIN {add} END")
    op.execute(f"CREATE TRIGGER resource_text_fts_removed AFTER DELETE ON resource_text BEGIN {remove} END")
    op.execute(f"CREATE TRIGGER resource_text_fts_changed AFTER UPDATE ON resource_text BEGIN {remove} {add} END")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE resource_text_fts")
    op.drop_table("resource_use")
    op.drop_table("resource_completion")
    op.drop_table("resource_text")
    op.drop_table("resource_file")
    op.drop_table("vocabulary_term")
    op.drop_table("resource_version")
    op.drop_table("resource_origin")
    op.drop_table("resource_entry")
    op.drop_table("resource_author")
    op.drop_table("collection_item")
    op.drop_table("vocabulary")
    op.drop_table("search_gram")
    op.drop_table("saved_search")
    op.drop_table("resource")
    op.drop_table("search_word")
