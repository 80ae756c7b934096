"""Cost settings: what selling costs besides advertising, from which day on; editors change them where they are needed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from analytics import costs
from analytics.costs import AMOUNTS, FIELDS, SHARES, Agreed, Costs
from reports import costs as agreed_costs
from reports.costs import InForce
from store.access import Action, Person, may
from store.projects import Project
from ui import data, filters, formats, messages, versions

_HELP = {
    "goods": "What the goods cost you, as a part of net sales.",
    "shipping_share": "Where shipping costs you a part of what customers pay for it: 100 if all of it goes to the carrier.",
    "fee_share": "Of gross sales − discounts: payment providers keep their fee when you refund.",
    "shipping_each": "Postage and packing of one order.",
    "fee_each": "The fixed part of the payment fee.",
    "other_each": "Picking, gifts, returns handling: whatever each order costs on top.",
}


def show(person: Person, project: Project, *, wanted: bool) -> None:
    """The costs in force and a form for editors; open where the page is waiting for them (`wanted`)."""
    in_force = data.costs(person, project)
    agreed = in_force.agreed
    with st.expander("Cost settings", icon=":material/payments:", expanded=wanted):
        may_edit = may(person, project.id, Action.EDIT_ANALYSIS)
        if agreed.periods:
            _table(agreed)
        else:
            st.write("No costs are set yet.")
        if may_edit:
            _form(person, project, in_force)
            _removal(person, project, in_force)
        else:
            st.caption("An editor or owner of the project can set them.")
        versions.show(person, project, agreed_costs.KIND, _said, may_edit=may_edit, key="costs")


def _table(agreed: Agreed) -> None:
    lines = [_line(one, agreed.currency) for one in agreed.periods]
    st.dataframe(
        pd.DataFrame(lines), hide_index=True, alt="Costs by the day from which they hold", key="costs-table"
    )


def _line(one: Costs, currency: str) -> dict[str, str]:
    shares = {SHARES[name]: formats.percent(getattr(one, name)) for name in SHARES}
    amounts = {AMOUNTS[name]: formats.money(getattr(one, name), currency, exact=True) for name in AMOUNTS}
    return {"Valid from": formats.day(one.since), **shares, **amounts}


def _said(content: Any) -> str:
    """A stored version in words."""
    agreed = costs.read(content, "")
    parts = [
        f"from {formats.day(one.since)}: "
        + ", ".join(
            f"{label} {value}" for label, value in _line(one, agreed.currency).items() if _tells(one, label)
        )
        for one in agreed.periods
    ]
    return "; ".join(parts) or "no costs"


def _tells(one: Costs, label: str) -> bool:
    return any(shown == label and getattr(one, name) for name, shown in FIELDS.items())


def _form(person: Person, project: Project, in_force: InForce) -> None:
    agreed, turn = in_force.agreed, f"costs-{in_force.version}"
    last = agreed.periods[-1] if agreed.periods else Costs(date(2000, 1, 1))
    first = filters.today(project) if agreed.periods else _first_day(person, project)
    st.write(
        f"Set what holds from a day on, in {agreed.currency}. Days before it keep the costs they had; the same day again replaces "
        "its line. A cost that you do not have stays 0."
    )
    with st.form(f"form-{turn}"):
        with st.grid(3, min_column_width=220):
            st.date_input(
                "Valid from", first, key=f"{turn}-since", format="YYYY-MM-DD", min_value=date(2000, 1, 1),
                max_value=date(2100, 1, 1),
            )  # fmt: skip
            for name, label in FIELDS.items():
                held = getattr(last, name) * (100 if name in SHARES else 1)
                unit = "" if name in SHARES else f" ({agreed.currency})"
                st.number_input(
                    f"{label}{unit}", 0.0, 100.0 if name in SHARES else 1_000_000.0, float(held), 0.1,
                    format="%.2f", key=f"{turn}-{name}", help=_HELP[name],
                )  # fmt: skip
        st.text_input("Note", key=f"{turn}-note", max_chars=200, placeholder="Why they change (optional)")
        st.form_submit_button(
            "Save costs", type="primary", on_click=_save, args=(person, project, in_force, turn)
        )


def _first_day(person: Person, project: Project) -> date:
    firsts = [one.covers_from for one in data.coverage(person, project) if one.covers_from]
    return min(firsts, default=filters.today(project))


def _save(person: Person, project: Project, in_force: InForce, turn: str) -> None:
    state = st.session_state
    values = {name: Decimal(f"{state[f'{turn}-{name}']:.4f}") for name in FIELDS}
    shares = {name: values[name] / 100 for name in SHARES}
    one = Costs(state[f"{turn}-since"], **{**values, **shares})
    _put(
        person, project, costs.with_period(in_force.agreed, one), in_force.version, str(state[f"{turn}-note"])
    )


def _removal(person: Person, project: Project, in_force: InForce) -> None:
    """A way to take a line away; the version before can be brought back."""
    agreed = in_force.agreed
    if not agreed.periods:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="costs-removal"):
        day = st.selectbox(
            "Line to remove", [one.since for one in agreed.periods], format_func=formats.day,
            key=f"costs-{in_force.version}-line", width=200,
        )  # fmt: skip
        left = Agreed(agreed.currency, tuple(one for one in agreed.periods if one.since != day))
        st.button(
            "Remove line", icon=":material/delete:", key="costs-remove", on_click=_put,
            args=(person, project, left, in_force.version, f"without {formats.day(day)}"),
        )  # fmt: skip


def _put(person: Person, project: Project, wanted: Agreed, seen: int, note: str) -> None:
    messages.attempt(
        agreed_costs.save, person, project.id, costs.as_content(wanted), seen=seen, note=note,
        done="The costs are saved. Profit figures follow them.",
    )  # fmt: skip
