"""What the grid for offline spend shows: entries by day, channel and campaign as they are stored."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from store.models import daily_metrics, entities, sources


def entries(connection: Connection, project_id: int) -> list[dict[str, Any]]:
    """Rows of the grid, newest day first: day, last_day (None), channel, campaign, currency, spend (text), impressions."""
    d = daily_metrics
    query = (
        sa.select(d.c.day, sources.c.channel, entities.c.name, d.c.currency, d.c.spend, d.c.impressions)
        .join(sources, sa.and_(sources.c.project_id == d.c.project_id, sources.c.id == d.c.source_id))
        .outerjoin(
            entities,
            sa.and_(
                entities.c.project_id == d.c.project_id,
                entities.c.source_id == d.c.source_id,
                entities.c.id == d.c.campaign_id,
            ),
        )
        .where(d.c.project_id == project_id, sources.c.platform == "offline", d.c.days == 1)
        .order_by(d.c.day.desc(), sources.c.channel, entities.c.name)
    )
    return [
        {
            "day": row.day,
            "last_day": None,
            "channel": row.channel,
            "campaign": row.name or "",
            "currency": row.currency,
            "spend": f"{row.spend.normalize():f}" if row.spend is not None else "",
            "impressions": row.impressions,
        }
        for row in connection.execute(query)
    ]
