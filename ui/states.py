"""What a page shows when there is nothing to show, when something is wrong, and while something works."""

from __future__ import annotations

from datetime import UTC, date, datetime

import streamlit as st

from analytics import channels
from reports import monitors
from reports.coverage import Coverage, span
from reports.daily import Caveats
from store.access import Action, Person, may
from store.projects import Project
from store.runs import Run
from ui import data, demo, formats, sign_in


def nothing_yet(person: Person, project_id: int) -> None:
    """An empty project: the ways to begin."""
    with st.container(border=True):
        st.subheader("Nothing here yet")
        can_connect = may(person, project_id, Action.MANAGE_CONNECTIONS)
        if not may(person, project_id, Action.IMPORT):
            st.write(
                "This project has no data yet. An editor or owner of the project can upload the first file."
            )
            return
        st.write(
            "Connect an ad account, shop, web analytics or e-mail tool, and its figures come by themselves. Or download "
            "a report there and upload it as it is: Soundings recognises it, shows what it understood, and writes "
            "nothing before you say so."
        )
        with st.container(horizontal=True):
            if can_connect and st.button("Connect an account", type="primary", icon=":material/cable:"):
                st.switch_page("../pages/connections.py")
            if st.button(
                "Upload a file", type="secondary" if can_connect else "primary", icon=":material/upload_file:"
            ):
                st.switch_page("../pages/upload.py")
            demo.offer(person)


def nothing_in_period(found: list[Coverage], filtered: bool) -> None:
    """Data exists, but not for these filters; says which reason it is."""
    covered = span(found)
    with st.container(border=True):
        st.subheader("No figures for this view")
        if covered:
            st.write(
                f"The sources of this project cover {formats.days(*covered)}. Pick “All data” to see everything."
            )
        if filtered:
            st.write("Channels or campaigns are filtered. Clear those filters to see the others.")


def health(person: Person, project: Project, found: list[Coverage]) -> None:
    """The strip on a dashboard, one line: how many of its sources are fresh, how far all of them reach, and
    whether anything needs somebody; more is on Data health."""
    standing, findings = data.standing(person, project)
    here = {c.source_id for c in found}
    mine = [one for one in standing if one.source.id in here]
    connected = [one for one in mine if not one.is_uploaded]
    parts = []
    if connected:
        fresh = sum(one.is_fresh for one in connected)
        parts.append(
            f"{fresh} of {len(connected)} connected {'source' if len(connected) == 1 else 'sources'} fresh"
        )
    if len(mine) > len(connected):
        parts.append(f"{len(mine) - len(connected)} uploaded")
    reaching = {one.source.covers_through: one for one in mine if one.source.covers_through}
    if reaching:
        named = f" ({sign_in.literal(reaching[min(reaching)].label)})" if len(reaching) > 1 else ""
        parts.append(f"all data through {formats.day(min(reaching))}{named}")
    wanting = sum(one.needs_somebody for one in standing) + len(monitors.urgent(findings))
    parts.append(_attention(wanting, sum(one.state == "not_run" for one in findings)))
    icon = "warning" if wanting else "verified"
    with st.container(horizontal=True, vertical_alignment="center", key="health-strip"):
        st.caption(f":material/{icon}: {' · '.join(parts)}", width="stretch")
        st.page_link(
            "../pages/health.py", label="Data health", icon=":material/monitor_heart:", width="content"
        )


def _attention(wanting: int, not_run: int) -> str:
    if wanting:
        return f"**{wanting} {'thing needs' if wanting == 1 else 'things need'} attention**"
    if not_run:
        return f"nothing found, but {not_run} {'check' if not_run == 1 else 'checks'} could not run"
    return "nothing needs attention"


def notices(shown: Caveats) -> None:
    """What the totals do not contain, and why; and when exchange rates are old."""
    if shown.rates_of:
        st.caption(
            f":material/currency_exchange: Amounts in other currencies after {formats.day(shown.rates_of)} are converted at "
            "that day's ECB rates: newer ones could not be fetched yet."
        )
    if shown.without_rate:
        st.warning(
            f"Amounts in {', '.join(shown.without_rate)} are missing from the totals: the ECB publishes no rate for them. "
            "An owner can enter rates under Exchange rates.",
            icon=":material/currency_exchange:",
        )
    partly = [figure for figure in shown.left_out if not figure.covered]
    if partly:
        with st.expander(
            f"{len(partly)} period figures are not counted in this view", icon=":material/info:"
        ):
            st.write(
                "These files give one figure for several days. It counts only when all its days are shown: pick a "
                "longer period, or “All data”."
            )
            st.dataframe(
                {
                    "Channel": [channels.label(p.channel) for p in partly],
                    "Account": [p.account for p in partly],
                    "First day": [formats.day(p.first) for p in partly],
                    "Days": [p.days for p in partly],
                    "Spend": [formats.money(p.spend, p.currency, exact=True) for p in partly],
                },
                hide_index=True,
            )


def sales_missing(found: list[Coverage], first: date) -> None:
    """Say where the shop's orders begin later than a period: spend before then stands beside no sales."""
    begins = [one.covers_from for one in found if channels.kind(one.channel) == "shop" and one.covers_from]
    others = [one.covers_from for one in found if channels.kind(one.channel) == "paid" and one.covers_from]
    if begins and others and min(begins) > max(first, min(others)):
        st.warning(
            f"Orders are known from {formats.day(min(begins))} on only, advertising from before. MER, CAC and whatever else "
            "divides the one by the other is off for this period: pick one from that day on, or have the shop read "
            "further back under Connections.",
            icon=":material/event_busy:",
        )


def progress(run: Run) -> None:
    """How far a run is; honest where the size is not known."""
    if run.state == "queued":
        waited = (datetime.now(UTC) - run.requested_at).total_seconds()
        text = "Waiting for the sidecar to take this up."
        if waited > 20:
            text += " It should have by now: is it running? An admin sees its heartbeat under /api/v1/ready."
        st.progress(0.0, text)
        return
    if run.units_total:
        done = min(run.units_done / run.units_total, 1.0)
        counted = f"{run.units_done:,} of {run.units_total:,}" if run.units_total != 100 else f"{done:.0%}"
        st.progress(done, f"{run.stage}: {counted}. You can close this page.")
    else:
        st.progress(0.0, f"{run.stage or 'Starting'} …  You can close this page.")
