"""The catalogues in translations/: `python -m scripts.translations compile | check | update`.

`update` writes what the code says into the .po files and keeps what is translated; `check` fails
when a message lacks a translation, a translation lacks a placeholder, or nobody says it any more.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ROOT / "translations"
LANGUAGES = ("sv", "nb")  # English is the language of the code
KEYWORDS = {"_": None, "gettext": None, "lazy": None, "ngettext": (1, 2)}
METHODS = [
    ("app.py", "python"),
    ("blueprints/**.py", "python"),
    ("dialognav/**.py", "python"),
    ("templates/**.html", "jinja2"),
    ("templates/**.txt", "jinja2"),
    ("templates/**.xml", "jinja2"),
]
OPTIONS = {"templates/**": {"silent": "false", "trimmed": "true"}}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def path_of(language: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


def compile_all() -> None:
    """Write each .mo that is missing or older than its .po."""
    for po in sorted(CATALOGUES.glob("*/LC_MESSAGES/*.po")):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        new = mo.with_suffix(".new")
        with po.open("rb") as source, new.open("wb") as target:
            write_mo(target, read_po(source))
        new.replace(mo)


def template() -> Catalog:
    """Every message of the code and the templates."""
    found = Catalog(project="Dialognav", fuzzy=False)
    for file, _line, message, comments, context in extract_from_dir(
        ROOT, METHODS, OPTIONS, keywords=KEYWORDS, directory_filter=_is_source
    ):
        # Without line numbers a change of code does not change the catalogue.
        found.add(message, None, [(file, 0)], auto_comments=comments, context=context)
    return found


def _is_source(directory: str | Path) -> bool:
    name = Path(directory).name
    return not name.startswith(".") and name not in ("__pycache__", "var", "tests", "static")


def update() -> None:
    wanted = template()
    for language in LANGUAGES:
        path = path_of(language)
        kept = _read(path, language)
        kept.update(wanted, no_fuzzy_matching=True)
        kept.obsolete.clear()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as target:
            write_po(target, kept, sort_output=True, omit_header=False, include_lineno=False)


def _read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language, project="Dialognav", fuzzy=False)
    with path.open("rb") as source:
        return read_po(source, locale=language)


def problems() -> Iterator[str]:
    wanted = template()
    for language in LANGUAGES:
        kept = _read(path_of(language), language)
        for message in wanted:
            if message.id:
                said = kept.get(message.id, message.context)
                yield from (f"{language}: {fault}" for fault in _faults(message, said))
        for message in kept:
            if message.id and wanted.get(message.id, message.context) is None:
                yield f"{language}: used nowhere: {message.id!r}"


def _faults(message: Message, said: Message | None) -> Iterator[str]:
    forms = _forms(said.string) if said is not None and not said.fuzzy else ()
    if not forms or not all(forms):
        yield f"not translated: {message.id!r}"
        return
    wanted = set(_PLACEHOLDER.findall(_forms(message.id)[-1]))
    for form in forms:
        # A singular may leave its number out ("en plats"), nothing else may go or come.
        if set(_PLACEHOLDER.findall(form)) - {"num"} != wanted - {"num"}:
            yield f"other placeholders in {form!r} than in {message.id!r}"


def _forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


def check() -> None:
    found = list(problems())
    if found:
        sys.exit("\n".join([*found, f"{len(found)} translations are missing, wrong or unused."]))
    print("Translations: complete.")


if __name__ == "__main__":
    {"compile": compile_all, "check": check, "update": update}[sys.argv[1]]()
