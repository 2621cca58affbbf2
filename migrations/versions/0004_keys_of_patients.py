"""A key for each patient, referral and transfer, wrapped outside the database; erasure by destroying it (design 8)."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "data_key",
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("wrapped", sa.LargeBinary),
        sa.Column("wrapped_by", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("destroyed_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_data_key")),
    )
    op.create_index(op.f("ix_data_key_wrapped_by"), "data_key", ["wrapped_by"])
    op.add_column("patient", sa.Column("erased_at", sa.BigInteger))


def downgrade() -> None:
    op.drop_column("patient", "erased_at")
    op.drop_table("data_key")
