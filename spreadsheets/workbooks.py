"""What only an XLSX file's XML tells: currency signs in number formats, and which cells are numbers.

Amazon's reports keep the currency in the number format only (`[$£]#,##0.00`, `₹ #,##0.00`).
"""

from __future__ import annotations

import io
import re
import zipfile
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

from spreadsheets.currencies import candidates

_PEEK_ROWS = 40
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ACCOUNTING = {5, 6, 7, 8, 37, 38, 39, 40, 42, 44}  # built-in formats with the "$" of whoever looks

Hints = dict[str, tuple[dict[int, str], frozenset[int]]]


def peek(data: bytes) -> Hints:
    """By sheet title: currency sign by column, and the columns with numeric cells; {} when unclear."""
    hints: Hints = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            signs = _signs_by_style(archive)
            for title, part in _sheet_parts(archive).items():
                with archive.open(part) as stream:
                    hints[title] = _peek_sheet(stream, signs)
    except (KeyError, ValueError, ElementTree.ParseError, zipfile.BadZipFile):
        return hints
    return hints


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    names = set(archive.namelist())
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    parts = {}
    for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        if not sheet.tag.endswith("}sheet"):
            continue
        target = targets.get(sheet.get(_REL), "").removeprefix("/").removeprefix("xl/")
        if f"xl/{target}" in names:
            parts[sheet.get("name", "")] = f"xl/{target}"
    return parts


def _signs_by_style(archive: zipfile.ZipFile) -> dict[int, str]:
    root = ElementTree.fromstring(archive.read("xl/styles.xml"))
    formats = {
        int(item.get("numFmtId", 0)): item.get("formatCode", "") for item in root.iter(f"{_MAIN}numFmt")
    }
    signs = {}
    styles = root.find(f"{_MAIN}cellXfs")
    for number, style in enumerate(styles if styles is not None else []):
        format_id = int(style.get("numFmtId", 0))
        sign = "$" if format_id in _ACCOUNTING else currency_sign(formats.get(format_id, ""))
        if sign:
            signs[number] = sign
    return signs


def currency_sign(code: str) -> str | None:
    """The currency sign or code in a number format: `[$€-407] #,##0.00` → "€"."""
    if found := re.search(r"\[\$([^\]-]+)(?:-[0-9A-Fa-f]+)?\]", code):
        return found[1] if candidates(found[1]) else None
    bare = re.sub(r'[#0,.;?_*\\()\[\]-]|"|\s', " ", code.split(";")[0])
    return next((word for word in bare.split() if candidates(word)), None)


def _peek_sheet(stream: object, signs: dict[int, str]) -> tuple[dict[int, str], frozenset[int]]:
    found: dict[int, str] = {}
    numeric: set[int] = set()
    rows = 0
    for _, element in ElementTree.iterparse(stream, events=("end",), forbid_dtd=True):
        if element.tag == f"{_MAIN}c":
            _see_cell(element, signs, found, numeric)
        elif element.tag == f"{_MAIN}row":
            rows += 1
            element.clear()
            if rows >= _PEEK_ROWS:
                break
    return found, frozenset(numeric)


def _see_cell(cell: Element, signs: dict[int, str], found: dict[int, str], numeric: set[int]) -> None:
    letters = re.match(r"[A-Z]+", cell.get("r", ""))
    if not letters or cell.get("t", "n") != "n" or cell.find(f"{_MAIN}v") is None:
        return
    column = 0
    for letter in letters[0]:
        column = column * 26 + ord(letter) - 64
    numeric.add(column - 1)
    sign = signs.get(int(cell.get("s", 0)))
    if sign:
        found.setdefault(column - 1, sign)
