"""Nothing leaves from a copy (decisions.md 17).

The database knows its installation by BASE_URL and by a random key that lies in a file beside the
configuration, together with the number of batches taken so far. Started under another address, on
another machine, or from a backup, the three do not fit, and mail waits for `flask mail release`.
"""

import secrets
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from config import Settings
from dialognav.models import Instance

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def introduce(session: Session, settings: Settings) -> None:
    """At the first start write down who we are, in the database and in the file.

    Inside a unit of work. Changes nothing when the database knows its installation already: of
    several processes that start at once, one introduces it, and only that one writes the file.
    """
    if session.get(Instance, 1) is not None:
        return
    key, batches = _read(settings.data_dir) or (secrets.token_hex(16), 0)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    written = session.execute(
        insert(Instance)
        .values(id=1, base_url=settings.base_url, instance_key=key, batches=batches)
        .on_conflict_do_nothing()
        .returning(Instance.id)
    )
    if written.scalar() is not None:
        _write(settings.data_dir, key, batches)


def is_held(session: Session, settings: Settings) -> bool:
    """Whether this database's mail waits, because the database is a copy."""
    return is_copy(session.get(Instance, 1), settings)


def is_copy(row: Instance | None, settings: Settings) -> bool:
    """The same, of the one row that says which installation a database belongs to."""
    if row is None:
        return False  # nothing has started here yet
    if not _same_address(row.base_url, settings):
        return True
    kept = _read(settings.data_dir)
    return kept is None or kept[0] != row.instance_key or row.batches < kept[1]


def release(session: Session, settings: Settings) -> None:
    """From now on this is the installation. Inside a unit of work."""
    kept = _read(settings.data_dir)
    row = session.get(Instance, 1)
    batches = max(row.batches if row else 0, kept[1] if kept else 0)
    key = secrets.token_hex(16)  # a new one: the original and the copy part here
    if row is None:
        session.add(Instance(id=1, base_url=settings.base_url, instance_key=key, batches=batches))
    else:
        row.base_url, row.instance_key, row.batches = settings.base_url, key, batches
    _write(settings.data_dir, key, batches)


def count_batch(session: Session) -> int:
    """One more batch was taken; its number."""
    number = session.scalar(
        sa.update(Instance)
        .where(Instance.id == 1)
        .values(batches=Instance.batches + 1)
        .returning(Instance.batches)
        .execution_options(synchronize_session=False)
    )
    assert number is not None
    return number


def remember_batch(settings: Settings, number: int) -> None:
    """After the commit. Processes that share the file may come late: the highest number stays."""
    kept = _read(settings.data_dir)
    if kept is not None and kept[1] < number:
        _write(settings.data_dir, kept[0], number)


def key_file(settings: Settings) -> Path:
    """What makes several machines one installation."""
    return _file(settings.data_dir)


def _same_address(known: str, settings: Settings) -> bool:
    """On a demo of one machine (kept mail, loopback) another PORT is no other installation."""
    if known == settings.base_url:
        return True
    hosts = {urlsplit(known).hostname, urlsplit(settings.base_url).hostname}
    return settings.mail_is_kept and hosts <= set(_LOOPBACK)


def _file(data_dir: Path) -> Path:
    return data_dir / "instance_key"


def _read(data_dir: Path) -> tuple[str, int] | None:
    try:
        key, batches = _file(data_dir).read_text().split()
        return key, int(batches)
    except (OSError, ValueError):
        return None


def _write(data_dir: Path, key: str, batches: int) -> None:
    """In one step, so that a crash leaves the old file or the new one."""
    new = _file(data_dir).with_suffix(f".{secrets.token_hex(4)}")
    new.write_text(f"{key} {batches}\n")
    new.replace(_file(data_dir))
