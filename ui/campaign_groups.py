"""Campaigns put together: by a part of the name, by a dimension of the naming convention, by tag."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from analytics import channels
from reports import campaigns as lists
from reports import exports
from reports.campaigns import TABLE, Row
from reports.view import View
from store import labels
from store.access import Action, Person, may
from store.labels import Change, Key
from store.projects import Project
from ui import campaigns, formats, messages, tables
from ui.campaign_labels import DIMENSION, PIECES, Labels
from ui.campaigns import Picked

SEPARATORS = ("_", "|", "-")
_CHANGE = "tag-change"  # session state: the last change of tags, to be taken back


def show(person: Person, project: Project, view: View, what: str, shown: Picked, known: Labels) -> None:
    """The list that was chosen."""
    if what == PIECES:
        _pieces(person, project, view, shown)
    elif what == DIMENSION:
        _dimension(person, project, view, shown, known)
    else:
        _tags(person, project, view, shown, known)


def _pieces(person: Person, project: Project, view: View, shown: Picked) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="pieces"):
        separator = st.segmented_control(
            "Names are split at", SEPARATORS, default="_", key="split", bind="query-params", required=True
        )
        position = st.number_input(
            "Part number", 1, 20, 1, key="part", bind="query-params", width=160,
            help="In SALE_DE_video, split at _, the first part is SALE and the second is DE.",
        )  # fmt: skip
    found = lists.by_piece(
        shown.rows, str(separator), int(position or 1), by=shown.by, smallest=shown.smallest
    )
    lost = _table(person, project, view, shown.rows, found, "Part of the name", "Names without this part")
    if lost:
        st.caption(f"Names without this part {lost}: they follow another convention.")


def _dimension(person: Person, project: Project, view: View, shown: Picked, known: Labels) -> None:
    if known.convention is None:
        st.info("No naming convention is agreed on yet, so names have no dimensions.")
        st.page_link("../pages/naming.py", label="Campaign names", icon=":material/label:")
        return
    dimension = st.selectbox(
        "Dimension", known.convention.names, key="dimension", bind="query-params", width=220
    )
    by_dimension(person, project, view, shown.rows, known, str(dimension), shown.by, smallest=shown.smallest)
    st.page_link("../pages/naming.py", label="Names that break the convention", icon=":material/label:")


def by_dimension(
    person: Person, project: Project, view: View, rows: list[Row], known: Labels, dimension: str,
    by: str = "spend", *, smallest: bool = False,
) -> None:  # fmt: skip
    """Campaigns by a dimension of their names."""
    found = lists.together(rows, lambda row: known.dimension(row, dimension), by=by, smallest=smallest)
    lost = _table(person, project, view, rows, found, dimension, f"Names without {dimension}")
    if lost:
        st.caption(f"Names without a valid {dimension} {lost}.")


def _tags(person: Person, project: Project, view: View, shown: Picked, known: Labels) -> None:
    if any(known.tags_of(row) for row in shown.rows):
        found = lists.together(shown.rows, known.tags_of, by=shown.by, smallest=shown.smallest)
        lost = _table(person, project, view, shown.rows, found, "Tag", "Without a tag")
        several = sum(len(known.tags_of(row)) > 1 for row in shown.rows)
        if several:
            st.caption(
                f"{several:,} campaigns have several tags and count in each; the total counts them once."
            )
        if lost:
            st.caption(f"Campaigns without a tag {lost}.")
    else:
        st.info("No campaign here has a tag yet.")
    if not may(person, project.id, Action.EDIT_ANALYSIS):
        st.caption(":material/lock: Editors and owners of this project give tags.")
        return
    _give(person, project, shown.rows, known, view)


def _table(
    person: Person, project: Project, view: View, rows: Sequence[Row], found: list[tuple[Row, int]], title: str,
    without: str,
) -> str:  # fmt: skip
    """The groups under their total, with downloads; what those without a name spent, in words."""
    lines = [campaigns.total_row(rows), *(row for row, _ in found)]
    spend = lines[0].now.get("spend")
    names = {
        title: ["Total", *(row.name or without for row, _ in found)],
        "Campaigns": [f"{len(rows):,}", *(f"{count:,}" for _, count in found)],
    }
    frame = campaigns.frame(names, lines, view)
    frame.insert(2, "Share", tables.shares([row.now.get("spend") for row in lines], spend))
    config = campaigns.config(view) | {"Share": tables.percent_column("Share of spend")}
    st.dataframe(
        frame, hide_index=True, column_config=config, placeholder=formats.NONE, key=f"groups-{title}",
        alt=f"Campaigns by {title.lower()}, with ratios of sums",
    )  # fmt: skip
    told = campaigns.told(names, lines, view)
    sheet = exports.Sheet(f"Campaigns by {title}"[:31], told, [r.now for r in lines], TABLE, view.currency)
    tables.downloads(person, project, view, f"Campaigns by {title.lower()}", lambda: sheet, "groups")
    lost = next((row for row, _ in found if not row.name), None)
    if lost is None:
        return ""
    amount = formats.money(lost.now.get("spend"), view.currency)
    return f"spent {amount}, {formats.percent(tables.part(lost.now.get('spend'), spend), 1)} of all"


# --- giving tags -----------------------------------------------------------------------------------


def _give(person: Person, project: Project, rows: list[Row], known: Labels, view: View) -> None:
    """Pick campaigns and give them a tag, or take it away; the last change can be taken back."""
    st.subheader("Tag campaigns", anchor=False)
    chosen = st.dataframe(
        {
            "Name": [row.name or row.account for row in rows],
            "Platform": [channels.label(row.channel) for row in rows],
            "Tags": [", ".join(known.tags_of(row)) for row in rows],
            "spend": [tables.value("spend", row.now) for row in rows],
        },
        column_config={"spend": tables.column("spend", view.currency)},
        hide_index=True, on_select="rerun", selection_mode="multi-row", key="tag-rows", placeholder=formats.NONE,
        alt="Campaigns to tag, with their tags",
    )  # fmt: skip
    tags = sorted({tag for found in known.tags.values() for tag in found}, key=str.casefold)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        tag = st.selectbox(
            "Tag",
            tags,
            index=None,
            accept_new_options=True,
            key="tag",
            placeholder="Choose or type one",
            width=240,
        )
        every = st.toggle(f"All {len(rows):,} that are listed", key="tag-all")
        picked = rows if every else [rows[n] for n in chosen.selection.rows if n < len(rows)]
        keys = [_key(row) for row in picked]
        ready = bool(keys) and bool((tag or "").strip())
        for label, how, icon in (("Give tag", labels.give, "add"), ("Take tag away", labels.take, "remove")):
            st.button(
                label, icon=f":material/{icon}:", disabled=not ready, key=f"tag-{icon}", on_click=_change,
                args=(how, person, project.id, keys, tag),
            )  # fmt: skip
    st.caption(
        "Pick rows by the boxes on their left." if not picked else f"{len(picked):,} campaigns are picked."
    )
    _last_change(person, project)


def _key(row: Row) -> Key:
    source, _, entity = row.key.partition("/")
    return int(source), int(entity)


def _change(how: object, person: Person, project_id: int, keys: Collection[Key], tag: str) -> None:
    assert callable(how)
    made = messages.attempt(how, person, project_id, keys, tag)
    if isinstance(made, Change):
        st.session_state[_CHANGE] = (project_id, made)


def _last_change(person: Person, project: Project) -> None:
    kept = st.session_state.get(_CHANGE)
    if not kept or kept[0] != project.id:
        return
    made: Change = kept[1]
    count = f"{len(made.keys):,} {'campaign' if len(made.keys) == 1 else 'campaigns'}"
    with st.container(horizontal=True, vertical_alignment="center"):
        if not made.keys:
            st.caption(
                f"Nothing to do: “{made.tag}” {'was there' if made.given else 'was not there'} already."
            )
            return
        st.caption(f"“{made.tag}” was {'given to' if made.given else 'taken from'} {count}.")
        st.button(
            "Undo",
            icon=":material/undo:",
            key="tag-undo",
            on_click=_change_back,
            args=(person, project.id, made),
        )


def _change_back(person: Person, project_id: int, made: Change) -> None:
    if messages.attempt(labels.undo, person, project_id, made, done="Taken back.") is not None:
        st.session_state.pop(_CHANGE, None)
