"""The process behind make_pdf(): a job as JSON on standard input, the PDF on standard output."""

import json
import resource
import sys
from importlib.resources import files
from pathlib import Path

import typst

_HERE = Path(__file__).parent
_SECONDS = 25
_MEMORY = 2 * 1024**3  # bytes of address space
_NOWHERE = "/nonexistent"  # where packages would be looked for


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    job = json.load(sys.stdin)
    sys.stdout.buffer.write(compiled(job["template"], json.dumps(job["data"])))


def compiled(template: str, data: str) -> bytes:
    """PDF/UA with our typeface and those that typst brings.

    A name in letters that these have not is set with the machine's typefaces; one that no typeface
    has shows boxes, and the document is tagged as ever but no longer bears the mark of PDF/UA.
    """
    for system_fonts, standard in ((False, "ua-1"), (True, "ua-1")):
        try:
            return _compile(template, data, system_fonts=system_fonts, standard=standard)
        except typst.TypstError:
            continue
    return _compile(template, data, system_fonts=True, standard="1.7")


def _compile(template: str, data: str, *, system_fonts: bool, standard: str) -> bytes:
    return typst.compile(
        _HERE / f"{template}.typ",
        root=_HERE,
        font_paths=_typefaces(),
        ignore_system_fonts=not system_fonts,
        sys_inputs={"data": data},
        pdf_standards=[standard],  # type: ignore[list-item]  # one of typst.PDFStandard
        package_path=_NOWHERE,
        package_cache_path=_NOWHERE,
    )


def _typefaces() -> list[Path]:
    """Schibsted Grotesk when its package is installed; all works without."""
    try:
        return [Path(str(files("fontpkg_schibsted_grotesk") / "files"))]
    except ModuleNotFoundError:
        return []


if __name__ == "__main__":
    main()
