"""The parts of the upload page: what was understood of a file, what must still be asked, and what would change."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import streamlit as st

from analytics import channels, metrics
from spreadsheets import writing
from spreadsheets.understanding import Question, Table
from store.access import Person
from store.projects import Project
from store.uploads import Upload
from ui import actions, data, filters, formats, messages, states

_NOT_MAPPED = "(leave out)"
_DIMENSIONS = {
    "day": "Day",
    "month": "Month",
    "channel": "Channel",
    "account": "Account",
    "campaign": "Campaign",
    "campaign_id": "Campaign ID",
    "ad_group": "Ad group",
    "ad": "Ad",
    "currency": "Currency",
}
_MAPPABLE = [
    "spend",
    "impressions",
    "clicks",
    "conversions",
    "conversion_value",
    "sessions",
    "leads",
    "engagements",
    "video_views_3s",
    "sent",
    "delivered",
    "unique_opens",
    "unique_clicks",
]
_MEANINGS = {**_DIMENSIONS, **{slug: metrics.metric(slug).label for slug in _MAPPABLE}}


@st.fragment(run_every=1.0)
def watch(person: Person, project: Project, upload: Upload) -> None:
    """Progress of the run that reads or imports a file; the whole page follows when it is over."""
    run = actions.run_of(person, project.id, upload.run_id or 0)
    if run.is_over:
        if run.state == "failed":
            st.session_state[f"failed-{upload.id}"] = run.error
        elif run.kind == "import":
            st.toast(f"{upload.name} is imported.", icon=":material/check_circle:")
        st.rerun()
    states.progress(run)


def records(edited: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of an editable grid as plain values; an empty cell is None."""
    plain = edited.astype(object)
    return [dict(row) for row in plain.where(plain.notna(), None).to_dict("records")]


def import_all(person: Person, project: Project, waiting: list[Upload]) -> None:
    """One button for several files that need no more answers."""
    ready = {upload.id: _importable(upload) for upload in waiting if upload.state == "understood"}
    ready = {upload_id: tables for upload_id, tables in ready.items() if tables}

    def start() -> None:
        for upload_id, tables in ready.items():
            messages.attempt(actions.import_tables, person, project.id, upload_id, tables)

    if len(ready) > 1:
        st.button(
            f"Import all {len(ready)} files that are ready",
            type="primary",
            icon=":material/done_all:",
            on_click=start,
        )


def _importable(upload: Upload) -> list[int]:
    """The tables of a file that can be imported as they are; none while another one of them has a question."""
    tables = [Table.from_dict(given) for given in upload.tables]
    wanted = [n for n, table in enumerate(tables) if table.kind in {"metrics", "orders"} and table.rows]
    return [] if any(tables[n].questions for n in wanted) else wanted


