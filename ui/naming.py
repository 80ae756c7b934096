"""The naming page's parts: the convention as it is edited, names that break it, and dimensions with their spend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import streamlit as st

from analytics import channels, naming
from analytics.naming import Convention, Parsed, Part, Suggestion
from analytics.rules import WrongRule
from reports.campaigns import Row
from reports.view import View
from store import agreements
from store.access import Person
from store.agreements import Agreed
from store.projects import Project
from ui import downloads, formats, messages
from ui.rules import read, words
from ui.sign_in import literal
from ui.uploads import records

_KEY = "naming-draft"
_FIRST = Convention("_", (Part("market"), Part("topic")))
_MOST = 1_000


@dataclass(frozen=True)
class _Draft:
    project_id: int
    version: int
    start: Convention
    turn: int = 0


def suggestion(names: Sequence[str]) -> Suggestion | None:
    """Offers a convention that many names follow already; a button starts with it."""
    found = naming.suggest(names)
    if found is None:
        st.caption(
            "The campaigns' names share no separator and number of parts, so nothing can be suggested."
        )
        return None
    made = found.convention
    parts = "; ".join(
        f"{part.name}: {', '.join(part.allowed[:5])}{' …' if len(part.allowed) > 5 else ''}"
        if part.allowed
        else f"{part.name}: any text"
        for part in made.parts
    )
    st.info(
        f"{found.following:,} of {found.names:,} names are made of {len(made.parts)} parts at “{made.separator}”: "
        f"{literal(parts)}.",
        icon=":material/lightbulb:",
    )
    return found


def begin(project: Project, agreed: Agreed[Convention | None], names: Sequence[str]) -> None:
    """Ways to a first draft: the suggestion, or an empty one."""
    found = suggestion(names) if names else None
    with st.container(horizontal=True):
        if found is not None:
            st.button(
                "Start from this", icon=":material/lightbulb:", key="start-suggested", on_click=_start,
                args=(project, agreed.version, found.convention),
            )  # fmt: skip
        st.button(
            "Start from scratch", key="start-empty", on_click=_start, args=(project, agreed.version, _FIRST)
        )


def _start(project: Project, version: int, start: Convention) -> None:
    kept = st.session_state.get(_KEY)
    turn = kept.turn + 1 if isinstance(kept, _Draft) else 0
    st.session_state[_KEY] = _Draft(project.id, version, start, turn)


def _forget() -> None:
    st.session_state.pop(_KEY, None)


def edit(person: Person, project: Project, agreed: Agreed[Convention | None]) -> Convention | None:
    """The convention's form; what it says now (saved or not), None where there is none or it is wrong."""
    kept = st.session_state.get(_KEY)
    draft = (
        kept
        if isinstance(kept, _Draft) and (kept.project_id, kept.version) == (project.id, agreed.version)
        else None
    )
    start = draft.start if draft else agreed.value
    if start is None:
        return None
    key = f"{project.id}-{agreed.version}-{draft.turn if draft else 'saved'}"
    separator = st.selectbox(
        "Parts are separated by", dict.fromkeys((start.separator, *naming.SEPARATORS)), accept_new_options=True,
        key=f"separator-{key}", width=220, format_func=lambda s: "a space" if s == " " else s,
    )  # fmt: skip
    table = st.data_editor(
        _grid(start), num_rows="dynamic", hide_index=True, key=f"parts-{key}", column_config=_columns()
    )
    st.caption(
        "Parts from left to right. Allowed values with commas between; or a pattern (a regular expression for the whole part, "
        "such as 20\\d\\d); or neither: any text. Optional parts stand at the end."
    )
    try:
        made = naming.check(Convention(separator or "", tuple(_part(row) for row in records(table))))
    except WrongRule as error:
        st.error(str(error), icon=":material/error:")
        made = None
    same = made == agreed.value
    with st.container(horizontal=True):
        st.button(
            "Save convention", type="primary", icon=":material/save:", disabled=made is None or same, key="save-naming",
            on_click=_save, args=(person, project, made, agreed.version, "Saved. Campaigns can be grouped by these parts."),
        )  # fmt: skip
        if draft:
            st.button("Discard changes", key="discard-naming", on_click=_forget)
        if agreed.value is not None:
            st.button(
                "Give up the convention", key="drop-naming", on_click=_save,
                args=(person, project, None, agreed.version, "Given up. The history below brings it back."),
            )  # fmt: skip
    return made


