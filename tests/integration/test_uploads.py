"""A large upload lies in a temporary file while it is read; nothing of it is left open."""

import gc
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import EnvironBuilder, encode_multipart, stream_encode_multipart

from tests.factories import make_event
from tests.integration.staff import token_of

LARGE = b"%PDF-" + b"x" * 3 * 1024 * 1024  # Werkzeug keeps up to 500 kB in memory


def large() -> FileStorage:
    return FileStorage(io.BytesIO(LARGE), filename="stor.pdf")


def temporary_files() -> set[str]:
    """What is open in this process and has no name any more."""
    found = set()
    for number in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue
        if target.endswith("(deleted)"):
            found.add(f"{number} {target}")
    return found


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Whoever forgets to close is not helped."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="asks Linux what is open")
@pytest.mark.parametrize(
    ("path", "field", "status"),
    [("documents", "new-file", 422), ("import", "file", 422), ("import", "nothing", 422)],
)
def test_nothing_of_an_upload_stays_open(staff, work, no_collector, path, field, status):
    from dialognav.models import Organisation

    with work() as session:
        here = session.get_one(Organisation, staff.organisation_id)
        address = f"/manage/events/{make_event(session, here).public_id}/{path}"
    token = token_of(staff.client.get("/account/profile"))
    fields = {"csrf_token": token, "new-csrf_token": token}
    boundary, body = encode_multipart(fields | {field: large()})
    before = temporary_files()
    answer = staff.client.post(
        address, data=body, content_type=f'multipart/form-data; boundary="{boundary}"'
    )
    assert answer.status_code == status
    answer.close()
    assert temporary_files() == before


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="asks Linux what is open")
def test_the_check_sees_the_file_that_werkzeugs_client_leaves(no_collector):
    """The reason for what conftest.py does: EnvironBuilder.close() closes the files it was given,
    and not the one it made of them."""
    before = temporary_files()
    made = stream_encode_multipart.func({"x": large()}, use_tempfile=True)
    assert len(temporary_files() - before) == 1
    made[0].close()
    builder = EnvironBuilder(method="POST", data={"x": large()})
    builder.get_environ()
    builder.close()
    assert temporary_files() == before
