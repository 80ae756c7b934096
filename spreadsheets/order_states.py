"""Which rows of an orders file are orders: paid ones of the live mode, and deals that were won."""

from __future__ import annotations

import polars as pl

from spreadsheets.drafts import Draft

_NOT_ORDERS = {
    "stripe": frozenset(
        [
            "failed",
            "canceled",
            "cancelled",
            "incomplete",
            "blocked",
            "uncaptured",
            "pending",
            "processing",
            "expired",
            "requires_payment_method",
            "requires_action",
            "requires_confirmation",
        ]
    )
    | {"requires payment method", "requires action", "requires confirmation"},
    "woocommerce": frozenset(
        [
            "failed",
            "cancelled",
            "canceled",
            "pending",
            "trash",
            "draft",
            "checkout-draft",
            "fehlgeschlagen",
            "storniert",
        ]
    )
    | {
        "pending payment",
        "wc-failed",
        "wc-cancelled",
        "wc-pending",
        "auto-draft",
        "cancelado",
        "annulée",
        "échouée",
    },
}
_WON = r"(?i)closed[ _-]?won|gewonnen|ganad[oa]|gagné|vinto|ganho|gewonnen|\bwon\b|vunnet|wygran"


def keep_orders(draft: Draft, orders: pl.DataFrame) -> pl.DataFrame:
    """The rows that are orders; what is left out is counted in the notes."""
    kept = pl.Series([True], dtype=pl.Boolean).new_from_index(0, orders.height)
    for reason, dropped in _dropped(draft, orders):
        count = int((kept & dropped).sum())
        if count:
            draft.table.notes.append(f"{count:,} rows are no orders and were left out: {reason}.")
        kept = kept & ~dropped
    return orders.filter(kept)


def _dropped(draft: Draft, orders: pl.DataFrame) -> list[tuple[str, pl.Series]]:
    def texts(meaning: str) -> pl.Series:
        return orders[draft.columns[meaning]].str.strip_chars().str.to_lowercase()

    platform = draft.table.platform or ""
    found: list[tuple[str, pl.Series]] = []
    if draft.has("mode"):
        found.append(("test mode", texts("mode") == "test"))
    if platform in _NOT_ORDERS and draft.has("order_status"):
        states = texts("order_status")
        for state in (
            states.filter(states.is_in(list(_NOT_ORDERS[platform]))).unique(maintain_order=True).to_list()
        ):
            found.append((f"status {state}", states == state))
    if platform == "stripe" and draft.has("captured"):
        found.append(("not captured", texts("captured") == "false"))
    if platform == "hubspot":
        found.append(("deals that are not won", ~_won(draft, orders)))
    return found


def _won(draft: Draft, orders: pl.DataFrame) -> pl.Series:
    yes = ["true", "yes", "1", "ja", "oui", "sí", "si"]
    if draft.has("won"):
        return orders[draft.columns["won"]].str.strip_chars().str.to_lowercase().is_in(yes)
    if draft.has("deal_stage"):
        return orders[draft.columns["deal_stage"]].str.contains(_WON)
    if draft.has("lost"):
        lost = orders[draft.columns["lost"]].str.strip_chars().str.to_lowercase().is_in(yes)
        return ~lost
    return pl.Series([True], dtype=pl.Boolean).new_from_index(0, orders.height)
