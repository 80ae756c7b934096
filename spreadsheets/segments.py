"""What splits a row beyond its grain, as one text: `device=mobile|country=DE`."""

from __future__ import annotations

import polars as pl

from spreadsheets.drafts import Draft
from spreadsheets.meanings import SEGMENTS

_DEVICES = {
    "mobile": (
        "mobile | mobile phones | mobile phone | smartphone | smartphones | mobiles | mobil | "
        "móvil | móviles | teléfonos móviles | celulares | mobiltelefone | dispositivi mobili | "
        "mobiel | telefony komórkowe | モバイル | 모바일 | 移动设备 | mobile devices with full browsers | "
        "téléphones mobiles | telefones celulares"
    ),
    "desktop": (
        "desktop | computer | computers | computadores | computador | ordenadores | ordenador | "
        "ordinateur | ordinateurs | computadoras | komputer | komputery | datorer | パソコン | pc | "
        "데스크톱 | 桌面设备 | 桌面"
    ),
    "tablet": (
        "tablet | tablets | tablette | tablettes | tablets with full browsers | タブレット | 태블릿 | "
        "平板电脑"
    ),
    "tv": (
        "tv | tv screens | telas de tv | pantallas de tv | fernsehbildschirme | "
        "écrans de télévision | smart tv | connected tv | "
        "devices streaming video content to tv screens"
    ),
}
_DEVICE = {word: device for device, words in _DEVICES.items() for word in words.split(" | ")}


def is_device(text: str) -> bool:
    """Whether the text names a kind of device in a known language."""
    return text.lower() in _DEVICE


OWN_CHANNEL = frozenset({"unified", "custom"})  # tables in which the channel is a name, not a breakdown


def segment_column(draft: Draft, frame: pl.DataFrame, hour: pl.Series | None) -> pl.Series:
    """The segment of each row, "" where the table has no breakdown."""
    parts: list[pl.Series] = []
    for meaning, name in SEGMENTS.items():
        if not draft.has(meaning) or (meaning == "channel" and draft.platform.slug in OWN_CHANNEL):
            continue
        cells = frame[draft.columns[meaning]].str.strip_chars().str.replace_all(r"[|=]", "/")
        if meaning == "device":
            cells = cells.replace(
                {text: _DEVICE.get(text.lower(), text) for text in cells.unique().to_list()}
            )
        parts.append(name + "=" + cells)
    if hour is not None:
        parts.append("hour=" + hour)
    if not parts:
        return pl.Series([""], dtype=pl.String).new_from_index(0, frame.height)
    return pl.select(pl.concat_str(parts, separator="|")).to_series()
