"""Every metric, declared once. Pages, exports, docs and the reader of uploads take label, unit, formula,
kind and caveat from here.

Kinds: additive (over everything), semi-additive (one window and definition only), distinct (people;
never summed) and ratio (Σ numerator ÷ Σ denominator, computed after aggregation, null where the
denominator is 0). Definitions follow what the platforms document; see docs/metrics.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal


class Kind(StrEnum):
    """How a metric behaves when rows are put together."""

    ADDITIVE = "additive"
    SEMI_ADDITIVE = "semi-additive"
    DISTINCT = "distinct"
    RATIO = "ratio"


Unit = Literal["count", "money", "percent", "multiple", "seconds", "position", "number"]
Direction = Literal["up", "down", "none"]
Totals = Mapping[str, Decimal | int | None]


@dataclass(frozen=True)
class Metric:
    """One metric. `direction` says which way is better; `scale` multiplies a ratio (1000 for CPM).

    `shared_only` ratios take only the channels that measure the numerator, because a channel that does
    not report it would water the ratio down.
    """

    slug: str
    label: str
    unit: Unit
    kind: Kind
    formula: str
    direction: Direction = "up"
    caveat: str = ""
    numerator: str = ""
    denominator: str = ""
    scale: int = 1
    shared_only: bool = False

    @property
    def is_ratio(self) -> bool:
        """True for ratios of sums."""
        return self.kind is Kind.RATIO


def _added(
    slug: str, label: str, caveat: str = "", unit: Unit = "count", direction: Direction = "up"
) -> Metric:
    return Metric(slug, label, unit, Kind.ADDITIVE, "as reported", direction, caveat)


def _claimed(slug: str, label: str, unit: Unit, caveat: str) -> Metric:
    return Metric(slug, label, unit, Kind.SEMI_ADDITIVE, "as claimed by the platform", "up", caveat)


def _people(slug: str, label: str, caveat: str) -> Metric:
    return Metric(slug, label, "count", Kind.DISTINCT, "distinct people, as reported", "up", caveat)


def _ratio(
    slug: str,
    label: str,
    numerator: str,
    denominator: str,
    unit: Unit = "percent",
    direction: Direction = "up",
    caveat: str = "",
    scale: int = 1,
    formula: str = "",
    shared_only: bool = False,
) -> Metric:
    text = formula or f"{numerator.replace('_', ' ')} ÷ {denominator.replace('_', ' ')}"
    text += f" × {scale:,}" if scale != 1 else ""
    return Metric(
        slug, label, unit, Kind.RATIO, text, direction, caveat, numerator, denominator, scale, shared_only
    )


def _of_costs(slug: str, label: str, formula: str, direction: Direction) -> Metric:
    return Metric(slug, label, "money", Kind.ADDITIVE, formula, direction, _COSTS)


_NEVER_SUMMED = "Counts people, so it is never summed over days, ads or platforms; shown only where one figure covers all."
_ONE_WINDOW = "The platform's own claim, in its own attribution window and definition. Platforms claim the same order twice."
_UNIQUE = "Unique within one e-mail: people who got two e-mails count twice."
_MPP = "Apple Mail Privacy Protection opens mails by itself and inflates this."
_SHOP = "From the shop's orders."
_LAST_VISIT = "By the tag of an order's last visit. What a channel did before that visit, and orders without a tag, are not in it."
_COSTS = "Needs the project's cost settings."
_CLICK = "What counts as a click differs by platform (Meta: all clicks; TikTok: clicks to the destination; Pinterest: pin clicks)."

_DECLARED = (
    _added("impressions", "Impressions", direction="none"),
    _added("clicks", "Clicks", _CLICK),
    _added("spend", "Spend", unit="money", direction="none"),
    _added("link_clicks", "Link clicks"),
    _added("outbound_clicks", "Outbound clicks"),
    _people("reach", "Reach", _NEVER_SUMMED),
    _people("users", "Users", _NEVER_SUMMED),
    _ratio(
        "frequency",
        "Frequency",
        "impressions",
        "reach",
        "number",
        "none",
        "Only where reach was fetched at that grain.",
    ),
    _ratio("cpm", "CPM", "spend", "impressions", "money", "down", scale=1000),
    _ratio("cpc", "CPC", "spend", "clicks", "money", "down", _CLICK),
    _ratio("ctr", "CTR", "clicks", "impressions", caveat=_CLICK),
    _claimed("conversions", "Platform conversions", "number", _ONE_WINDOW),
    _claimed("conversion_value", "Platform conversion value", "money", _ONE_WINDOW),
    _claimed("all_conversions", "All conversions", "number", "Google's wider count, with secondary actions."),
    _ratio("cvr_click", "Conversion rate (click)", "conversions", "clicks", caveat=_ONE_WINDOW),
    _ratio(
        "cvr_session",
        "Conversion rate (session)",
        "orders",
        "sessions",
        caveat="Shop orders over web sessions.",
    ),
    _ratio("cpa", "CPA", "spend", "conversions", "money", "down", _ONE_WINDOW),
    _ratio("roas_reported", "ROAS (platform)", "conversion_value", "spend", "multiple", caveat=_ONE_WINDOW),
    _ratio(
        "mer",
        "MER",
        "revenue_net",
        "spend",
        "multiple",
        caveat="All net sales over all spend. Some tools call the inverse MER: see spend share.",
        formula="net sales ÷ total spend",
    ),
    _ratio(
        "spend_share",
        "Spend share of revenue",
        "spend",
        "revenue_net",
        direction="down",
        formula="total spend ÷ net sales",
    ),
    Metric("orders", "Orders", "count", Kind.ADDITIVE, "orders placed in the shop", "up", _SHOP),
    Metric(
        "revenue_gross",
        "Gross sales",
        "money",
        Kind.ADDITIVE,
        "order value before discounts and refunds",
        "up",
        _SHOP,
    ),
    Metric("items", "Items sold", "count", Kind.ADDITIVE, "quantities of the order lines", "up", _SHOP),
    Metric("discounts", "Discounts", "money", Kind.ADDITIVE, "as given on the order", "none", _SHOP),
    Metric(
        "refunds",
        "Refunds",
        "money",
        Kind.ADDITIVE,
        "as paid back",
        "down",
        "Booked on the order's day or on the refund's day: a project setting.",
    ),
    Metric(
        "revenue_net",
        "Net sales",
        "money",
        Kind.ADDITIVE,
        "gross sales − discounts − refunds",
        "up",
        "From the shop's orders, with shipping and taxes as the export has them. Refunds follow the project's setting.",
    ),
    Metric(
        "new_customers",
        "New customers",
        "count",
        Kind.DISTINCT,
        "customers whose first order in this project is in the period",
        "up",
        "Needs a customer on the order; guests without one are not counted.",
    ),
    _ratio("ncac", "nCAC", "spend", "new_customers", "money", "down", formula="total spend ÷ new customers"),
    _ratio(
        "ncroas",
        "New-customer ROAS",
        "new_customer_revenue",
        "spend",
        "multiple",
        formula="revenue of first orders ÷ spend",
    ),
    _ratio("aov", "AOV (net)", "revenue_net", "orders", "money", formula="net sales ÷ orders"),
    Metric(
        "repeat_orders",
        "Repeat orders",
        "count",
        Kind.ADDITIVE,
        "orders of customers who had ordered before",
        "up",
        "Only where the shop knows its customers: orders with a known customer − first orders.",
    ),
    _added("sessions", "Sessions", "Over days additive only as the web analytics tool counts them."),
    _added("engaged_sessions", "Engaged sessions"),
    _ratio("engagement_rate_web", "Engagement rate (web)", "engaged_sessions", "sessions", shared_only=True),
    _added("pageviews", "Page views"),
    _added("new_users", "New users"),
    _added("event_count", "Events", direction="none"),
    _claimed("key_events", "Key events", "number", "Formerly called conversions in Google Analytics."),
    _added("video_views_2s", "2-second video views"),
    _added("video_views_3s", "3-second video views"),
    _added("video_views_6s", "6-second video views"),
    _added("video_views_15s", "15-second video views"),
    _added("video_completions", "Video completions"),
    _ratio("hook_rate", "Hook rate (3 s)", "video_views_3s", "impressions", shared_only=True),
    _ratio("hold_rate", "Hold rate (15 s ÷ 3 s)", "video_views_15s", "video_views_3s"),
    _ratio("vtr", "VTR", "video_completions", "impressions", shared_only=True),
    _added("likes", "Likes"),
    _added("comments", "Comments"),
    _added("shares", "Shares"),
    _added("saves", "Saves"),
    _added("closeups", "Pin clicks (closeups)"),
    _added("engagements", "Engagements", "Likes, comments, shares and saves; on Pinterest also closeups."),
    _ratio(
        "engagement_rate",
        "Engagement rate",
        "engagements",
        "impressions",
        caveat="Only channels that report engagements.",
        shared_only=True,
    ),
    _ratio(
        "pinterest_engagement_rate",
        "Pinterest engagement rate",
        "engagements",
        "impressions",
        caveat="Only Pinterest.",
        formula="(saves + closeups) ÷ impressions",
        shared_only=True,
    ),
    _added("views", "Views"),
    _added("shop_clicks", "Shop clicks"),
    _added("product_views", "Product views"),
    _added("watch_time_s", "Watch time", unit="seconds"),
    _ratio(
        "completion_rate",
        "Completion rate",
        "video_completions",
        "views",
        formula="watched to the end ÷ views",
    ),
    _ratio("watch_time_avg_s", "Average watch time", "watch_time_s", "views", "seconds"),
    _added("add_to_carts", "Adds to cart"),
    _added("checkouts_started", "Checkouts started"),
    _added("leads", "Leads"),
    _added("sent", "Sent", direction="none"),
    _added("delivered", "Delivered", direction="none"),
    _added("bounces", "Bounces", direction="down"),
    _added("opens", "Opens", _MPP),
    _added("unique_opens", "Unique opens", _UNIQUE + " " + _MPP),
    _added("email_clicks", "E-mail clicks"),
    _added("unique_clicks", "Unique clicks", _UNIQUE),
    _added("unsubscribes", "Unsubscribes", direction="down"),
    _added("spam_complaints", "Spam complaints", direction="down"),
    _ratio("open_rate", "Open rate", "unique_opens", "delivered", caveat=_MPP),
    _ratio("click_rate", "Email click rate", "unique_clicks", "delivered"),
    _ratio("ctor", "CTOR", "unique_clicks", "unique_opens", caveat=_MPP),
    _ratio("bounce_rate", "Bounce rate", "bounces", "sent", direction="down"),
    _ratio("unsubscribe_rate", "Unsubscribe rate", "unsubscribes", "delivered", direction="down"),
    Metric(
        "position_weighted",
        "Position × impressions",
        "number",
        Kind.ADDITIVE,
        "average position × impressions",
        "none",
        "Kept so that the average position of several rows is right.",
    ),
    _ratio(
        "position",
        "Average position",
        "position_weighted",
        "impressions",
        "position",
        "down",
        shared_only=True,
    ),
    Metric(
        "new_customer_revenue",
        "New-customer revenue",
        "money",
        Kind.ADDITIVE,
        "gross − discounts of first orders",
        "up",
        _SHOP,
    ),
    _ratio(
        "cac",
        "CAC (blended)",
        "spend",
        "new_customers",
        "money",
        "down",
        "All channels together, whoever brought the customer.",
        formula="total spend ÷ all new customers",
    ),
    _ratio(
        "over_claim",
        "Over-claim ratio",
        "conversions",
        "orders",
        "multiple",
        "down",
        "Above 1 the advertising platforms together claim more orders than the shop had.",
        formula="platform conversions of all advertising ÷ orders",
    ),
    _added("attributed_orders", "Orders (last visit)", _LAST_VISIT),
    _added("attributed_revenue", "Net sales (last visit)", _LAST_VISIT, unit="money"),
    _added("attributed_customers", "New customers (last visit)", _LAST_VISIT),
    _ratio(
        "roas_attributed",
        "ROAS (shop, last visit)",
        "attributed_revenue",
        "spend",
        "multiple",
        caveat=_LAST_VISIT,
        formula="net sales of orders whose last visit the channel brought ÷ spend",
    ),
    _ratio(
        "ncac_attributed",
        "nCAC (last visit)",
        "spend",
        "attributed_customers",
        "money",
        "down",
        _LAST_VISIT,
        formula="spend ÷ new customers whose first order's last visit the channel brought",
    ),
    _ratio(
        "over_claim_attributed",
        "Claimed per tagged order",
        "conversions",
        "attributed_orders",
        "multiple",
        "down",
        _LAST_VISIT,
        formula="platform conversions ÷ orders whose last visit the channel brought",
    ),
    _of_costs("goods_cost", "Cost of goods", "share of net sales", "down"),
    _of_costs(
        "shipping_cost", "Shipping", "amount per order + share of what customers paid for shipping", "down"
    ),
    _of_costs("payment_fees", "Payment fees", "share of gross sales − discounts, + amount per order", "down"),
    _of_costs("other_costs", "Other costs per order", "amount per order", "down"),
    _of_costs(
        "gross_profit",
        "Gross profit",
        "net sales − cost of goods − shipping − payment fees − other costs",
        "up",
    ),
    _of_costs("contribution_margin", "Contribution margin", "gross profit − spend", "up"),
    _ratio(
        "gross_margin",
        "Gross margin",
        "gross_profit",
        "revenue_net",
        caveat=_COSTS,
        formula="gross profit ÷ net sales",
    ),
    _ratio(
        "contribution_margin_rate",
        "Contribution margin rate",
        "contribution_margin",
        "revenue_net",
        caveat=_COSTS,
        formula="contribution margin ÷ net sales",
    ),
    _ratio(
        "break_even_roas",
        "Break-even ROAS",
        "revenue_net",
        "gross_profit",
        "multiple",
        "down",
        _COSTS + " Without a gross profit there is none.",
        formula="1 ÷ gross margin",
    ),
    _ratio(
        "poas", "POAS", "gross_profit", "spend", "multiple", caveat=_COSTS, formula="gross profit ÷ spend"
    ),
)

REGISTRY: dict[str, Metric] = {metric.slug: metric for metric in _DECLARED}

_VIDEO = ("reach", "video_views_3s", "video_views_2s", "video_views_6s", "views")

OVERVIEW: dict[str, tuple[tuple[str, ...], ...]] = {
    "Awareness": (("impressions",), _VIDEO, ("sessions",), ("cpm",)),
    "Engagement": (("clicks",), ("ctr",), ("engagement_rate",), ("click_rate",)),
    "Conversion": (("conversions",), ("orders",), ("cvr_session", "cvr_click"), ("cpa", "ncac")),
    "Value": (("spend",), ("revenue_net",), ("mer",), ("roas_reported",)),
}
"""The 16 tiles of the overview in their four groups; of alternatives the first that has a value is shown."""


def metric(slug: str) -> Metric:
    """The declaration of a metric. KeyError for an unknown slug."""
    return REGISTRY[slug]


def parts(slug: str) -> tuple[str, ...]:
    """The base metrics that a metric needs: itself, or its numerator and denominator."""
    found = REGISTRY[slug]
    return (found.numerator, found.denominator) if found.is_ratio else (slug,)


SHOP = (
    "orders",
    "revenue_gross",
    "discounts",
    "refunds",
    "revenue_net",
    "new_customers",
    "new_customer_revenue",
    "repeat_orders",
)
"""Base measures that come from a shop's orders."""
_WEB_MEASURES = frozenset(
    {"sessions", "engaged_sessions", "pageviews", "users", "new_users", "event_count", "key_events"}
)
_EMAIL_MEASURES = frozenset(
    {
        "sent",
        "delivered",
        "bounces",
        "opens",
        "unique_opens",
        "email_clicks",
        "unique_clicks",
        "unsubscribes",
        "spam_complaints",
    }
)


