"""Which fields the v26 resources have, and which of them go together in one query."""

from __future__ import annotations

from sandbox.accounts import AdAccount
from sandbox.platforms._gaql import Query, QueryError

LEVEL = {"customer": "account", "campaign": "campaign", "ad_group": "group", "asset_group": "group",
         "ad_group_ad": "ad"}  # fmt: skip
_ABOVE = {
    "customer": {"customer"},
    "campaign": {"customer", "campaign", "campaign_budget"},
    "ad_group": {"customer", "campaign", "campaign_budget", "ad_group"},
    "asset_group": {"customer", "campaign", "campaign_budget", "asset_group"},
    "ad_group_ad": {"customer", "campaign", "campaign_budget", "ad_group", "ad_group_ad"},
    "customer_client": {"customer", "customer_client"},
    "conversion_action": {"customer", "conversion_action"},
}
_FIELDS = {
    "customer": "resource_name id descriptive_name currency_code time_zone manager test_account status auto_tagging_enabled "
    "tracking_url_template final_url_suffix optimization_score",
    "campaign": "resource_name id name status serving_status primary_status advertising_channel_type advertising_channel_sub_type "
    "bidding_strategy_type start_date_time end_date_time campaign_budget tracking_url_template final_url_suffix optimization_score labels",
    "campaign_budget": "resource_name id name amount_micros total_amount_micros period delivery_method explicitly_shared status",
    "ad_group": "resource_name id name status primary_status type campaign cpc_bid_micros target_cpa_micros labels",
    "asset_group": "resource_name id name status primary_status ad_strength campaign final_urls",
    "ad_group_ad": "resource_name status primary_status ad_strength ad_group ad.id ad.name ad.type ad.resource_name ad.final_urls labels",
    "customer_client": "resource_name client_customer id descriptive_name currency_code time_zone level manager hidden test_account status",
    "conversion_action": "resource_name id name status type category primary_for_goal counting_type "
    "include_in_conversions_metric click_through_lookback_window_days view_through_lookback_window_days",
    "segments": "date week month quarter year day_of_week device ad_network_type conversion_action conversion_action_name conversion_action_category",
    "metrics": "impressions clicks interactions cost_micros conversions conversions_value all_conversions all_conversions_value "
    "view_through_conversions ctr average_cpc average_cpm average_cost cost_per_conversion value_per_conversion interaction_rate",
}  # fmt: skip
NO_FIGURES = (
    "engagements", "engagement_rate", "video_trueview_views", "video_trueview_view_rate", "trueview_average_cpv",
    "video_quartile_p25_rate", "video_quartile_p50_rate", "video_quartile_p75_rate", "video_quartile_p100_rate",
    "search_impression_share", "search_top_impression_share", "cross_device_conversions", "phone_calls",
    "active_view_impressions", "top_impression_percentage", "absolute_top_impression_percentage",
)  # fmt: skip
"""Metrics that v26 has and that this business has no figures of: accepted, and left out as unset."""
FIELDS = {f"{resource}.{name}" for resource, names in _FIELDS.items() for name in names.split()}
FIELDS |= {f"metrics.{name}" for name in NO_FIGURES}
_BY_ACTION = {"conversions", "conversions_value", "all_conversions", "all_conversions_value"}


def check(query: Query, account: AdAccount | None) -> None:
    """Refuse what Google refuses. `account` is None for a manager."""
    if query.resource not in _ABOVE:
        raise QueryError(
            "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", f"'{query.resource}' is not a valid resource name."
        )
    for name in query.fields():
        if name not in FIELDS:
            raise QueryError("UNRECOGNIZED_FIELD", f"Unrecognized field in the query: '{name}'.")
        resource = name.partition(".")[0]
        if resource not in {"segments", "metrics"} and resource not in _ABOVE[query.resource]:
            code = "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE"
            raise QueryError(
                code, f"Cannot select fields from the following resources: '{resource.upper()}'."
            )
    metrics = {name[8:] for name in query.fields() if name.startswith("metrics.")}
    if metrics and account is None:
        raise QueryError(
            "REQUESTED_METRICS_FOR_MANAGER",
            "Metrics cannot be requested for a manager account. To retrieve metrics, issue separate requests "
            "against each client account under the manager account.",
        )
    segments = {name for name in query.fields() if name.startswith("segments.")}
    if query.resource in {"customer_client", "conversion_action"} and (segments or metrics):
        code = "PROHIBITED_SEGMENT_IN_SELECT_OR_WHERE_CLAUSE"
        raise QueryError(
            code, f"Cannot select or filter on the following segments: {sorted(segments | metrics)}."
        )
    if any("conversion_action" in name for name in segments) and metrics - _BY_ACTION:
        raise QueryError(
            "PROHIBITED_SEGMENT_WITH_METRIC_IN_SELECT_OR_WHERE_CLAUSE",
            f"Cannot select or filter on the following segments with these metrics: {sorted(metrics - _BY_ACTION)}.",
        )
    if "segments.date" in query.select and "segments.date" not in {c.field for c in query.where}:
        raise QueryError(
            "EXPECTED_FILTERS_ON_DATE_RANGE", "A finite date range filter on segments.date is required."
        )
    for name, _ in query.order:
        if name not in query.select:
            code = "EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE"
            raise QueryError(code, f"The following field must be present in SELECT clause: '{name}'.")
