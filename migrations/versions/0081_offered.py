"""Where harvested resources are from, and what a catalogue says anew of a published one until somebody has looked"""

import sqlalchemy as sa
from alembic import op

revision = "0081"
down_revision = "0085"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("harvested_record", sa.Column("offered", sa.JSON(none_as_null=True), nullable=True))
    with op.batch_alter_table("resource") as table:
        table.add_column(sa.Column("catalogue", sa.String(length=200), nullable=False, server_default=""))
    op.execute(
        """
        UPDATE resource SET catalogue = (
            SELECT min(harvest_source.name) FROM harvest_source
            JOIN harvested_record ON harvested_record.source_id = harvest_source.id
            WHERE harvested_record.resource_id = resource.id)
        WHERE id IN (SELECT resource_id FROM harvested_record WHERE resource_id IS NOT NULL)
        """
    )
    with op.batch_alter_table("resource") as table:
        table.alter_column("catalogue", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("resource") as table:
        table.drop_column("catalogue")
    op.drop_column("harvested_record", "offered")