def card(person: Person, project: Project, upload: Upload) -> None:
    """One file on its way in."""
    with st.container(border=True, key=f"upload-{upload.id}"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{_escaped(upload.name)}** · {formats.size(upload.size)}")
            if upload.state in {"understood", "unreadable"}:
                st.button(
                    "Discard",
                    key=f"discard-{upload.id}",
                    icon=":material/delete:",
                    on_click=messages.attempt,
                    args=(actions.discard, person, project.id, upload.id),
                )
        if failed := st.session_state.pop(f"failed-{upload.id}", None):
            st.error(failed, icon=":material/error:")
        if upload.state in {"reading", "importing"}:
            watch(person, project, upload)
        elif upload.state == "unreadable":
            st.error(f"{upload.reason} Nothing was written.", icon=":material/error:")
        else:
            _understood(person, project, upload)


def _escaped(text: str) -> str:
    return "".join("\\" + c if c in "\\`*_{}[]()#+-.!|~$:<>" else c for c in text)


def _understood(person: Person, project: Project, upload: Upload) -> None:
    tables = [Table.from_dict(given) for given in upload.tables]
    _account(person, project, upload, tables)
    ready: list[int] = []
    for n, table in enumerate(tables):
        plan = upload.tables[n].get("plan") or []
        if len(tables) > 1:
            st.divider()
        if _table(person, project, upload, n, table, plan):
            ready.append(n)
    importable = [
        n for n, t in enumerate(tables) if t.kind in {"metrics", "orders"} and t.rows and not t.questions
    ]
    if importable:
        rows = sum(tables[n].rows for n in ready)
        st.button(
            f"Import {rows:,} rows",
            key=f"import-{upload.id}",
            type="primary",
            icon=":material/check:",
            disabled=not ready,
            on_click=messages.attempt,
            args=(actions.import_tables, person, project.id, upload.id, ready),
        )


def _account(person: Person, project: Project, upload: Upload, tables: list[Table]) -> None:
    """The account, where the file does not name it: a known one of this platform, or a new name."""
    guessed = upload.answers.get("account")
    if not guessed or not any(t.kind in {"metrics", "orders"} for t in tables):
        return
    platforms = {t.platform for t in tables}
    known = sorted({c.account for c in data.coverage(person, project) if c.platform in platforms} | {guessed})
    key = f"account-{upload.id}"

    def changed() -> None:
        name = (st.session_state[key] or "").strip()
        if name and name != guessed:
            messages.attempt(actions.answer, person, project.id, upload.id, {"account": name})

    st.selectbox(
        "Account",
        known,
        known.index(guessed),
        key=key,
        on_change=changed,
        accept_new_options=True,
        width=320,
        help="The file does not name its account. Pick a known one, or type a name of your own.",
    )


def _table(
    person: Person, project: Project, upload: Upload, n: int, table: Table, plan: list[Mapping[str, Any]]
) -> bool:
    """What was understood of one table; True if it is to be imported."""
    key = f"{upload.id}-{n}"
    if table.kind == "unknown":
        st.markdown(
            f"**{_escaped(table.name)}**: a table that Soundings does not know. Say what its columns mean."
        )
        _mapping(person, project, upload, table, key)
        return False
    st.markdown(
        f"**{_escaped(table.title or table.report)}**"
        + (f" · {_escaped(table.name)}" if table.name != upload.name else "")
    )
    if table.kind == "not_data" or not table.rows:
        st.info(
            table.note or "This table has no rows: nothing was delivered in its period.",
            icon=":material/info:",
        )
        return False
    _facts(table)
    for note in table.notes:
        st.caption(f":material/info: {_escaped(note)}")
    _problems(table, key)
    _preview(table)
    if table.questions:
        _questions(person, project, upload, table, key)
        return False
    _plan(table, plan)
    return st.checkbox("Import this table", value=True, key=f"take-{key}")


def _facts(table: Table) -> None:
    days = formats.days(table.date_from, table.date_to) if table.date_from and table.date_to else "no dates"
    facts = {
        "Platform": channels.label(table.platform or ""),
        "Level": f"{table.grain or table.kind}".replace("_", " ")
        + (f" by {table.breakdown}".replace("_", " ") if table.breakdown else ""),
        "Days": days + ("" if table.daily or table.kind == "orders" else " as one figure"),
        "Account": table.account or table.account_id or formats.NONE,
        "Currency": table.currency or formats.NONE,
        "Rows": f"{table.rows:,}",
    }
    st.caption(" · ".join(f"{name}: **{_escaped(value)}**" for name, value in facts.items()))
    sums = [{"": "Sum of rows", **_sums(table.totals, table.currency or "")}]
    if table.totals_by_currency:
        sums += [{"": f"in {code}", **_sums(found, code)} for code, found in table.totals_by_currency.items()]
    if len(sums[0]) > 1 or len(sums) > 1:
        st.dataframe(pd.DataFrame(sums).fillna(formats.NONE), hide_index=True)


def _sums(totals: Mapping[str, Decimal], currency: str) -> dict[str, str]:
    """Labels and totals of what may be shown; helper sums, such as position × impressions, may not."""
    return {
        metrics.metric(slug).label: _amount(slug, total, currency)
        for slug, total in totals.items()
        if slug in metrics.REGISTRY and slug != "position_weighted"
    }


def _amount(slug: str, value: Decimal, currency: str) -> str:
    if metrics.metric(slug).unit == "money":
        return formats.money(value, currency, exact=True)
    return formats.number(value, 2 if value % 1 else 0)


def _problems(table: Table, key: str) -> None:
    if not table.problems:
        return
    bad = table.problem_count or len(table.problems)
    first = table.problems[0]
    st.warning(
        f"Row {first.row}, {_escaped(first.column)}: {_escaped(first.reason)} {bad:,} cells like this are left out; "
        f"{table.rows:,} rows are fine.",
        icon=":material/warning:",
    )
    with st.expander(f"Bad cells ({bad:,})"):
        st.dataframe(pd.DataFrame([vars(problem) for problem in table.problems[:200]]), hide_index=True)
        st.download_button(
            "Download the bad cells",
            lambda: writing.write_csv(pl.DataFrame([vars(problem) for problem in table.problems])),
            "bad-cells.csv",
            "text/csv",
            key=f"bad-{key}",
            on_click="ignore",
        )


def _preview(table: Table) -> None:
    with st.expander("Preview of the file"):
        st.dataframe(pd.DataFrame(table.preview), hide_index=True)
        meanings = {
            c.header or "(no header)": _MEANINGS.get(
                c.meaning or "", (c.meaning or "not used").replace("_", " ")
            )
            for c in table.columns
        }
        st.dataframe({"Column": list(meanings), "Understood as": list(meanings.values())}, hide_index=True)


def _questions(person: Person, project: Project, upload: Upload, table: Table, key: str) -> None:
    """A form with only what the file cannot say."""
    with st.form(f"questions-{key}", border=False):
        given: dict[str, Any] = {
            question.kind: _ask(question, project, f"{question.kind}-{key}") for question in table.questions
        }
        if st.form_submit_button("Continue", type="primary"):
            answers = {kind: value for kind, value in given.items() if value}
            if "period" in given and not answers.get("period"):
                st.error("Pick the first and the last day of the period.")
                return
            actions.answer(person, project.id, upload.id, answers)
            st.rerun()


def _ask(question: Question, project: Project, key: str) -> Any:
    if question.kind == "period":
        picked = st.date_input(question.text, [], key=key, format="YYYY-MM-DD")
        ends = [day.isoformat() for day in picked] if isinstance(picked, (tuple, list)) else []
        return ends if len(ends) == 2 else None
    if question.kind == "year":
        return st.number_input(
            question.text, 2000, 2100, int(question.suggestion or filters.today(project).year), key=key
        )
    if question.kind == "currency":
        shown = list(
            dict.fromkeys(
                [*(question.options or ()), question.suggestion or project.currency, *filters.CURRENCIES]
            )
        )
        return st.selectbox(question.text, shown, key=key, accept_new_options=True)
    if question.options:
        index = question.options.index(question.suggestion) if question.suggestion in question.options else 0
        return st.selectbox(question.text, question.options, index, key=key)
    return st.text_input(question.text, question.suggestion or "", key=key, max_chars=120)


def _mapping(person: Person, project: Project, upload: Upload, table: Table, key: str) -> None:
    """Columns of an unknown table, each with what it means; remembered for the next file like it."""
    _preview(table)
    options = [_NOT_MAPPED, *_MEANINGS.values()]
    slugs = {label: slug for slug, label in _MEANINGS.items()}
    with st.form(f"mapping-{key}", border=False):
        chosen = {}
        with st.grid(3, min_column_width=220):
            for n, column in enumerate(table.columns):
                suggested = _MEANINGS.get(column.meaning or "", _NOT_MAPPED)
                label = f"{_escaped(column.header or 'Column without a header')} (such as {_escaped(column.sample[:24])})"
                chosen[column.header] = st.selectbox(
                    label, options, options.index(suggested), key=f"map-{key}-{n}"
                )
        if st.form_submit_button("Use this mapping", type="primary"):
            mapping = {header: slugs[label] for header, label in chosen.items() if label in slugs}
            if not mapping:
                st.error("Say of at least one column what it means.")
                return
            actions.answer(person, project.id, upload.id, {"mapping": mapping})
            st.rerun()


def _plan(table: Table, plan: list[Mapping[str, Any]]) -> None:
    """What an import would do to what is stored already."""
    for entry in plan:
        account = channels.account_label(table.platform or "", entry["account"])
        account += f" ({entry['currency']})" if entry["currency"] else ""
        if entry.get("new_source"):
            st.caption(f":material/add_circle: {_escaped(account)}: a new source.")
        elif entry.get("rows"):
            totals = {k: Decimal(v) for k, v in entry.get("totals", {}).items()}
            moved = [
                f"{metrics.metric(slug).label} {_amount(slug, totals[slug], entry['currency'])} → "
                f"{_amount(slug, table.totals[slug], entry['currency'])}"
                for slug in ("spend", "conversions", "orders", "revenue_net")
                if slug in totals and slug in table.totals
            ]
            st.caption(
                f":material/sync: {_escaped(account)}: replaces {entry['rows']:,} rows of the same days. "
                + _escaped(" · ".join(moved))
            )
        else:
            st.caption(f":material/add_circle: {_escaped(account)}: adds days that are not there yet.")
