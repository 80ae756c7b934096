"""What campaigns are called besides their names: dimensions that the naming convention reads out of them, and tags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from analytics import naming
from analytics.naming import Convention, Parsed
from reports.campaigns import Row
from store import agreements, labels
from store.access import Person, reading
from store.projects import Project

TAG = "tag"
LISTS = PIECES, DIMENSION, TAGS = "By part of the name", "By naming dimension", "By tag"
"""The lists of campaigns that are put together."""


@dataclass(frozen=True)
class Labels:
    """The labels of campaigns, by name and by the key of a row."""

    convention: Convention | None = None
    parsed: Mapping[str, Parsed] = field(default_factory=dict)
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def dimension(self, row: Row, dimension: str) -> tuple[str, ...]:
        """The row's value of a naming dimension, if its name has one."""
        found = self.parsed[row.name].value(dimension) if row.name in self.parsed else ""
        return (found,) if found else ()

    def tags_of(self, row: Row) -> tuple[str, ...]:
        """The row's tags."""
        return self.tags.get(row.key, ())

    def of(self, row: Row) -> list[str]:
        """All labels of a row: 'market: de', 'tag: hero'."""
        found = self.parsed[row.name].values if row.name in self.parsed else ()
        return [
            *(f"{name}: {value}" for name, value in found),
            *(f"{TAG}: {tag}" for tag in self.tags_of(row)),
        ]

    def words(self, row: Row) -> str:
        """The same as one text, for searching."""
        return " ".join(self.of(row))

    def filter(self, rows: list[Row], key: str) -> list[Row]:
        """A filter for labels, in the link: of one dimension any that is chosen, of several dimensions each."""
        known = sorted({label for row in rows for label in self.of(row)}, key=str.casefold)
        if not known:
            return rows
        chosen = st.multiselect(
            "Named or tagged", known, key=key, bind="query-params", placeholder="Any", width=220
        )
        wanted: dict[str, set[str]] = defaultdict(set)
        for label in chosen:
            wanted[label.partition(": ")[0]].add(label)
        return [row for row in rows if all(labels & set(self.of(row)) for labels in wanted.values())]


def read(person: Person, project: Project, rows: Sequence[Row]) -> Labels:
    """The labels of these campaigns. Read anew each time: a name is parsed in a few microseconds."""
    with reading(person, project.id) as connection:
        convention = agreements.read_convention(connection, project.id).value
        tags = {f"{s}/{e}": found for (s, e), found in labels.of_project(connection, project.id).items()}
    campaigns = [row.name for row in rows if row.level == "campaign"]
    return Labels(convention, naming.parse(convention, campaigns) if convention else {}, tags)
