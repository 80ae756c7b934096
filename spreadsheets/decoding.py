"""Bytes into text. The name's extension is never trusted.

Google Ads and LinkedIn write UTF-16LE, with and without a byte order mark; programs that re-save in
Western Windows write cp1252.
"""

from __future__ import annotations

import re

from errors import UnreadableFile

_FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "a database"),
    (b"PAR1", "a Parquet file"),
    (b"{\\rtf", "a text document"),
)


def foreign_kind(head: bytes) -> str | None:
    """What the file really is, when its first bytes say that it cannot be a table."""
    for start, kind in _FOREIGN:
        if head.startswith(start):
            return kind
    if re.match(
        rb"^(?:\xef\xbb\xbf)?\s*(?:<!doctype|<html|<\?xml|<table|<script)", head[:200], re.IGNORECASE
    ):
        return "a web page or XML, not a table"
    if re.match(rb"^(?:\xef\xbb\xbf)?\s*(?:\{\s*\"|\[\s*[\{\[])", head[:200]):
        return "JSON, not a table"
    return None


def to_utf8(data: bytes) -> tuple[bytes, str]:
    """The text as UTF-8 without a mark, and the encoding it came in. Raises `UnreadableFile`."""
    encoding = _marked(data) or _guess_wide(data[:4096]) or "utf-8"
    try:
        text, encoding = _decoded(data, encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            "The text of this file is damaged: it cannot be decoded. Export it again."
        ) from error
    if b"\x00" in text:
        raise UnreadableFile(
            "This is not a text table: it holds binary data. Upload the export as it was downloaded."
        )
    return text, encoding


def _decoded(data: bytes, encoding: str) -> tuple[bytes, str]:
    if encoding.startswith("utf-16"):
        data = data[: len(data) - len(data) % 2]
        return data.decode(encoding).lstrip("\ufeff").encode(), encoding
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        data.decode("utf-8")
        return data, "utf-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace").encode(), "cp1252"


def _marked(data: bytes) -> str | None:
    if data.startswith(b"\xff\xfe"):
        return "utf-16-le"
    return "utf-16-be" if data.startswith(b"\xfe\xff") else None


def _guess_wide(head: bytes) -> str | None:
    """UTF-16 without a mark: Western text then has a zero in every second byte."""
    if len(head) < 4 or b"\x00" not in head:
        return None
    half = len(head) // 2
    if head[1::2].count(0) > half * 0.4 and head[0::2].count(0) < half * 0.1:
        return "utf-16-le"
    if head[0::2].count(0) > half * 0.4 and head[1::2].count(0) < half * 0.1:
        return "utf-16-be"
    return None
