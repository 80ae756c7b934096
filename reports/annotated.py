"""The notes of a view's days as the marks of its charts."""

from __future__ import annotations

from collections.abc import Sequence

from analytics import channels
from reports.pictures import Mark
from reports.view import View
from store.annotations import Annotation, Content


def marks(found: Sequence[Annotation], view: View) -> tuple[Mark, ...]:
    """A mark a note, cut to the view's days, numbered in their order."""
    return tuple(
        Mark(n, max(one.content.day, view.start), min(one.content.until, view.end), said(one.content))
        for n, one in enumerate(found, 1)
    )


def said(content: Content) -> str:
    """A note's words, with the channel that it is about."""
    return f"{content.text} ({channels.label(content.channel)})" if content.channel else content.text
