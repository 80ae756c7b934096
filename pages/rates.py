"""Exchange rates: the ECB's reference rates in use, and a project's own for currencies that the ECB lacks."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from errors import BadInput
from store.access import Action, may
from ui import actions, formats, session, uploads

person, project = session.person(), session.project()
st.title("Exchange rates")
st.write(
    f"Every amount is kept in its account's currency and shown in {project.currency} (or another that you pick) at the "
    "rate of its own day. Weekends and holidays use the last rate published before them. Cost and value follow the same rule."
)

used = actions.rates_in_use(person, project.id, project.currency)
if used:
    st.subheader("In use", anchor=False)
    st.dataframe(
        {
            "Currency": [rate.currency for rate in used],
            f"1 unit in {project.currency}": [formats.rate(rate.factor) for rate in used],
            "Published": [formats.day(rate.day) for rate in used],
            "Source": [rate.origin for rate in used],
        },
        hide_index=True,
    )
    if missing := [rate.currency for rate in used if rate.factor is None]:
        st.warning(
            f"No rate is known for {', '.join(missing)}: its amounts are missing from totals. Enter one below."
        )
else:
    st.info("No source carries money in another currency yet.")

st.subheader("Own rates", anchor=False)
st.write(
    "For currencies without an ECB rate, or to use a rate of your own. A rate holds from its first day until the next row."
)
may_edit = may(person, project.id, Action.EDIT_RATES)
own = pd.DataFrame(actions.own_rates(person, project.id), columns=["currency", "day", "per_euro"])
own["per_euro"] = own["per_euro"].map(str)
config = {
    "currency": st.column_config.TextColumn("Currency", required=True, validate="^[A-Z]{3}$", max_chars=3),
    "day": st.column_config.DateColumn("From day", required=True, format="YYYY-MM-DD"),
    "per_euro": st.column_config.TextColumn("Units for 1 EUR", required=True, validate=r"^\d+(\.\d+)?$"),
}
turn = st.session_state.setdefault("rates-turn", 0)
edited = st.data_editor(
    own, column_config=config, num_rows="dynamic", hide_index=True, disabled=not may_edit, key=f"rates-{turn}"
)
if not may_edit:
    st.caption("Only an owner of the project may change these.")
elif st.button("Save", type="primary", disabled=edited.equals(own)):
    try:
        actions.save_own_rates(person, project.id, uploads.records(edited))
    except BadInput as error:
        st.error(str(error), icon=":material/error:")
    else:
        st.session_state["rates-turn"] = turn + 1
        st.toast("Rates saved.", icon=":material/check_circle:")
        st.rerun()
