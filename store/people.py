"""People: accounts, the first administrator, sign-in by passphrase, resets, administration of accounts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from errors import BadInput, NotFound
from store import attempts, audit, db, links, members, passphrases, sessions
from store.access import Action, Person, enter_instance, enter_self
from store.models import links as links_table
from store.models import sessions as sessions_table
from store.models import users

WRONG = "The e-mail address or the passphrase is wrong."
_FIRST = 0x50D1_0002  # advisory lock: one first administrator
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+|[^@\s]{1,64}@localhost")


@dataclass(frozen=True)
class SignIn:
    """A passphrase that was right: a ticket for the cookie, or None when the second factor is still due."""

    user_id: int
    ticket: str | None


@dataclass(frozen=True)
class Account:
    """A person as administrators see them. `seen_at` is the last use of a session that still exists."""

    id: int
    email: str
    name: str
    is_admin: bool
    has_second_factor: bool
    disabled_at: datetime | None
    created_at: datetime
    seen_at: datetime | None


def _cleaned(email: str, name: str) -> tuple[str, str]:
    email, name = email.strip().lower(), " ".join(name.split())
    if len(email) > 254 or not _EMAIL.fullmatch(email):
        raise BadInput("That is not an e-mail address. It looks like ann@example.com.")
    if not 1 <= len(name) <= 100:
        raise BadInput("Give a name of 1 to 100 characters, as colleagues should read it.")
    return email, name


def find(connection: Connection, user_id: int) -> Person | None:
    """Somebody by their number, disabled or not; None when there is no such person. For naming who asked for a run."""
    row = connection.execute(sa.select(users).where(users.c.id == user_id)).one_or_none()
    return Person(row.id, row.email, row.name, row.is_admin) if row else None


def any_exist() -> bool:
    """False before the first administrator was created."""
    with db.instance() as connection:
        return connection.execute(sa.select(users.c.id).limit(1)).first() is not None


def first_admin_link() -> str | None:
    """A fresh link for the first administrator, earlier ones withdrawn; None when there are people."""
    with db.instance() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_FIRST)))
        if connection.execute(sa.select(users.c.id).limit(1)).first() is not None:
            return None
        links.withdraw(connection, links_table.c.purpose == links.Purpose.FIRST_ADMIN.value)
        return links.address(links.create(connection, links.Purpose.FIRST_ADMIN))


def _insert(connection: Connection, email: str, name: str, passphrase: str, *, is_admin: bool) -> Person:
    insert = sa.dialects.postgresql.insert(users).values(
        email=email,
        name=name,
        password_hash=passphrases.keep(passphrase),
        is_admin=is_admin,
        created_at=datetime.now(UTC),
    )
    user_id = connection.scalar(insert.on_conflict_do_nothing().returning(users.c.id))
    if user_id is None:
        raise BadInput(
            "There is already an account with this e-mail address. Sign in, then open the link again."
        )
    return Person(user_id, email, name, is_admin)


def create_first_admin(token: str, email: str, name: str, passphrase: str, repeated: str) -> str:
    """Create the first administrator with the link printed at the start; a ticket. Raises BadInput."""
    email, name = _cleaned(email, name)
    passphrases.check(passphrase, repeated, email=email, name=name)
    with db.instance() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_FIRST)))
        links.use(connection, token, links.Purpose.FIRST_ADMIN)
        if connection.execute(sa.select(users.c.id).limit(1)).first() is not None:
            raise BadInput("There is an administrator already. Sign in.")
        person = _insert(connection, email, name, passphrase, is_admin=True)
        audit.record(connection, who=person, action="create_first_admin", subject=email)
        return sessions.issue_ticket(connection, person.id)


def register(token: str, email: str, name: str, passphrase: str, repeated: str) -> str:
    """Create an account with an invitation and join its project; a ticket. Raises BadInput."""
    email, name = _cleaned(email, name)
    passphrases.check(passphrase, repeated, email=email, name=name)
    with db.instance() as connection:
        link = links.use(connection, token, links.Purpose.INVITE)
        members.check_invited(link, email)
        person = _insert(connection, email, name, passphrase, is_admin=False)
        audit.record(
            connection, who=person, action="create_account", subject=email, project_id=link.project_id
        )
        members.admit(connection, person, link)
        return sessions.issue_ticket(connection, person.id)


def sign_in(email: str, passphrase: str, address: str) -> SignIn:
    """Check a passphrase. The same BadInput for an unknown name, a wrong passphrase and a disabled account;
    TryLater after too many failures."""
    email = email.strip().lower()
    attempt = attempts.begin(email, address)
    with db.instance() as connection:
        row = connection.execute(sa.select(users).where(users.c.email == email)).one_or_none()
    right = passphrases.matches(passphrase, row.password_hash if row else None)
    with db.instance() as connection:
        if row is not None and right and row.disabled_at is None:
            attempts.strike_out(connection, attempt)
            if row.totp_secret_id is not None:
                return SignIn(row.id, None)
            attempts.forgive(connection, email)
            return SignIn(row.id, sessions.issue_ticket(connection, row.id))
        known = email if row else "unknown account"  # what was typed may be a passphrase in the wrong field
        audit.record(connection, who=None, action="fail_sign_in", subject=known, address=address)
    raise BadInput(WRONG)


def check_own_passphrase(person: Person, passphrase: str, address: str) -> None:
    """Ask for the passphrase again before something grave. Raises BadInput or TryLater."""
    attempt = attempts.begin(person.email, address)
    with enter_self(person) as connection:
        kept = connection.scalar(sa.select(users.c.password_hash).where(users.c.id == person.id))
    if not passphrases.matches(passphrase, kept):
        raise BadInput("The passphrase is wrong. Nothing was changed.")
    with db.instance() as connection:
        attempts.strike_out(connection, attempt)


def change_name(person: Person, name: str) -> None:
    """Change one's own name. Raises BadInput or SignInNeeded."""
    _, name = _cleaned(person.email, name)
    with enter_self(person) as connection:
        connection.execute(sa.update(users).where(users.c.id == person.id).values(name=name))
        audit.record(connection, who=person, action="change_name", details={"from": person.name, "to": name})


