"""Which fonts a picture is drawn with, and what none of them can draw.

Matplotlib's own has Latin, Greek, Cyrillic and signs; for other scripts, those that are installed here.
"""

from functools import cache

OWN = "DejaVu Sans"
OTHERS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "Hiragino Sans",
    "PingFang SC",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Arial Unicode MS",
)


@cache
def families() -> list[str]:
    """The fonts, first choice first: a letter is drawn by the first that has it."""
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    return [OWN, *(name for name in OTHERS if name in installed)]


def drawable(text: str) -> str:
    """The text as it is written; a letter that no font here has, as its number: `\\u672c`."""
    known = _letters()
    return "".join(one if ord(one) in known or one == "\n" else _numbered(one) for one in text)


def _numbered(letter: str) -> str:
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"


@cache
def _letters() -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font

    return frozenset(point for family in families() for point in get_font(findfont(family)).get_charmap())
