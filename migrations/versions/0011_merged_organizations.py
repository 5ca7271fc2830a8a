"""Organizations that were merged into another"""

from alembic import op

revision = "0011"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # not in a batch: SQLite would make the table anew, and cannot while rows of others point at it
    op.execute(
        "ALTER TABLE organization ADD COLUMN merged_into_id INTEGER"
        " CONSTRAINT fk_organization_merged_into_id_organization REFERENCES organization (id)"
    )


def downgrade() -> None:
    # SQLite may have kept the constraint without its name
    named = {"fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s"}
    with op.batch_alter_table("organization", naming_convention=named) as table:
        table.drop_constraint("fk_organization_merged_into_id_organization", type_="foreignkey")
        table.drop_column("merged_into_id")
