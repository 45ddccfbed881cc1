"""A program's text as it may stand on a reader's screen: what would act on it, or hide, is shown instead."""

import re

# Control characters; the soft hyphen; marks and overrides of direction; zero-width and other invisible ones;
# line and paragraph separators; lone surrogates; annotations, and the tags beyond the basic plane.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """`text` with such characters as they are written in a string: `\\x1b`, `\\u202e`."""
    return _HIDDEN.sub(_escaped, text)


def visible_lines(text: str) -> str:
    """The same for a text of several lines, which stay so."""
    return "\n".join(map(visible, text.split("\n")))


def _escaped(match: re.Match[str]) -> str:
    point = ord(match[0])
    short = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(match[0])
    return short or (
        f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
    )
