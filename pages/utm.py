"""Link builder: tagged links with the team's own values, one or many, and the channel they will count for."""

from __future__ import annotations

import streamlit as st

from store import agreements
from ui import agreed, links, session

person, project = session.person(), session.project()
st.title("Link builder")
st.write(
    "Links tagged alike by everybody read alike in every report. Nothing is stored: copy or download them."
)
vocabulary = agreed.read(person, project, agreements.read_vocabulary)
convention = agreed.read(person, project, agreements.read_convention)
rules = agreed.read(person, project, agreements.read_grouping)
agreed.problem(vocabulary)

terms = links.Terms(vocabulary.value, convention.value, rules.value)
chosen = links.values(terms)
how = st.segmented_control(
    "Links", ["One link", "Many links"], default="One link", key="how", bind="query-params", required=True
)
if how == "Many links":
    links.many(person, project, terms, chosen)
else:
    links.one(terms, chosen)

st.subheader("What is agreed on", anchor=False)
editable = agreed.may_edit(person, project)
if editable:
    links.vocabulary(person, project, vocabulary, convention.value)
else:
    st.markdown(links.told(vocabulary.value))
agreed.history(person, project, agreements.VOCABULARY, vocabulary.version, links.said, editable=editable)
