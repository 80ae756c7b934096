"""The channel rules page's draft: rules as a person changes them, kept in the session until they are saved."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace

import streamlit as st

from analytics import grouping, rules, sources
from analytics.grouping import FIELDS, OPERATORS, Condition, Grouping, Rule
from analytics.rules import WrongRule
from store import agreements
from store.access import Person
from store.agreements import Agreed
from store.projects import Project
from ui import messages

_KEY = "channel-rules-draft"


@dataclass(frozen=True)
class Draft:
    """Rules on their way. `version` is the one that they began as; `turn` counts changes, so that fields start anew."""

    project_id: int
    version: int
    rules: Grouping
    picked: int | None = None
    turn: int = 0

    def changed(self, found: Grouping, picked: int | None) -> Draft:
        """The next state."""
        return replace(self, rules=found, picked=picked, turn=self.turn + 1)


def draft(project: Project, agreed: Agreed[Grouping]) -> Draft:
    """The person's draft; a fresh one where somebody saved another version or the project is another."""
    found = st.session_state.get(_KEY)
    if not isinstance(found, Draft) or (found.project_id, found.version) != (project.id, agreed.version):
        if isinstance(found, Draft) and found.project_id == project.id and found.picked is not None:
            st.info(
                "The rules were saved meanwhile: what you see is the version in force.",
                icon=":material/sync:",
            )
        found = Draft(project.id, agreed.version, agreed.value)
        st.session_state[_KEY] = found
    return found


def keep(found: Draft) -> None:
    """Put a draft in the place of the one before."""
    st.session_state[_KEY] = found


def forget() -> None:
    """Drop the draft: the rules in force are shown again."""
    st.session_state.pop(_KEY, None)


def words(values: tuple[str, ...]) -> str:
    """Several values as one line: with commas between them, in quotation marks where one holds a comma."""
    return ", ".join(f'"{v}"' if "," in v or v != v.strip() or not v else v for v in values)


def read(text: str) -> tuple[str, ...]:
    """The values of such a line."""
    line = next(csv.reader([text], skipinitialspace=True), [])
    return tuple(value.strip() for value in line if value.strip() or '""' in text)


def pick(found: Draft) -> Draft:
    """Choose the rule to change; the draft with that choice."""
    order = found.rules.rules
    if not order:
        return found
    chosen = st.selectbox(
        "Change a rule", range(len(order)), key=f"pick-rule-{found.turn}", width=420, placeholder="Choose a rule",
        index=found.picked if found.picked is not None and found.picked < len(order) else None,
        format_func=lambda n: f"{n + 1} · {order[n].channel}: {order[n]}"[:90],
    )  # fmt: skip
    if chosen != found.picked:
        found = replace(found, picked=chosen)
        keep(found)
    return found


def edit(found: Draft) -> None:
    """Fields and buttons for the rule that is picked."""
    n = found.picked
    if n is None or not 0 <= n < len(found.rules.rules):
        return
    rule = found.rules.rules[n]
    with st.container(border=True, key="rule-editor"):
        st.markdown(f"**Rule {n + 1}** · a visit goes to this channel if all of these hold")
        known = list(dict.fromkeys([rule.channel, *(r.channel for r in found.rules.rules)]))
        channel = st.selectbox(
            "Channel", known, index=0, accept_new_options=True, key=f"rule-channel-{found.turn}", width=320,
            help="Pick one, or type a new name.",
        )  # fmt: skip
        conditions = [_condition(found, k, c) for k, c in enumerate((*rule.conditions, None))]
        made = Rule(channel or "", tuple(c for c in conditions if c is not None))
        with st.container(horizontal=True):
            if st.button(
                "Apply to the draft", icon=":material/check:", disabled=made == rule, key="apply-rule"
            ):
                _apply(found, n, made)
            _button("Move up", "arrow_upward", n > 0, _moved(found, n, n - 1))
            _button("Move down", "arrow_downward", n < len(found.rules.rules) - 1, _moved(found, n, n + 1))
            _button("Delete", "delete", True, _without(found, n))


def _condition(found: Draft, k: int, given: Condition | None) -> Condition | None:
    """One line of fields; the last is empty and makes a further condition. None: no value, so no condition."""
    key = f"{found.turn}-{k}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        field = st.selectbox(
            "Field", list(FIELDS), format_func=FIELDS.__getitem__, key=f"rule-field-{key}", width=170,
            index=list(FIELDS).index(given.field) if given else 1,
        )  # fmt: skip
        if field == "category":
            kinds = st.multiselect(
                "Categories", list(sources.CATEGORIES)[:-1], format_func=sources.CATEGORIES.__getitem__,
                default=[v for v in given.values if v in sources.CATEGORIES] if given and given.field == field else [],
                key=f"rule-kinds-{key}", width=320, placeholder="None: no condition",
            )  # fmt: skip
            return Condition(field, "is" if len(kinds) == 1 else "is one of", tuple(kinds)) if kinds else None
        operator = st.selectbox(
            "Test", OPERATORS, key=f"rule-test-{key}", width=140, index=OPERATORS.index(given.operator) if given else 0,
            help="“matches” takes a regular expression, in any letter case; it is looked for anywhere unless ^ and $ bind it.",
        )  # fmt: skip
        same = given is not None and given.field == field
        plain = operator == "matches"
        value = (given.values[0] if plain else words(given.values)) if given and same and given.values else ""
        typed = st.text_input(
            "Values, with commas between", value, key=f"rule-values-{key}", width=360,
            placeholder="" if given else "A further condition; empty: none",
        )  # fmt: skip
        values = ((typed,) if typed.strip() else ()) if plain else read(typed)
        return Condition(field, operator, values) if values else None


