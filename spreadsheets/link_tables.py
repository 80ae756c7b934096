"""Tables of addresses to tag: a column url, and columns source, medium, campaign, content, term, as far as there."""

from __future__ import annotations

from errors import UnreadableFile
from spreadsheets.opening import open_data

_COLUMNS = {
    "url": "url | address | link | landing page | final url | page | website url | adresse",
    "source": "source | utm_source",
    "medium": "medium | utm_medium",
    "campaign": "campaign | utm_campaign",
    "content": "content | utm_content",
    "term": "term | keyword | utm_term",
}
_MOST = 50_000
_NAMES = {word: name for name, words in _COLUMNS.items() for word in words.split(" | ")}


def read(name: str, data: bytes) -> list[dict[str, str]]:
    """The rows of the first sheet that has a column of addresses, by column; empty cells are left out.

    Raises UnreadableFile, also where no sheet has such a column.
    """
    for sheet in open_data(data, name):
        rows = [[str(cell or "").strip() for cell in row] for row in sheet.head(_MOST)]
        for n, row in enumerate(rows[:10]):
            places = {
                _NAMES[cell.casefold()]: k
                for k, cell in reversed(list(enumerate(row)))
                if cell.casefold() in _NAMES
            }
            if "url" in places:
                found = [
                    {column: line[k] for column, k in places.items() if k < len(line) and line[k]}
                    for line in rows[n + 1 :]
                ]
                return [line for line in found if line]
    raise UnreadableFile(
        "The table has no column called url. Name the column of addresses so, and upload it again."
    )
