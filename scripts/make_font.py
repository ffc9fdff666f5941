"""Make the display typeface's web subset from the PyPI package: python scripts/make_font.py

Schibsted Grotesk is OFL 1.1 and is never committed; set-up makes static/fonts/ and everything works
without it. One weight, 600: Latin-1, Northern Sámi letters, typographic punctuation, kerning and
tabular figures, about 20 kB.
"""

import logging
import sys
from importlib.resources import as_file, files
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

TARGET = Path(__file__).parents[1] / "static" / "fonts" / "schibsted-grotesk-600.woff2"

LETTERS = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x100),
    *map(ord, "ČčĐđŊŋŠšŦŧŽž"),
    *range(0x2010, 0x2016),  # hyphens and dashes
    *range(0x2018, 0x201F),  # quotation marks
    *map(ord, "•…€−"),
]
FEATURES = ["kern", "liga", "tnum", "lnum", "mark", "mkmk", "ccmp"]


def make_font(target: Path) -> None:
    """Write the subset. Raises ModuleNotFoundError when the font package is not installed."""
    package = files("fontpkg_schibsted_grotesk") / "files" / "SchibstedGrotesk[wght].ttf"
    with as_file(package) as source:
        font = instancer.instantiateVariableFont(TTFont(source), {"wght": 600})
    subsetter = subset.Subsetter(subset.Options(layout_features=FEATURES, hinting=False))
    subsetter.populate(unicodes=LETTERS)
    subsetter.subset(font)
    font.flavor = "woff2"
    target.parent.mkdir(parents=True, exist_ok=True)
    font.save(target)


def main() -> int:
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    make_font(TARGET)
    print(f"made {TARGET.relative_to(Path.cwd()) if TARGET.is_relative_to(Path.cwd()) else TARGET}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