def _button(label: str, icon: str, possible: bool, then: Draft) -> None:
    st.button(
        label,
        icon=f":material/{icon}:",
        disabled=not possible,
        on_click=keep,
        args=(then,),
        key=f"rule-{icon}",
    )


def _apply(found: Draft, n: int, made: Rule) -> None:
    wanted = (*found.rules.rules[:n], made, *found.rules.rules[n + 1 :])
    try:
        checked = rules.check(Grouping((made,), found.rules.categories)).rules[0]
    except WrongRule as error:
        st.error(f"{error} The draft stays as it is.", icon=":material/error:")
        return
    wanted = (*wanted[:n], checked, *wanted[n + 1 :])
    keep(found.changed(Grouping(wanted, found.rules.categories), n))
    st.rerun()


def _moved(found: Draft, n: int, to: int) -> Draft:
    order = list(found.rules.rules)
    if 0 <= to < len(order):
        order.insert(to, order.pop(n))
    return found.changed(Grouping(tuple(order), found.rules.categories), to)


def _without(found: Draft, n: int) -> Draft:
    left = found.rules.rules[:n] + found.rules.rules[n + 1 :]
    return found.changed(Grouping(left, found.rules.categories), None)


def add(found: Draft) -> None:
    """Buttons for a new rule above the picked one (or first), and for the channel that Google has none of."""
    place = found.picked if found.picked is not None else 0
    new = Rule("New channel", (Condition("source", "is", ("example",)),))
    with st.container(horizontal=True):
        above = f"above rule {place + 1}" if found.rules.rules else ""
        st.button(
            f"Add a rule {above}".strip(), icon=":material/add:", key="add-rule", on_click=keep,
            args=(_with(found, new, place),),
        )  # fmt: skip
        if grouping.AI_ASSISTANTS not in found.rules.rules:
            st.button(
                "Add “AI Assistants”", icon=":material/smart_toy:", key="add-ai", on_click=keep,
                args=(_with(found, grouping.AI_ASSISTANTS, _before_search(found.rules)),),
                help="chatgpt.com, perplexity.ai and the like. Google has no channel for them and counts them as Referral.",
            )  # fmt: skip


def _with(found: Draft, rule: Rule, place: int) -> Draft:
    order = (*found.rules.rules[:place], rule, *found.rules.rules[place:])
    return found.changed(Grouping(order, found.rules.categories), place)


def _before_search(found: Grouping) -> int:
    names = [rule.channel for rule in found.rules]
    return names.index("Organic Search") if "Organic Search" in names else 0


def own_categories(found: Draft, *, editable: bool) -> None:
    """The project's own categories of sources."""
    own = found.rules.categories
    with st.expander(f"Source categories of your own: {len(own)}", icon=":material/category:"):
        st.caption(
            "Whether a source is a search engine, social network, video, shopping site or AI assistant comes from a built-in "
            "list. Say so here where it is wrong, or does not know a source."
        )
        if own:
            st.dataframe(
                {"Source": [s for s, _ in own], "Category": [sources.CATEGORIES[k] for _, k in own]},
                hide_index=True,
            )
        if not editable:
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            source = st.text_input(
                "Source", key=f"category-source-{found.turn}", placeholder="ourforum.example", width=260
            )
            kind = st.selectbox(
                "Category", ["", *sources.CATEGORIES], key=f"category-kind-{found.turn}", width=200,
                format_func=lambda k: sources.CATEGORIES.get(k, "as the list has it"),
            )  # fmt: skip
            name = grouping.plain(source or "")
            kept = tuple((s, k) for s, k in own if s != name) + (((name, kind),) if kind else ())
            st.button(
                "Set category", key="set-category", disabled=not name, on_click=keep,
                args=(found.changed(Grouping(found.rules.rules, tuple(sorted(kept))), found.picked),),
            )  # fmt: skip
        if name:
            st.caption(f"The list says: {sources.CATEGORIES[sources.category(name) or 'none'].lower()}.")


def save(person: Person, project: Project, found: Draft, agreed: Agreed[Grouping]) -> None:
    """Save or discard the draft; GA4's rules again."""
    same = found.rules == agreed.value and not agreed.problem
    note = (
        ""
        if same
        else st.text_input("Why (optional, for the history)", key="rules-note", max_chars=200, width=420)
    )
    with st.container(horizontal=True):
        st.button(
            "Save rules", type="primary", icon=":material/save:", disabled=same, key="save-rules", on_click=_save,
            args=(person, project, found.rules, agreed.version, note or ""),
        )  # fmt: skip
        st.button("Discard changes", disabled=same, key="discard-rules", on_click=forget)
        st.button(
            "Back to GA4's default", icon=":material/restart_alt:", key="default-rules",
            disabled=found.rules == grouping.DEFAULT, on_click=keep, args=(found.changed(grouping.DEFAULT, None),),
            help="Puts the rules of Google Analytics into the draft; nothing changes before you save.",
        )  # fmt: skip


def _save(person: Person, project: Project, wanted: Grouping, seen: int, note: str) -> None:
    saved = messages.attempt(
        agreements.save_grouping, person, project.id, wanted, seen=seen, note=note,
        done="Saved. Reports group by these rules from now on; the history below brings others back.",
    )  # fmt: skip
    if saved is not None:
        forget()


def described(found: Grouping) -> dict[str, list[str]]:
    """The rules as text columns."""
    return {
        "#": [str(n) for n in range(1, len(found.rules) + 1)],
        "Channel": [rule.channel for rule in found.rules],
        "Takes what is tagged": [str(rule) for rule in found.rules],
    }
