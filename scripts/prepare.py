"""What is made from the sources and not kept in git: compiled catalogues and the typeface."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def prepare() -> None:
    """Make what is missing or older than its source."""
    _catalogues()
    _typeface()


def _catalogues() -> None:
    sources = (ROOT / "translations").glob("*/LC_MESSAGES/*.po")
    if all(_is_newer(po.with_suffix(".mo"), po) for po in sources):
        return
    _run("translations", "compile")


def _typeface() -> None:
    maker = ROOT / "scripts" / "make_font.py"
    if any(_is_newer(made, maker) for made in (ROOT / "static" / "fonts").glob("*.woff2")):
        return
    if not _run("make_font"):
        print("The typeface could not be made; pages use the system's own.", flush=True)


def _is_newer(made: Path, source: Path) -> bool:
    return made.exists() and made.stat().st_mtime >= source.stat().st_mtime


def _run(script: str, *arguments: str) -> bool:
    command = [sys.executable, "-m", f"scripts.{script}", *arguments]
    return subprocess.run(command, cwd=ROOT).returncode == 0


if __name__ == "__main__":
    prepare()