def change_passphrase(person: Person, old: str, new: str, repeated: str, address: str) -> None:
    """Change one's own passphrase; other browsers are signed out. Raises BadInput or TryLater."""
    check_own_passphrase(person, old, address)
    passphrases.check(new, repeated, email=person.email, name=person.name)
    with enter_self(person) as connection:
        connection.execute(
            sa.update(users).where(users.c.id == person.id).values(password_hash=passphrases.keep(new))
        )
        ended = sessions.end_all_of(connection, person.id, except_session=person.session_id)
        audit.record(connection, who=person, action="change_passphrase", details={"sessions_ended": ended})


def _issue_reset(connection: Connection, user_id: int, created_by: int | None) -> str:
    links.withdraw(
        connection, links_table.c.purpose == links.Purpose.RESET.value, links_table.c.user_id == user_id
    )
    return links.create(connection, links.Purpose.RESET, user_id=user_id, created_by=created_by)


def _mailed_lately(connection: Connection, user_id: int) -> bool:
    """True after three mails within an hour: nobody's mailbox is flooded through us."""
    query = (
        sa.select(sa.func.count())
        .select_from(links_table)
        .where(
            links_table.c.user_id == user_id,
            links_table.c.purpose == links.Purpose.RESET.value,
            links_table.c.created_by.is_(None),
            links_table.c.created_at > datetime.now(UTC) - timedelta(hours=1),
        )
    )
    return (connection.scalar(query) or 0) >= 3


def request_reset(email: str) -> str | None:
    """A reset link to mail to this address; None if nobody has it. Show the same answer for both."""
    email = email.strip().lower()
    with db.instance() as connection:
        query = sa.select(users.c.id).where(users.c.email == email, users.c.disabled_at.is_(None))
        user_id = connection.scalar(query)
        if user_id is None or _mailed_lately(connection, user_id):
            return None
        audit.record(connection, who=None, action="request_reset", subject=email)
        return links.address(_issue_reset(connection, user_id, None))


