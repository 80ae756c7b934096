"""Files that lie, are damaged, or are built to do harm."""

from __future__ import annotations

import io
import zipfile

import polars as pl
import pytest

from errors import UnreadableFile
from spreadsheets import safety
from spreadsheets.reading import understand
from spreadsheets.writing import write_xlsx

SMALL = pl.DataFrame(
    {"Campaign name": ["A"], "Amount spent (EUR)": [1.5], "Link clicks": [3], "Day": ["2026-01-01"]}
)


def rebuilt(data: bytes, change: dict[str, bytes], extra: dict[str, bytes] | None = None) -> bytes:
    """The workbook with some parts replaced or added."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change.get(name, old.read(name)))
        for name, content in (extra or {}).items():
            new.writestr(name, content)
    return target.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\x89PNG\r\n\x1a\n....", "a picture"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"<!DOCTYPE html><html><table><tr><td>x</td></tr></table>", "web page"),
        (b'{"rows": [1]}', "JSON"),
        (b"MZ\x90\x00\x03", "a program"),
        (b"Date,Spend\n1,\x00\x01\x02\x03\n", "binary data"),
        (b"PK\x03\x04 truncated", "damaged"),
        (zipped({"a.csv": b"Date,Spend\n" * 500})[:-40], "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "damaged"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "password",
        ),
        (zipped({"word/document.xml": b"<x/>", "[Content_Types].xml": b"<x/>"}), "text document"),
        (zipped({"readme.md": b"hello"}), "no tables"),
        (zipped({"inner.zip": zipped({"a.csv": b"Date,Spend\n"})}), "another archive"),
        (zipped({"../../etc/a.csv": b"Date,Spend\n"}), "leads outside"),
        (b'Campaign name,Amount spent (EUR)\n"never closed,1\n' + b"x,1\n" * 40_000, "quotation mark"),
    ],
)
def test_unreadable_files_get_a_plain_reason(read, content, words):
    with pytest.raises(UnreadableFile, match=words) as caught:
        read("upload.csv", content)
    assert "\n" not in str(caught.value)


def test_too_large_a_file_is_not_even_read(tmp_path, monkeypatch):
    monkeypatch.setattr("spreadsheets.opening.UPLOAD_LIMIT", 10)
    (tmp_path / "x").write_bytes(b"Date,Spend\n2026-01-01,1\n")
    with pytest.raises(UnreadableFile, match="at most"):
        understand(tmp_path / "x", "x.csv")


def test_zip_bomb_is_refused_by_its_ratio(read):
    with pytest.raises(UnreadableFile, match="bomb"):
        read("x.zip", zipped({"a.csv": b"0" * (safety.RATIO_FROM + 1)}))


def test_zip_bomb_is_refused_by_its_size_and_count(read, monkeypatch):
    monkeypatch.setattr("spreadsheets.opening.ARCHIVE_LIMIT", 100)
    with pytest.raises(UnreadableFile, match="bomb"):
        read("x.zip", zipped({"a.csv": b"Date,Spend\n" * 50}))
    monkeypatch.setattr(safety, "ENTRY_LIMIT", 2)
    with pytest.raises(UnreadableFile, match="more than the 2"):
        read("x.zip", zipped({f"{number}.csv": b"a" for number in range(3)}))


def test_entry_that_lies_about_its_size_is_refused(read):
    data = bytearray(zipped({"a.csv": b"Date,Spend\n" * 50}))
    data[data.rfind(b"PK\x01\x02") + 24] = 5  # the declared size in the central directory
    with pytest.raises(UnreadableFile, match=r"damaged|bomb"):
        read("x.zip", bytes(data))


def test_xml_entity_bomb_is_refused(read):
    bomb = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><sst>&b;</sst>'
    data = rebuilt(write_xlsx({"A": SMALL}), {}, {"xl/sharedStrings.xml": bomb})
    with pytest.raises(UnreadableFile, match="entities"):
        read("x.xlsx", data)


@pytest.mark.parametrize("cell", [b'<c r="XFD1048576"><v>1</v></c>', b'<c r="ZZ1048576"><v>1</v></c>'])
def test_sheet_that_claims_a_huge_area_is_refused(read, cell):
    data = write_xlsx({"A": SMALL})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    huge = sheet.replace(b"</sheetData>", b'<row r="1048576">' + cell + b"</row></sheetData>")
    with pytest.raises(UnreadableFile, match=r"columns|million cells"):
        read("x.xlsx", rebuilt(data, {"xl/worksheets/sheet1.xml": huge}))


def test_huge_dimension_claim_alone_does_no_harm(read):
    data = write_xlsx({"A": SMALL})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").replace(
            b'<dimension ref="A1:D2"/>', b'<dimension ref="A1:XFD1048576"/>'
        )
    (table,) = read("x.xlsx", rebuilt(data, {"xl/worksheets/sheet1.xml": sheet}))
    assert table.rows == 1


def test_macros_are_ignored_and_said(read):
    data = rebuilt(write_xlsx({"A": SMALL}), {}, {"xl/vbaProject.bin": b"macro"})
    (table,) = read("x.xlsm", data)
    assert table.rows == 1
    assert any("macros" in note for note in table.notes)


def test_formulas_count_as_their_stored_values(read):
    data = write_xlsx({"A": SMALL})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").replace(
            b"<v>1.5</v>", b'<f>HYPERLINK("http://evil.example")</f><v>1.5</v>'
        )
    (table,) = read("x.xlsx", rebuilt(data, {"xl/worksheets/sheet1.xml": sheet}))
    assert table.totals["spend"] == 1.5


def test_ods_that_repeats_a_cell_is_refused(read):
    head = '<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><table:table>'
    row = '<table:table-row><table:table-cell office:value-type="string" table:number-columns-repeated="900000"><text:p>x</text:p></table:table-cell></table:table-row>'
    repeated = '<table:table-row table:number-rows-repeated="900000"><table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>'
    for body in (row, repeated):
        xml = head + body + "</table:table></office:document-content>"
        with pytest.raises(UnreadableFile, match="thousands of times"):
            read(
                "x.ods",
                zipped(
                    {
                        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
                        "content.xml": xml.encode(),
                    }
                ),
            )


def test_text_called_xlsx_is_read_by_its_content(read_one):
    table = read_one("x.xlsx", "Campaign name,Amount spent (EUR),Link clicks,Day\nA,1,2,2026-01-01\n")
    assert table.platform == "meta_ads"
    assert any("text table" in note for note in table.notes)


def test_one_bad_file_in_a_zip_does_not_spoil_the_others(read):
    good = b"Campaign name,Amount spent (EUR),Link clicks,Day\nA,1,2,2026-01-01\n"
    (table,) = read("x.zip", zipped({"good.csv": good, "bad.csv": b"", "__MACOSX/._good.csv": b"x"}))
    assert table.rows == 1
    assert any("bad.csv" in note for note in table.notes)
