"""From a file to sheets, by what the file is and not by what it is called."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path, PurePosixPath

from errors import UnreadableFile
from spreadsheets.decoding import foreign_kind
from spreadsheets.recognition import known_names
from spreadsheets.safety import ARCHIVE_LIMIT, UPLOAD_LIMIT, check_archive, check_workbook, read_entry
from spreadsheets.sheets import Sheet, read_text, read_workbook
from spreadsheets.workbooks import peek

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_TABLE_NAMES = (".csv", ".tsv", ".txt", ".tab", ".xlsx", ".xls", ".xlsm", ".ods")
_FILE_LIMIT = 500  # tables in one archive


def open_file(path: Path, name: str) -> list[Sheet]:
    """All sheets of a file. Raises `UnreadableFile` with a plain reason."""
    try:
        size = path.stat().st_size
        if size > UPLOAD_LIMIT:
            megabytes = f"{size / 1024**2:,.0f} MB; at most {UPLOAD_LIMIT // 1024**2} MB are read"
            raise UnreadableFile(f"The file has {megabytes}. Export a shorter period.")
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile("The file cannot be opened.") from error
    return open_data(data, name)


def open_data(data: bytes, name: str, *, nested: bool = False) -> list[Sheet]:
    """The same for the bytes of a file; `nested` inside an archive, where another archive is refused."""
    if not data.strip():
        raise UnreadableFile("The file is empty: it holds 0 bytes of data. Export it again.")
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        return _open_zip(data, name, nested)
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise UnreadableFile(
                "The workbook is protected by a password. Save it without one and upload it again."
            )
        return read_workbook(data, name, {})
    if kind := foreign_kind(data[:512]):
        raise UnreadableFile(
            f"This is {kind}. Upload the CSV, TSV, XLSX, XLS, ODS or ZIP that the tool exports."
        )
    sheet = read_text(data, name, known_names)
    if name.lower().endswith((".xlsx", ".xls", ".ods", ".zip")):
        sheet.notes.append("The name says workbook, the content is a text table; it was read as one.")
    return [sheet]


def _open_zip(data: bytes, name: str, nested: bool) -> list[Sheet]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise UnreadableFile("The ZIP file is damaged or incomplete. Download it again.") from error
    with archive:
        names = set(archive.namelist())
        if "[Content_Types].xml" in names or "content.xml" in names:
            return _open_workbook(data, name, names)
        if nested:
            raise UnreadableFile("The archive holds another archive. Unpack it and upload the inner one.")
        check_archive(archive, ARCHIVE_LIMIT)
        return _open_archive(archive, name)


def _open_workbook(data: bytes, name: str, names: set[str]) -> list[Sheet]:
    if "xl/workbook.bin" in names:
        raise UnreadableFile("Binary workbooks (.xlsb) aren't read. Save it as .xlsx and upload it again.")
    if any(part.startswith(("word/", "ppt/")) for part in names):
        raise UnreadableFile("This is a text document or a presentation, not a table.")
    parts = check_workbook(data)
    sheets = read_workbook(data, name, peek(data) if "xl/workbook.xml" in parts else {})
    if any(part.lower().endswith("vbaproject.bin") for part in parts):
        sheets[0].notes.append(
            "The workbook holds macros; they were ignored, only the cells' values were read."
        )
    return sheets


def _open_archive(archive: zipfile.ZipFile, name: str) -> list[Sheet]:
    entries = [entry for entry in archive.infolist() if _is_table(entry)]
    if not entries:
        raise UnreadableFile("The ZIP file holds no tables (CSV, TSV, XLSX, XLS or ODS).")
    if len(entries) > _FILE_LIMIT:
        raise UnreadableFile(f"The ZIP file holds {len(entries):,} tables; at most {_FILE_LIMIT} are read.")
    sheets: list[Sheet] = []
    reasons: list[str] = []
    for entry in entries:
        inner = PurePosixPath(entry.filename.replace("\\", "/")).name
        data = read_entry(archive, entry)
        try:
            sheets.extend(open_data(data, inner, nested=True))
        except UnreadableFile as error:
            if inner.lower().endswith(".zip"):
                raise
            reasons.append(f"{inner}: {error}")
    if not sheets:
        raise UnreadableFile(reasons[0])
    sheets[0].notes.extend(f"Left out of the ZIP file: {reason}" for reason in reasons)
    return sheets


def _is_table(entry: zipfile.ZipInfo) -> bool:
    path = entry.filename.replace("\\", "/")
    base = path.rsplit("/", 1)[-1]
    hidden = path.startswith("__MACOSX/") or base.startswith(".")
    return not entry.is_dir() and not hidden and base.lower().endswith((*_TABLE_NAMES, ".zip"))
