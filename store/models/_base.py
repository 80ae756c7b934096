"""What all tables share: their register, the names of constraints, and the columns that recur."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Integer,
    MetaData,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Time = DateTime(timezone=True)


def own_id() -> Column[int]:
    """A number that the database draws."""
    return Column("id", BigInteger, Identity(), primary_key=True)


def of_project() -> Column[int]:
    """The project that a row belongs to: the first part of every data table's key."""
    return Column("project_id", Integer, primary_key=True)


def to_project() -> ForeignKeyConstraint:
    """A project's rows go with it."""
    return ForeignKeyConstraint(["project_id"], ["projects.id"], ondelete="CASCADE")


def to_source() -> ForeignKeyConstraint:
    """A source's rows go with it."""
    return ForeignKeyConstraint(
        ["project_id", "source_id"], ["sources.project_id", "sources.id"], ondelete="CASCADE"
    )