def _grid(start: Convention) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": [p.name for p in start.parts],
            "allowed": [words(p.allowed) for p in start.parts],
            "pattern": [p.pattern for p in start.parts],
            "optional": [p.optional for p in start.parts],
        }
    )


def _columns() -> dict[str, Any]:
    return {
        "name": st.column_config.TextColumn("Part", required=True, max_chars=40),
        "allowed": st.column_config.TextColumn("Allowed values", width="large"),
        "pattern": st.column_config.TextColumn("Pattern"),
        "optional": st.column_config.CheckboxColumn("Optional", default=False),
    }


def _part(row: Mapping[str, Any]) -> Part:
    texts = {name: str(row.get(name) or "") for name in ("name", "allowed", "pattern")}
    return Part(texts["name"], read(texts["allowed"]), texts["pattern"], bool(row.get("optional")))


def _save(person: Person, project: Project, made: Convention | None, seen: int, done: str) -> None:
    if messages.attempt(agreements.save_convention, person, project.id, made, seen=seen, done=done):
        _forget()


def described(content: Any) -> str:
    """A stored convention in a few words."""
    if not content:
        return "none"
    return str(content["separator"]).join(str(part["name"]) for part in content["parts"])


def shares(view: View, rows: Sequence[Row], parsed: Mapping[str, Parsed]) -> None:
    """How much follows the convention: campaigns and spend."""
    good = [row for row in rows if parsed[row.name].follows]
    spent, whole = _spend(good), _spend(rows)
    with st.container(horizontal=True):
        st.metric("Campaigns that follow it", f"{len(good):,} of {len(rows):,}", border=True, width=240)
        if whole:
            st.metric(
                "Their share of spend", formats.percent(spent / whole, 1), border=True, width=240,
                help=f"{formats.money(spent, view.currency)} of {formats.money(whole, view.currency)}",
            )  # fmt: skip


def _spend(rows: Sequence[Row]) -> Decimal:
    return sum((row.now.get("spend") or Decimal(0) for row in rows), Decimal(0))


def violations(
    person: Person, project: Project, view: View, rows: Sequence[Row], parsed: Mapping[str, Parsed]
) -> None:
    """Names that break the convention, the most expensive first, each with all that is wrong."""
    whole = _spend(rows)
    bad = sorted(
        (row for row in rows if not parsed[row.name].follows),
        key=lambda row: (-(row.now.get("spend") or Decimal(0)), row.name),
    )
    if not bad:
        st.success("Every campaign of this view follows the convention.", icon=":material/check_circle:")
        return
    st.markdown(
        f"**{len(bad):,}** names break it; they spent **{formats.money(_spend(bad), view.currency)}**.".replace(
            "$", "\\$"
        )
    )
    spends = [row.now.get("spend") for row in bad]
    table = pl.DataFrame(
        {
            "Campaign": [row.name for row in bad],
            "What is wrong": ["; ".join(parsed[row.name].problems).replace("*", "") for row in bad],
            f"Spend ({view.currency})": downloads.numbers(spends, 2),
            "Share of spend %": downloads.numbers(
                [100 * s / whole if s is not None and whole else None for s in spends], 1
            ),
            "Platform": [channels.label(row.channel) for row in bad],
            "Account": [row.account for row in bad],
        }
    )
    config = {
        "Share of spend %": st.column_config.NumberColumn("Share of spend", format="%.1f %%"),
        f"Spend ({view.currency})": st.column_config.NumberColumn(format="localized", step=0.01),
        "What is wrong": st.column_config.TextColumn(width="large"),
    }
    st.dataframe(
        table.head(_MOST).to_pandas(), hide_index=True, column_config=config, placeholder=formats.NONE, key="violations",
        alt="Campaign names that break the convention, by spend",
    )  # fmt: skip
    if len(bad) > _MOST:
        st.caption(f"The first {_MOST:,} are shown; downloads hold all.")
    downloads.offer(person, project, "naming", lambda: table, "violations")
