"""Members: who is in this project with which role, and invitations."""

from __future__ import annotations

import streamlit as st

from api import mail
from store import members
from store.access import Role
from store.members import Invitation, Member
from ui import formats, messages, session

person, project = session.person(), session.project()
st.title("Members")

MEANING = {
    Role.VIEWER: "viewer: sees and downloads figures",
    Role.EDITOR: "editor: also uploads, corrects and takes back",
    Role.OWNER: "owner: also manages members, settings, connections and the audit log",
}


def table(found: list[Member]) -> None:
    st.dataframe(
        {
            "Name": [m.name for m in found],
            "E-mail": [m.email for m in found],
            "Role": [f"{m.role}{' (account disabled)' if m.is_disabled else ''}" for m in found],
            "Instance": ["administrator" if m.is_admin else "" for m in found],
        },
        hide_index=True,
    )
    st.caption(" · ".join(MEANING.values()) + " · Administrators of the instance count as owners everywhere.")


def invite() -> None:
    with st.form("invite_form", clear_on_submit=True):
        st.subheader("Invite somebody", anchor=False)
        role = st.selectbox("Role", list(Role), format_func=MEANING.__getitem__)
        email = st.text_input(
            "E-mail address (optional)", help="With it, the link works for this address only."
        )
        if st.form_submit_button("Make invitation link", type="primary"):
            link = messages.attempt(
                members.invite, person, project.id, role, email, done="The invitation is made."
            )
            st.session_state["invitation"] = link
            if link and email and mail.is_set_up():
                mail.send_invitation(email.strip(), project.name, person.name, link)
            st.rerun()
    if link := st.session_state.pop("invitation", None):
        st.write("Send this link to the person. It works once, for 7 days, and is not shown again.")
        st.code(link, language=None)


def open_invitations(found: list[Invitation]) -> None:
    st.subheader("Open invitations", anchor=False)
    for invitation in found:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            until = formats.moment(invitation.expires_at, project.time_zone)
            whom = invitation.email or "anybody with the link"
            st.text(
                f"{whom} as {invitation.role}, by {invitation.invited_by}, until {until}", width="stretch"
            )
            if st.button("Withdraw", key=f"withdraw-{invitation.id}"):
                done = "The invitation is withdrawn."
                messages.attempt(members.withdraw_invitation, person, project.id, invitation.id, done=done)
                st.rerun()


@st.dialog("Take out of the project?")
def remove(member: Member) -> None:
    st.text(f"{member.name} · {member.email}")
    st.write("The person no longer sees this project. What they imported stays.")
    args = (members.remove, person, project.id, member.user_id)
    done = {"done": "The person is out of the project."}
    if st.button("Take out now", type="primary", on_click=messages.attempt, args=args, kwargs=done):
        st.rerun()


def change(found: list[Member]) -> None:
    st.subheader("Change a member", anchor=False)
    by_id = {m.user_id: m for m in found}
    chosen = st.selectbox("Member", list(by_id), format_func=lambda i: f"{by_id[i].name} · {by_id[i].email}")
    member = by_id[chosen]
    role = st.selectbox(
        "New role", list(Role), list(Role).index(member.role), key=f"role-{chosen}-{member.role}"
    )
    with st.container(horizontal=True):
        if st.button("Save role", disabled=role is member.role):
            messages.attempt(
                members.change_role, person, project.id, chosen, role, done="The role is changed."
            )
            st.rerun()
        if st.button("Take out", key="remove"):
            remove(member)


@st.dialog("Leave the project?")
def leave() -> None:
    st.write("You will no longer see this project until somebody invites you again.")
    if st.button("Leave project now", type="primary", on_click=leave_now):
        st.rerun()


def leave_now() -> None:
    messages.attempt(members.leave, person, project.id, done="You left the project.")
    session.forget()


found = members.list_all(person, project.id)
table(found)
if project.role is Role.OWNER:
    invite()
    if invitations := members.invitations(person, project.id):
        open_invitations(invitations)
    if found:
        change(found)
else:
    owners = ", ".join(m.name for m in found if m.role is Role.OWNER and not m.is_disabled)
    st.info(
        f"Roles and invitations are for owners: {owners or 'ask an administrator'}.", icon=":material/lock:"
    )
if any(m.user_id == person.id for m in found) and st.button("Leave project", icon=":material/logout:"):
    leave()
