"""The link builder's parts: the vocabulary, values to choose, one link, and many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
import streamlit as st

from analytics import grouping, naming, utm
from analytics.grouping import Grouping, Triple
from analytics.naming import Convention
from analytics.rules import WrongRule
from analytics.utm import Vocabulary
from errors import BadInput
from spreadsheets import link_tables
from store import agreements
from store.access import Person
from store.agreements import Agreed
from store.projects import Project
from ui import downloads, messages
from ui.sign_in import literal

_LABELS = {
    "source": "Source",
    "medium": "Medium",
    "campaign": "Campaign",
    "content": "Content",
    "term": "Term",
}
_HELP = {
    "source": "Where the link stands: google, facebook, newsletter.",
    "medium": "What kind of link it is: cpc, paid_social, email.",
    "campaign": "What it belongs to; best the campaign's own name.",
    "content": "Which of several links or ads it is; may stay empty.",
    "term": "The keyword of a search ad; may stay empty.",
}
_MOST = 5_000


@dataclass(frozen=True)
class Terms:
    """What links are made by: the vocabulary, the naming convention and the channel rules of the project."""

    vocabulary: Vocabulary
    convention: Convention | None
    rules: Grouping

    def channel(self, values: Mapping[str, str]) -> str:
        """The channel that visits of such a link count for."""
        triple = Triple(*(values.get(name, "") for name in utm.NEEDED))
        return grouping.assign(self.rules, [triple])[triple]

    def build(self, address: str, values: Mapping[str, str]) -> str:
        """The link; WrongRule also for a campaign that breaks the convention."""
        link = utm.build(address, values, self.vocabulary)
        campaign = values.get("campaign", "").strip()
        if self.vocabulary.by_convention and self.convention is not None:
            read = naming.parse(self.convention, [campaign])[campaign]
            if not read.follows:
                raise WrongRule(
                    f"utm_campaign “{campaign}” breaks the naming convention: {read.problems[0].replace('*', '')}."
                )
        return link


def vocabulary(
    person: Person, project: Project, agreed: Agreed[Vocabulary], convention: Convention | None
) -> None:
    """The form of the vocabulary."""
    with st.expander("Vocabulary: the values that links may have", icon=":material/lock:", expanded=False):
        with st.form("vocabulary", border=False):
            texts = {
                name: st.text_area(
                    f"{_LABELS[name]} values, one a line; empty: any",
                    "\n".join(agreed.value.of(name)),
                    key=f"vocabulary-{name}-{agreed.version}",
                    height=140,
                )
                for name in ("source", "medium")
            }
            strict = st.checkbox(
                "Campaigns follow the naming convention", agreed.value.by_convention, key=f"vocabulary-strict-{agreed.version}",
                disabled=convention is None, help="Agree on a convention under Campaign names first." if convention is None else None,
            )  # fmt: skip
            sent = st.form_submit_button("Save vocabulary", icon=":material/save:")
        if sent:
            sources, mediums = (tuple(text.split("\n")) for text in texts.values())
            made = Vocabulary(sources, mediums, bool(strict))
            try:
                agreements.save_vocabulary(person, project.id, made, seen=agreed.version)
            except BadInput as error:
                st.error(str(error), icon=":material/error:")
            else:
                messages.attempt(lambda: None, done="The vocabulary is saved.")
                st.rerun()


def said(content: Mapping[str, Sequence[str]]) -> str:
    """A stored vocabulary in a few words."""
    return f"{len(content['source'])} sources, {len(content['medium'])} mediums"


def values(terms: Terms) -> dict[str, str]:
    """What the person chose and typed, by parameter."""
    found = {}
    with st.container(horizontal=True, vertical_alignment="bottom", key="link-values"):
        for name in ("source", "medium"):
            found[name] = _value(name, terms.vocabulary.of(name))
        if not (terms.vocabulary.by_convention and terms.convention):
            found["campaign"] = _value("campaign", ())
        for name in ("content", "term"):
            found[name] = _value(name, ())
    if terms.vocabulary.by_convention and terms.convention:
        found["campaign"] = _by_convention(terms.convention)
    return found


def _value(name: str, allowed: Sequence[str]) -> str:
    if allowed:
        chosen = st.selectbox(
            _LABELS[name],
            allowed,
            index=None,
            key=f"link-{name}",
            placeholder="Choose",
            width=200,
            help=_HELP[name],
        )
        return chosen or ""
    return st.text_input(_LABELS[name], key=f"link-{name}", width=200, help=_HELP[name]) or ""


def _by_convention(convention: Convention) -> str:
    """The campaign from the parts of the convention."""
    given = {}
    with st.container(horizontal=True, vertical_alignment="bottom", key="link-parts"):
        for n, part in enumerate(convention.parts):
            label = f"{part.name} (optional)" if part.optional else part.name
            if part.allowed:
                given[part.name] = (
                    st.selectbox(
                        label, part.allowed, index=None, key=f"link-part-{n}", placeholder="Choose", width=180
                    )
                    or ""
                )
            else:
                given[part.name] = st.text_input(label, key=f"link-part-{n}", width=180) or ""
    if not any(given.values()):
        return ""
    try:
        return naming.compose(convention, given).lower()
    except WrongRule as error:
        st.caption(f":material/error: Campaign: {literal(str(error))}")
        return ""


def one(terms: Terms, chosen: Mapping[str, str]) -> None:
    """One address, its link, and where its visits will count."""
    address = st.text_input(
        "Address of the page",
        key="link-address",
        placeholder="https://shop.example.com/sale",
        max_chars=4_000,
    )
    if not address:
        return
    try:
        link = terms.build(address, chosen)
    except WrongRule as error:
        st.error(str(error), icon=":material/error:")
        return
    st.code(link, language=None, wrap_lines=True)
    replaced = {k: v for k, v in utm.tags(address).items() if v != chosen.get(k, "")}
    if replaced:
        told = ", ".join(f"utm_{name}={value}" for name, value in replaced.items())
        st.caption(f"The address carried other tags, which were replaced: {literal(told)}.")
    _counts_for(terms.channel(chosen))


def _counts_for(channel: str) -> None:
    if channel == grouping.UNASSIGNED:
        st.warning(
            "Visits of this link will be Unassigned: no channel rule takes this source and medium.",
            icon=":material/rule:",
        )
    else:
        st.markdown(f":material/rule: Visits of this link will count for **{literal(channel)}**.")


def many(person: Person, project: Project, terms: Terms, chosen: Mapping[str, str]) -> None:
    """Many addresses, pasted or from a file, whose own columns go before the values above."""
    st.caption(
        f"One address a line, or a CSV or XLSX with a column url, and columns source, medium, campaign, content and term "
        f"for what differs from the values above. {_MOST:,} links at most."
    )
    pasted = st.text_area("Addresses, one a line", key="link-addresses", height=160)
    file = st.file_uploader("Or a table", type=["csv", "xlsx"], key="link-file")
    try:
        rows = link_tables.read(file.name, file.getvalue()) if file else [
            {"url": line.strip()} for line in (pasted or "").splitlines() if line.strip()
        ]  # fmt: skip
    except BadInput as error:
        st.error(str(error), icon=":material/error:")
        return
    if not rows:
        return
    if len(rows) > _MOST:
        st.error(f"{len(rows):,} addresses are too many: {_MOST:,} at a time.", icon=":material/error:")
        return
    table = _table(terms, rows, chosen)
    wrong = table.filter(pl.col("What is wrong") != "").height
    if wrong:
        st.warning(
            f"{wrong:,} of {table.height:,} have no link: see “What is wrong”.", icon=":material/error:"
        )
    downloads.show(table, "links", "Tagged links")
    if links := [link for link in table["Link"].to_list() if link][:500]:
        st.code("\n".join(links), language=None, height=160)
    downloads.offer(person, project, "links", lambda: table, "links")


def _table(terms: Terms, rows: Sequence[Mapping[str, str]], chosen: Mapping[str, str]) -> pl.DataFrame:
    made: list[dict[str, str]] = []
    for row in rows:
        values = {name: row.get(name) or chosen.get(name, "") for name in utm.PARAMETERS}
        found = {"Address": row.get("url", ""), "Link": "", "Channel": "", "What is wrong": ""}
        try:
            found |= {"Link": terms.build(found["Address"], values), "Channel": terms.channel(values)}
        except WrongRule as error:
            found["What is wrong"] = str(error)
        made.append(found)
    return pl.DataFrame(made)


def told(agreed: Vocabulary) -> str:
    """A vocabulary as Markdown."""
    lines = [
        f"- {_LABELS[name]}: {literal(', '.join(agreed.of(name))) or 'any'}" for name in ("source", "medium")
    ]
    lines.append(f"- Campaign: {'by the naming convention' if agreed.by_convention else 'any'}")
    return "\n".join(lines)