def origin(measure: str) -> Literal["shop", "web", "email", "paid"]:
    """Which kind of source a base measure's total over all channels comes from."""
    if measure in SHOP:
        return "shop"
    if measure in _WEB_MEASURES:
        return "web"
    return "email" if measure in _EMAIL_MEASURES else "paid"


def evaluate(slug: str, totals: Totals) -> Decimal | None:
    """Value of a metric from base totals; None where it is not measured or the denominator is 0."""
    found = REGISTRY[slug]
    if not found.is_ratio:
        value = totals.get(slug)
        return None if value is None else Decimal(value)
    top, bottom = totals.get(found.numerator), totals.get(found.denominator)
    if top is None or not bottom:
        return None
    return Decimal(top) * found.scale / Decimal(bottom)


def change(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """Relative change (0.1 = +10 %); None where either is missing or the earlier value is 0."""
    if now is None or not before:
        return None
    return (now - before) / abs(before)


def as_markdown() -> str:
    """docs/metrics.md."""
    lines = [
        "# Metrics",
        "",
        "Every ratio is Σ numerator ÷ Σ denominator, computed after aggregation; a zero denominator gives “–”. "
        "Written from the registry by `python -m analytics.metrics > docs/metrics.md`.",
        "",
        "| slug | label | formula | kind | caveat |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {m.slug} | {m.label} | {m.formula} | {m.kind} | {m.caveat} |" for m in _DECLARED]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(as_markdown(), end="")
