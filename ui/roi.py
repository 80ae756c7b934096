"""The ROI page's parts: figures, the way from sales to margin, claim against shop by channel, and the weeks."""

from __future__ import annotations

from decimal import Decimal

import plotly.graph_objects as go
import streamlit as st

from analytics import channels, metrics
from reports import roi
from reports.coverage import Coverage
from reports.exports import Sheet
from reports.pictures import Picture, Series
from reports.roi import CHANNEL, PROFIT, STEPS, TILES, TOTALS, ChannelReturn, Roi, signed, total
from reports.view import View
from store.access import Person
from store.projects import Project
from ui import charts, filters, formats, notes, tables
from ui.sign_in import literal

_GREY = "#8C8C8C"


def tiles(found: Roi, view: View) -> None:
    """What is spent, claimed and sold; then what is left, where costs are known."""
    versus = filters.VERSUS[view.compare]
    with st.grid(4, min_column_width=160):
        for slug in TILES:
            now, before = roi.value(slug, found.now), _before(slug, found, view)
            course = [(day, metrics.evaluate(slug, totals)) for day, totals in found.days]
            tables.tile(slug, now, metrics.change(now, before), course, view.currency, versus)
    if found.taken.parts is not None and found.now.get("revenue_net") is not None:
        with st.grid(4, min_column_width=160):
            for slug in PROFIT:
                _profit_tile(slug, found, view, versus)


def _before(slug: str, found: Roi, view: View) -> Decimal | None:
    return roi.value(slug, found.before) if view.compared else None


def _profit_tile(slug: str, found: Roi, view: View, versus: str) -> None:
    metric, now = metrics.metric(slug), roi.value(slug, found.now)
    moved = metrics.change(now, _before(slug, found, view))
    st.metric(
        metric.label, formats.metric(metric, now, view.currency), help=tables.explain(slug), border=True,
        height="stretch", **tables.delta(moved, metric.direction, versus),
    )  # fmt: skip


def missing(found: Roi) -> None:
    """Which figures wait for cost settings, and why."""
    if found.taken.parts is not None or found.now.get("revenue_net") is None:
        return
    named = ", ".join(metrics.metric(slug).label for slug in PROFIT)
    if found.taken.before_first:
        why = f"The costs hold from {formats.day(found.agreed.since)}, and this period begins earlier. Set costs from an earlier day, or pick a later period."
    elif found.taken.no_rate:
        why = f"The costs are in {found.agreed.currency}, for which no exchange rate is known on some of these days. An owner can enter rates under Exchange rates."
    else:
        why = "Set below what goods, shipping and payment cost you."
    st.info(
        f"{named} need to know what selling costs. {why} All other figures stand.", icon=":material/payments:"
    )


def scope(found: Roi, view: View) -> None:
    """What the filters do to figures of which only one side can be filtered."""
    if view.channels or view.campaigns:
        left = " The margin has only that spend taken off." if found.taken.parts is not None else ""
        st.caption(
            ":material/filter_alt: Spend and claims are those of the chosen channels and campaigns; orders, net sales and new "
            f"customers are always the whole shop's.{left}"
        )


def waterfall(person: Person, project: Project, found: Roi, view: View) -> None:
    """From net sales to the contribution margin, and the same as a table."""
    if not found.waterfall:
        return
    margin = roi.value("contribution_margin_rate", found.now)
    left = "Nothing is left" if (margin or 0) <= 0 else f"{formats.percent(margin, 1)} of net sales is left"
    st.subheader(f"{left} after all costs and advertising", anchor=False)
    steps = signed(found)
    values = Series("", charts.SPEND, tuple(amount for _, amount in steps))
    names = tuple(metrics.metric(slug).label for slug, _ in steps)
    charts.show(
        person, project, Picture("horizontal", "Contribution margin", view.currency, names, (values,)), "waterfall",
        alt=_steps_said(found, view.currency), drawn=_waterfall(found, view.currency),
    )  # fmt: skip
    rows = {"This period": found.now} | ({"Compared period": found.before} if view.compared else {})
    sheet = Sheet(
        "Contribution margin", {"Period": list(rows)}, list(rows.values()),
        (*STEPS, "gross_margin", "contribution_margin_rate", "poas"), view.currency,
    )  # fmt: skip
    tables.downloads(person, project, view, "contribution-margin", lambda: sheet, "margin")


