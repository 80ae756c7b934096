"""Refuses files that are built to exhaust the machine, before any reader for workbooks sees them.

Checked: entry count, declared and true sizes, compression ratio, odd paths, nested archives, XML
documents with a DOCTYPE (entity bombs), sheets that claim a huge area, repeated cells in ODS.
"""

from __future__ import annotations

import io
import re
import zipfile

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from errors import UnreadableFile

UPLOAD_LIMIT = 200 * 1024**2
UNPACKED_LIMIT = 2 * 1024**3  # an honest workbook of 200 MB unpacks to less
ARCHIVE_LIMIT = 1024**3  # a ZIP of exports; tables are held in memory one by one
ENTRY_LIMIT = 2_000
RATIO_LIMIT = 300  # repetitive sheets reach 30; zeros reach 1,000
RATIO_FROM = 20 * 1024**2
COLUMN_LIMIT = 702  # "ZZ"
CELL_LIMIT = 40_000_000
STRING_LIMIT = 200_000  # a cell holds 32,767 characters
_PIECE = 4 * 1024**2
# Cells beyond column Z, as every program writes them, and in all spellings that XML allows: slow,
# so it is only used where another spelling shows.
_CELL = re.compile(rb'r="([A-Z]{2,9})\d')
_ANY_CELL = re.compile(rb"""r\s*=\s*["']([A-Z]{2,9})\d""")
_UNUSUAL = re.compile(rb"r(?:\s+=|=[\s'])")
_ROW = re.compile(rb"""<(?:\w+:)?row\s[^>]{0,80}?r\s*=\s*["'](\d{1,7})""")


def check_archive(archive: zipfile.ZipFile, limit: int) -> None:
    """Raises `UnreadableFile` when the ZIP is a bomb, encrypted, damaged, or has paths that leave it."""
    entries = archive.infolist()
    if len(entries) > ENTRY_LIMIT:
        raise UnreadableFile(
            f"The archive holds {len(entries):,} files, more than the {ENTRY_LIMIT:,} that are read."
        )
    if sum(entry.file_size for entry in entries) > limit:
        raise UnreadableFile(
            "The file would unpack to more than can be read. It looks like a decompression bomb."
        )
    for entry in entries:
        _check_entry(entry)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & 0x1:
        raise UnreadableFile("The archive is protected by a password. Unpack it first and upload the files.")
    if entry.file_size > RATIO_FROM and entry.file_size > RATIO_LIMIT * max(entry.compress_size, 1):
        raise UnreadableFile(
            "The file unpacks to far more than its size. It looks like a decompression bomb."
        )
    parts = entry.filename.replace("\\", "/").split("/")
    if ".." in parts or entry.filename.startswith(("/", "\\")) or ":" in parts[0]:
        raise UnreadableFile("The archive holds a path that leads outside of it. It was not opened.")


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """One whole entry. Raises `UnreadableFile` when it is damaged or lies about its size."""
    try:
        return archive.read(entry)
    except Exception as error:  # those of zipfile, zlib, bz2 and lzma have no class in common
        raise UnreadableFile("The archive is damaged or incomplete. Download it again.") from error


def check_workbook(data: bytes) -> set[str]:
    """Checks an XLSX or ODS workbook; gives the names of its parts. Raises `UnreadableFile`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check_archive(archive, UNPACKED_LIMIT)
            for entry in archive.infolist():
                _check_part(archive, entry)
            return set(archive.namelist())
    except zipfile.BadZipFile as error:
        raise UnreadableFile("The workbook is damaged or incomplete. Download it again.") from error


def _check_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    part = entry.filename.lower()
    if part.endswith((".xml", ".rels")):
        with archive.open(entry) as stream:
            _refuse_doctype(stream)
    claims = _Claims()
    try:
        with archive.open(entry) as stream:  # reading to the end also proves size and checksum
            tail = b""
            while piece := stream.read(_PIECE):
                if part.startswith("xl/worksheets/"):
                    claims.see_sheet(tail + piece)
                elif part == "xl/sharedstrings.xml":
                    claims.see_strings(tail + piece)
                elif part == "content.xml":
                    claims.see_ods(tail + piece)
                tail = piece[-300:]
    except UnreadableFile:
        raise
    except Exception as error:  # zlib.error, BadZipFile, EOFError …
        raise UnreadableFile("The workbook is damaged or incomplete. Download it again.") from error


def _refuse_doctype(stream: io.IOBase | object) -> None:
    try:
        for _ in ElementTree.iterparse(stream, events=("start",), forbid_dtd=True):
            return
    except DefusedXmlException as error:
        raise UnreadableFile(
            "The workbook's XML defines entities, which no export does. It was not opened."
        ) from error
    except ElementTree.ParseError:
        return  # not XML after all; the reader will say so


class _Claims:
    """What a sheet says about its area, seen piece by piece."""

    def __init__(self) -> None:
        self.last_row = 0
        self.last_column = 26
        self.run = 0

    def see_sheet(self, piece: bytes) -> None:
        cells = _ANY_CELL if _UNUSUAL.search(piece) else _CELL
        for letters in set(cells.findall(piece)):
            if len(letters) > 2:
                raise UnreadableFile(
                    f"A sheet uses more than {COLUMN_LIMIT} columns. Delete the empty ones and save it again."
                )
            self.last_column = max(self.last_column, (letters[0] - 64) * 26 + letters[1] - 64)
        self.last_row = max(self.last_row, max(map(int, _ROW.findall(piece)), default=0))
        if self.last_row * self.last_column > CELL_LIMIT:
            raise UnreadableFile(
                f"A sheet claims more than {CELL_LIMIT // 10**6} million cells. "
                "Delete the empty rows and save it again."
            )

    def see_strings(self, piece: bytes) -> None:
        if b"</si>" in piece or b"<si/>" in piece:
            self.run = 0
        self.run += len(piece)
        if self.run > STRING_LIMIT + _PIECE:
            raise UnreadableFile("A cell of this workbook holds an impossibly long text. It was not opened.")

    def see_ods(self, piece: bytes) -> None:
        for tag in re.finditer(rb"<table:table-cell[^>]*>", piece):
            repeated = re.search(rb'number-columns-repeated="(\d{4,})"', tag[0])
            if repeated and b"office:value-type" in tag[0]:
                raise UnreadableFile("A sheet repeats one cell thousands of times. It was not opened.")
        for found in re.finditer(
            rb'<table:table-row[^>]*number-rows-repeated="(\d{4,})"[^>]*>(.{0,4000})', piece, re.DOTALL
        ):
            if b"office:value-type" in found[2].split(b"</table:table-row>")[0]:
                raise UnreadableFile("A sheet repeats one row thousands of times. It was not opened.")
