"""Campaigns: from platform down to the ad, with status, budget and pace; and groups by name and by tag."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from analytics import channels
from reports import campaigns as lists
from ui import (
    campaign_groups,
    campaign_labels,
    campaigns,
    charts,
    data,
    filters,
    formats,
    session,
    states,
    watch,
)

person, project = session.person(), session.project()
st.title("Campaigns")

everything = data.coverage(person, project)
coverage = [c for c in everything if channels.kind(c.channel) == "paid"]
if not everything:
    watch.or_begin(person, project)
    st.stop()
if not coverage:
    st.info("This project has no advertising account yet. Connect one, or upload a report of its campaigns.")
    st.stop()

trail = campaigns.way(person, project)
at = trail[-1] if trail else None
channel = trail[0].channel if trail else ""
mine = [c for c in coverage if not channel or c.channel == channel]
view = filters.bar(person, project, mine, channel=channel)
view = replace(view, channels=(channel,)) if channel else view
states.health(person, project, mine)
states.notices(data.read_overview(person, project, view))

campaigns.crumbs(trail)
if len(trail) > 1 and view.campaigns and trail[1].name not in view.campaigns:
    st.info("The filter for campaigns leaves this one out. Clear it to see what is below the campaign.")
    st.stop()
what = campaigns.what(trail)
of_platforms = what == "Platforms"
found = data.listing(person, project, view, at, platforms=of_platforms)
if not found.rows:
    if at is not None and at.level != "platform":
        st.info("Nothing below it has figures in this period, or no finer figures are read for this account.")
    else:
        states.nothing_in_period(mine, bool(view.channels or view.campaigns))
    st.stop()

labels = campaign_labels.read(person, project, found.rows)
picked = campaigns.picked(
    found.rows, len(trail), labels, of_platforms=of_platforms, with_pace=what == "Campaigns"
)
if not picked.rows:
    st.info("No name and status here match. Clear “Find by name”, “Named or tagged” and “Status” to see all.")
    st.stop()

here = trail[-1].name if trail else "all platforms"
if what in campaign_labels.LISTS:
    campaign_groups.show(person, project, view, what, picked, labels)
    st.stop()
levels = " and ".join(dict.fromkeys(campaigns.LEVELS.get(row.level, row.level) for row in picked.rows))
title = f"{levels} of {here}" if trail else levels
row = campaigns.table(person, project, view, picked.rows, title, of_platforms=of_platforms)
if found.whole is not None and picked.all:
    own, sum_ = found.whole.get("spend"), lists.total(r.now for r in picked.rows).get("spend")
    if own is not None and own != sum_:
        st.caption(
            f"{here} itself spent {formats.money(own, view.currency, exact=True)}; what is listed adds up to "
            f"{formats.money(sum_, view.currency, exact=True)}. Some delivery is reported for the whole only."
        )
if row is None:
    st.caption("Pick a row to see its course, and to open what is below it.")
else:
    campaigns.open_link(row)
keys = (row.key,) if row else None if picked.all and not of_platforms else tuple(r.key for r in picked.rows)
course = data.list_course(person, project, view, at, keys, platforms=of_platforms)
color = charts.color(row.channel if row else channel) if row or channel else charts.SPEND
campaigns.chart(person, project, course, view, row.name if row else title, color, mine)