def _steps_said(found: Roi, currency: str) -> str:
    return "; ".join(
        f"{metrics.metric(slug).label} {formats.signed(metrics.metric(slug), amount, currency)}"
        for slug, amount in signed(found)
    )


def _waterfall(found: Roi, currency: str) -> go.Figure:
    steps = [(slug, amount) for slug, amount in signed(found) if amount or slug in TOTALS]
    drawn = go.Figure(
        go.Waterfall(
            orientation="h",
            y=[metrics.metric(slug).label for slug, _ in steps],
            x=[float(amount) for _, amount in steps],
            measure=["absolute" if slug in TOTALS else "relative" for slug, _ in steps],
            text=[_money(slug, amount, currency) for slug, amount in steps],
            textposition="outside",
            cliponaxis=False,
            increasing={"marker": {"color": charts.SALES}},
            decreasing={"marker": {"color": charts.FALLING}},
            totals={"marker": {"color": charts.SPEND}},
            connector={"line": {"color": _GREY, "width": 1}},
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    amounts = [found.now[slug] or Decimal(0) for slug in TOTALS]
    high, low = float(max(*amounts, Decimal(0))), float(min(*amounts, Decimal(0)))
    room = (high - low) * 0.35
    drawn.update_xaxes(range=[low - (room if low < 0 else 0), high + room], visible=False)
    drawn.update_yaxes(autorange="reversed", automargin=True)
    drawn.update_layout(
        margin={"l": 8, "r": 8, "t": 36, "b": 8}, height=46 * len(steps) + 58, showlegend=False, hovermode="closest"
    )  # fmt: skip
    return drawn


def _money(slug: str, amount: Decimal, currency: str) -> str:
    return ("−" if amount < 0 else "") + formats.metric(metrics.metric(slug), abs(amount), currency)


def band(person: Person, project: Project, found: Roi) -> None:
    """Claim against shop by channel, with the line from which advertising pays."""
    rows = [row for row in found.channels if any(value is not None for value in row.roas())]
    if not rows:
        return
    st.subheader("ROAS by channel lies between the shop's count and the platform's claim", anchor=False)
    level = roi.value("break_even_roas", found.now)
    said = "; ".join(_band_said(row) for row in rows)
    alt = said + (f". Break-even at {level:,.2f}×" if level is not None else "")
    sides = zip(*(row.roas() for row in rows), strict=True)
    series = tuple(
        Series(name, tint, tuple(values))
        for name, tint, values in zip(("Shop", "Platform"), (charts.SALES, charts.SPEND), sides, strict=True)
    )
    names = tuple(channels.label(row.channel) for row in rows)
    picture = Picture("horizontal", "ROAS by channel, shop and platform", "×", names, series)
    charts.show(person, project, picture, "band", alt=alt, drawn=_band(rows, found, level))


def _band_said(row: ChannelReturn) -> str:
    shop, claim = (formats.NONE if value is None else f"{value:,.2f}×" for value in row.roas())
    return f"{channels.label(row.channel)}: shop {shop}, platform {claim}"


def _band(rows: list[ChannelReturn], found: Roi, level: Decimal | None) -> go.Figure:
    drawn = go.Figure()
    both = [(channels.label(r.channel), charts.color(r.channel), r.roas()) for r in rows]
    whole = (roi.value("mer", found.now), roi.value("roas_reported", found.now))
    if len(rows) > 1 and whole[0] is not None:
        both.append(("All (MER)", _GREY, whole))
    for label, tint, (shop, claim) in both:
        if shop is not None and claim is not None:
            drawn.add_scatter(
                x=[float(shop), float(claim)], y=[label, label], mode="lines", line={"color": tint, "width": 12},
                opacity=0.45, showlegend=False, hoverinfo="skip",
            )  # fmt: skip
    for n, (name, symbol) in enumerate((("Shop, last visit", "circle"), ("Platform's claim", "diamond"))):
        known = [(label, tint, ends[n], ends) for label, tint, ends in both if ends[n] is not None]
        drawn.add_scatter(
            x=[float(value) for _, _, value, _ in known if value is not None], y=[label for label, *_ in known],
            mode="markers+text", name=name, marker={"color": [t for _, t, *_ in known], "size": 13, "symbol": symbol},
            text=[f"{value:,.1f}×" for _, _, value, _ in known],
            textposition=[_side(n, ends) for *_, ends in known],
            hovertemplate="%{y}, " + name.lower() + ": %{x:,.2f}×<extra></extra>", cliponaxis=False,
        )  # fmt: skip
    if level is not None:
        drawn.add_vline(
            float(level), line={"color": charts.FALLING, "dash": "dash", "width": 2},
            annotation={"text": f"break-even {level:,.2f}×", "yref": "paper", "y": 1.0, "yanchor": "bottom"},
        )  # fmt: skip
    most = max(float(value) for _, _, ends in both for value in (*ends, level) if value is not None)
    drawn.update_xaxes(range=[-0.12 * most, most * 1.18], ticksuffix="×", zeroline=True, nticks=6)
    drawn.update_yaxes(autorange="reversed", automargin=True)
    drawn.update_layout(
        margin={"l": 8, "r": 8, "t": 56, "b": 8}, height=58 * len(both) + 138, hovermode="closest",
        legend={"orientation": "h", "y": -0.12, "x": 0},
    )  # fmt: skip
    return drawn


def _side(n: int, ends: tuple[Decimal | None, Decimal | None]) -> str:
    """Outside of the band: left of its lower end, right of its higher one."""
    mine, other = ends[n], ends[1 - n]
    if mine is None or other is None:
        return "middle right"
    return "middle left" if (mine, n) < (other, 1 - n) else "middle right"


def _tags(found: Roi, view: View) -> str:
    if view.campaigns:
        return (
            "The shop's side is not told apart by campaign: names in tags need not be those of the platform."
        )
    if not found.tagged:
        return (
            "No order of this period carries the tag of a visit (source, medium, campaign), so only the claim is known. A "
            "connected shop brings tags; links need UTM parameters."
        )
    whole = sum(found.tagged.values(), Decimal(0))
    ads, other, none = (
        formats.percent(tables.part(found.tagged.get(k), whole), 1) for k in ("ads", "other", "none")
    )
    return (
        f"Of net sales, {ads} came by a last visit with the tag of an advertising channel, {other} with another tag, {none} without "
        "any. The shop's side counts last visits only, so as a rule it is the lower end; where it is the higher one, the platform "
        "does not see all orders that it brings."
    )


def table(person: Person, project: Project, found: Roi, view: View) -> None:
    """The channels with both sides and their total: sums, and ratios of the sums."""
    if not found.channels:
        return
    st.subheader("Advertising channels", anchor=False)
    names = {"Channel": [*(channels.label(row.channel) for row in found.channels), "Total"]}
    totals = [*(row.now for row in found.channels), total(found.channels)]
    st.dataframe(
        tables.frame(names, totals, CHANNEL), hide_index=True, placeholder=formats.NONE, key="channels",
        column_config={slug: tables.column(slug, view.currency) for slug in CHANNEL},
        alt="Advertising channels: claim and last visits, with their total",
    )  # fmt: skip
    st.caption(_tags(found, view))
    sheet = Sheet("ROI by channel", names, totals, CHANNEL, view.currency)
    tables.downloads(person, project, view, "roi-by-channel", lambda: sheet, "channels")


def course(person: Person, project: Project, found: Roi, view: View, coverage: list[Coverage]) -> None:
    """MER beside the platforms' ROAS, by week or by day."""
    slugs = {"MER": "mer", "ROAS (platform)": "roas_reported"}
    series = {
        name: [(day, metrics.evaluate(slug, totals)) for day, totals in found.course]
        for name, slug in slugs.items()
    }
    series = {name: points for name, points in series.items() if any(v is not None for _, v in points)}
    if not series:
        return
    title = f"MER and ROAS by {'week' if found.weekly else 'day'}"
    st.subheader(title, anchor=False)
    settled = filters.settling(project, coverage, view, ["spend", "conversion_value"])
    picture = charts.course(
        title, series, {"MER": charts.SALES, "ROAS (platform)": charts.SPEND}, "×", settled,
        notes.bar(person, project, view), sums=False,
    )  # fmt: skip
    whole = "; ".join(
        f"{name} {formats.metric(metrics.metric(slug), roi.value(slug, found.now), '')} over the period"
        for name, slug in slugs.items()
    )
    charts.show(person, project, picture, "course", settled=settled, alt=literal(whole))
    if found.weekly:
        st.caption(
            "Whole weeks only, each at its first day; what is left over at both ends is in the figures above."
        )
