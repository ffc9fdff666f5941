"""Uploads: only what is let in, versions kept, names in languages, order, removal."""

import io

import pytest

from dialognav.models import AuditEntry, Document, Organisation
from tests.factories import make_event
from tests.integration.forms import problems_of
from tests.integration.staff import SignIn, Staff

PDF = b"%PDF-1.7 first"


@pytest.fixture
def planner(sign_in: SignIn) -> Staff:
    return sign_in(role="planner", language="en")


@pytest.fixture
def event_id(planner, work):
    with work() as session:
        organisation = session.get_one(Organisation, planner.organisation_id)
        return make_event(session, organisation).public_id


def token(staff):
    from tests.integration.staff import token_of

    return token_of(staff.client.get("/account/profile"))


def upload(staff, path, content=PDF, filename="behov.pdf", prefix="new-", **fields):
    data = {f"{prefix}csrf_token": token(staff), f"{prefix}file": (io.BytesIO(content), filename)}
    data |= {f"{prefix}{name}": value for name, value in fields.items()}
    return staff.client.post(path, data=data, content_type="multipart/form-data")


def documents(look):
    with look() as session:
        rows = session.query(Document).order_by(Document.position).all()
        return [(row.public_id, row.name, len(row.versions), row.removed_at) for row in rows]


def test_the_life_of_a_document(planner, look, client, event_id):
    path = f"/manage/events/{event_id}/documents"
    answer = upload(planner, path, name_sv="Behov", name_en="Need")
    assert answer.status_code == 303
    [(public_id, name, versions, _removed)] = documents(look)
    assert (name, versions) == ({"sv": "Behov", "en": "Need"}, 1)
    served = client.get(f"/documents/{public_id}/behov.pdf")
    assert (served.status_code, served.data) == (200, PDF)

    own = f"/manage/documents/{public_id}"
    prefix = f"{public_id}-"
    assert upload(planner, f"{own}/version", prefix=prefix).location.endswith("done=same_file")
    assert upload(planner, f"{own}/version", b"%PDF-2", prefix=prefix).status_code == 303
    assert documents(look)[0][2] == 2
    data = {f"{prefix}csrf_token": token(planner), f"{prefix}name_sv": "Nytt namn"}
    assert planner.client.post(f"{own}/name", data=data).status_code == 303
    assert documents(look)[0][1] == {"sv": "Nytt namn"}

    upload(planner, path, name_sv="Andra", filename="b.pdf")
    planner.post(f"{own}/move", {"to": "down"})
    assert [row[1]["sv"] for row in documents(look)] == ["Andra", "Nytt namn"]
    planner.post(f"{own}/move", {"to": "down"})  # already last
    assert planner.post(f"{own}/remove").status_code == 303
    assert client.get(f"/documents/{public_id}/behov.pdf").status_code == 404
    assert planner.post(f"{own}/remove").status_code == 404
    with look() as session:
        verbs = [row.verb for row in session.query(AuditEntry).order_by(AuditEntry.number)]
        assert verbs == [
            "document.added",
            "document.replaced",
            "document.renamed",
            "document.added",
            "document.reordered",
            "document.removed",
        ]


@pytest.mark.parametrize(
    ("content", "filename", "sentence"),
    [
        (b"<html><script>alert(1)</script></html>", "a.pdf", "The content is not what"),
        (b"<svg onload='x()'/>", "a.svg", "This kind of file is not accepted"),
        (b"MZ\x90", "a.exe", "This kind of file is not accepted"),
        (b"", "a.pdf", "The file is empty"),
        (b"%PDF-1.7", "", "Choose a file"),
        ("Malmö".encode("latin-1"), "a.txt", "Save the text as UTF-8"),
    ],
)
def test_hostile_files_are_refused_with_a_sentence(
    planner, look, event_id, content, filename, sentence
):
    path = f"/manage/events/{event_id}/documents"
    page = upload(planner, path, content, filename, name_sv="Kvar i fältet")
    assert page.status_code == 422
    assert sentence in problems_of(page)[0]
    assert "Kvar i fältet" in page.text
    assert documents(look) == []


def test_a_path_in_the_name_is_cut(planner, look, event_id):
    path = f"/manage/events/{event_id}/documents"
    upload(planner, path, filename="..\\..\\etc/passwd.pdf", name_sv="x")
    with look() as session:
        [document] = session.query(Document)
        assert document.versions[0].filename == "passwd.pdf"


def test_a_file_over_the_limit_is_said(make_app, clock, sign_in, event_id, planner):
    app = make_app(UPLOAD_LIMIT_MB="1")
    client = app.test_client()
    client.set_cookie("staff", planner.client.get_cookie("staff").value)
    from tests.integration.staff import token_of

    path = f"/manage/events/{event_id}/documents"
    fields = {"new-csrf_token": token_of(client.get("/account/profile")), "new-name_sv": "Stor"}
    page = client.post(path, **multipart(fields, b"%PDF-" + b"x" * 1024 * 1024))
    assert page.status_code == 422
    assert problems_of(page) == ["The file is larger than 1 MB"]
    page = client.post(path, **multipart(fields, b"%PDF-" + b"x" * 3 * 1024 * 1024))
    assert page.status_code == 413


def multipart(fields, content):
    """A body made by hand: the test client leaves the temporary file of a large one open."""
    head = 'Content-Disposition: form-data; name="{}"'
    parts = [f"{head.format(name)}\r\n\r\n{value}".encode() for name, value in fields.items()]
    file = head.format("new-file") + '; filename="stor.pdf"\r\nContent-Type: application/pdf'
    parts.append(file.encode() + b"\r\n\r\n" + content)
    body = b"".join(b"--x\r\n" + part + b"\r\n" for part in parts) + b"--x--\r\n"
    return {"data": body, "content_type": "multipart/form-data; boundary=x"}


def test_a_name_is_needed(planner, event_id):
    page = upload(planner, f"/manage/events/{event_id}/documents", name_en="Only English")
    assert page.status_code == 422
    assert problems_of(page) == ["Write what the document is called"]
