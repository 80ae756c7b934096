"""Settings of a project: its name and rules, and its end."""

from __future__ import annotations

import streamlit as st

from store import members, projects
from store.access import Role
from ui import messages, project_form, session

person, project = session.person(), session.project()
is_owner = project.role is Role.OWNER
st.title("Project settings")


def settings() -> None:
    with st.form("project_form"):
        values = project_form.fields(project, disabled=not is_owner)
        if st.form_submit_button("Save settings", type="primary", disabled=not is_owner):
            messages.attempt(projects.change, person, project.id, done="The settings are saved.", **values)
            st.rerun()


@st.dialog("Delete the project?")
def delete() -> None:
    st.write("All its imports, figures, orders, mappings and members go, for good. Your other projects stay.")
    st.write("The audit log keeps who did what. Download what you still need first.")
    typed = st.text_input("Type the project's name to confirm", placeholder=project.name)
    unsure = " ".join(typed.split()) != project.name
    if st.button("Delete for good", type="primary", disabled=unsure, on_click=delete_now, args=(typed,)):
        st.rerun()


def delete_now(typed: str) -> None:
    messages.attempt(projects.delete, person, project.id, typed, done="The project is deleted.")
    session.forget()


settings()
if is_owner:
    st.subheader("Delete", anchor=False)
    st.write("Deleting removes the project with all its data and cannot be undone.")
    if st.button("Delete project", icon=":material/delete_forever:"):
        delete()
else:
    owners = [
        m.name for m in members.list_all(person, project.id) if m.role is Role.OWNER and not m.is_disabled
    ]
    whom = ", ".join(owners) or "an administrator of this instance"
    st.info(f"Settings are for owners. You are {project.role}; ask {whom}.", icon=":material/lock:")
