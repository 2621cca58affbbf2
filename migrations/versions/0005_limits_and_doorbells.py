"""What a client has used of its allowance; webhooks and doorbells; recipients that are closed for good (design 6)."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "allowance",
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("window", sa.BigInteger, nullable=False),
        sa.Column("used", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_allowance")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_allowance_client_id")),
    )
    op.create_table(
        "webhook",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("unit_id", sa.Text, nullable=False),
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_webhook_unit_id")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_webhook_client_id")),
    )
    op.create_index(op.f("ix_webhook_client_id"), "webhook", ["client_id", "created_at"])
    op.create_table(
        "doorbell",
        sa.Column("webhook_id", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("ring", sa.Text),
        sa.Column("attempt", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("next_at", sa.BigInteger),
        sa.Column("rung_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("webhook_id", name=op.f("pk_doorbell")),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name=op.f("fk_doorbell_webhook_id")),
    )
    op.create_index(op.f("ix_doorbell_next_at"), "doorbell", ["next_at"])
    op.add_column("consent_recipient", sa.Column("closed_at", sa.BigInteger))


def downgrade() -> None:
    op.drop_column("consent_recipient", "closed_at")
    op.drop_table("doorbell")
    op.drop_table("webhook")
    op.drop_table("allowance")
