"""Channel rules: what counts as which channel, changed with a preview before anything is saved."""

from __future__ import annotations

import streamlit as st

from analytics import channels
from store import agreements
from ui import agreed, data, filters, rule_effects, rules, session, watch

person, project = session.person(), session.project()
st.title("Channel rules")
st.write(
    "Each visit and each order goes to the channel of the first rule that fits its source, medium and campaign. A project "
    "begins with the rules of Google Analytics 4, in their order."
)
found = agreed.read(person, project, agreements.read_grouping)
agreed.problem(found)
editable = agreed.may_edit(person, project)
draft = rules.draft(project, found)

everything = data.coverage(person, project)
mine = [c for c in everything if channels.kind(c.channel) in {"web", "shop"}]
view, tags = None, None
if mine:
    view = filters.bar(person, project, mine, compare=False)
    tags = data.tags(person, project, view)
elif everything:
    st.info(
        "No web analytics and no shop yet, so the rules have no traffic to show. They can be changed already."
    )
else:
    watch.or_begin(person, project)

if tags and view:
    st.subheader("Channels", anchor=False)
    rule_effects.why_nothing(tags)
    if tags.tagged:
        rule_effects.by_channel(person, project, view, tags, found.value, None)

st.subheader("Rules", anchor=False)
st.dataframe(
    rules.described(draft.rules), hide_index=True, key="rules", alt="Channel rules in their order", height="content",
    column_config={"#": st.column_config.TextColumn("#", width=40)},
)  # fmt: skip
st.caption(
    "What no rule takes is Unassigned. Several rules may name one channel; letter case does not matter."
)
if editable:
    draft = rules.pick(draft)
    rules.edit(draft)
    rules.add(draft)
rules.own_categories(draft, editable=editable)
if editable:
    if draft.rules != found.value and tags and view and tags.tagged:
        st.subheader("Preview", anchor=False)
        rule_effects.preview(person, project, view, tags, found.value, draft.rules)
    rules.save(person, project, draft, found)
agreed.history(
    person,
    project,
    agreements.GROUPING,
    found.version,
    lambda c: f"{len(c['rules'])} rules",
    editable=editable,
)

if tags and tags.tagged:
    st.subheader("Tags and their channel", anchor=False)
    rule_effects.raw(person, project, tags, draft.rules if editable else found.value)