def issue_reset(admin: Person, user_id: int) -> str:
    """A reset link for an administrator to hand over. Raises NotAllowed or NotFound."""
    with enter_instance(admin, Action.MANAGE_PEOPLE) as connection:
        row = _account(connection, user_id)
        audit.record(connection, who=admin, action="issue_reset", subject=row.email)
        return links.address(_issue_reset(connection, user_id, admin.id))


def reset(token: str, passphrase: str, repeated: str) -> None:
    """Set a new passphrase with a reset link; every browser of the person is signed out. Raises BadInput."""
    with db.instance() as connection:
        link = links.use(connection, token, links.Purpose.RESET)
        row = connection.execute(sa.select(users).where(users.c.id == link.user_id)).one()
        passphrases.check(passphrase, repeated, email=row.email, name=row.name)
        connection.execute(
            sa.update(users).where(users.c.id == row.id).values(password_hash=passphrases.keep(passphrase))
        )
        sessions.end_all_of(connection, row.id)
        attempts.forgive(connection, row.email)
        person = Person(row.id, row.email, row.name, row.is_admin)
        audit.record(connection, who=person, action="reset_passphrase")


def _account(connection: Connection, user_id: int) -> sa.Row[tuple[object, ...]]:
    row = connection.execute(sa.select(users).where(users.c.id == user_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such person.")
    return row


def list_all(admin: Person) -> list[Account]:
    """Everybody with an account, by name. Raises NotAllowed."""
    seen = (
        sa.select(sessions_table.c.user_id, sa.func.max(sessions_table.c.seen_at).label("seen_at"))
        .group_by(sessions_table.c.user_id)
        .subquery()
    )
    query = (
        sa.select(users, seen.c.seen_at)
        .select_from(users.outerjoin(seen, seen.c.user_id == users.c.id))
        .order_by(users.c.name, users.c.email)
    )
    with enter_instance(admin, Action.MANAGE_PEOPLE) as connection:
        rows = connection.execute(query).all()
    return [
        Account(
            r.id,
            r.email,
            r.name,
            r.is_admin,
            r.totp_secret_id is not None,
            r.disabled_at,
            r.created_at,
            r.seen_at,
        )
        for r in rows
    ]


def _keep_an_admin(connection: Connection, user_id: int) -> None:
    admins = connection.scalars(
        sa.select(users.c.id)
        .where(users.c.is_admin, users.c.disabled_at.is_(None))
        .order_by(users.c.id)
        .with_for_update()
    ).all()
    if list(admins) == [user_id]:
        raise BadInput("This is the last administrator. Make somebody else administrator first.")


def set_admin(admin: Person, user_id: int, is_admin: bool) -> None:
    """Make somebody an administrator of the instance, or no longer. Raises NotAllowed, NotFound, BadInput."""
    with enter_instance(admin, Action.MANAGE_PEOPLE) as connection:
        if not is_admin:
            _keep_an_admin(connection, user_id)
        row = _account(connection, user_id)
        connection.execute(sa.update(users).where(users.c.id == user_id).values(is_admin=is_admin))
        action = "grant_admin" if is_admin else "withdraw_admin"
        audit.record(connection, who=admin, action=action, subject=row.email)


def disable(admin: Person, user_id: int) -> None:
    """Lock an account: its sessions end at once. Raises NotAllowed, NotFound, BadInput (the last admin)."""
    with enter_instance(admin, Action.MANAGE_PEOPLE) as connection:
        _keep_an_admin(connection, user_id)
        row = _account(connection, user_id)
        connection.execute(
            sa.update(users).where(users.c.id == user_id).values(disabled_at=datetime.now(UTC))
        )
        links.withdraw(connection, links_table.c.user_id == user_id)
        ended = sessions.end_all_of(connection, user_id)
        audit.record(
            connection,
            who=admin,
            action="disable_account",
            subject=row.email,
            details={"sessions_ended": ended},
        )


def enable(admin: Person, user_id: int) -> None:
    """Unlock an account. Raises NotAllowed or NotFound."""
    with enter_instance(admin, Action.MANAGE_PEOPLE) as connection:
        row = _account(connection, user_id)
        connection.execute(sa.update(users).where(users.c.id == user_id).values(disabled_at=None))
        attempts.forgive(connection, row.email)
        audit.record(connection, who=admin, action="enable_account", subject=row.email)
