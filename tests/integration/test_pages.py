"""Statements that name who answers, and the choice of light or dark."""

import pytest
from flask.testing import FlaskClient

from tests.factories import make_organisation
from tests.fixtures import Work


def page_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_only_organisation_is_named(client: FlaskClient, work: Work) -> None:
    with work() as session:
        make_organisation(session, identifier="232199-0018", privacy_text={"sv": "**Mer** här."})
    privacy = page_of(client, "/sv/privacy")
    for words in (
        "Region Tallvik är personuppgiftsansvarig",
        "232199-0018",
        "dataskydd@tallvik.example",
        "artikel 6.1 e",
        "Allmän handling",
        "imy.se",
        "efter 6 månader",
        "<strong>Mer</strong> här.",
    ):
        assert words in privacy
    access = page_of(client, "/sv/accessibility")
    for words in ("(2018:1937)", "mailto:tillganglighet@tallvik.example?subject=", "Digg"):
        assert words in access


def test_of_several_one_is_chosen(client: FlaskClient, work: Work) -> None:
    with work() as session:
        make_organisation(session, slug="ett", name={"sv": "Ettan"})
        make_organisation(session, slug="tva", name={"sv": "Tvåan"}, country="NO")
    start = page_of(client, "/sv/privacy")
    assert 'href="/sv/privacy?organisation=ett"' in start
    assert "Välj arrangör" in start
    assert "Ettan är personuppgiftsansvarig" in page_of(client, "/sv/privacy?organisation=ett")
    norwegian = page_of(client, "/nb/privacy?organisation=tva")
    assert "Datatilsynet" in norwegian
    assert "offentleglova" in norwegian
    assert "uutilsynet.no" in page_of(client, "/nb/accessibility?organisation=tva")
    assert client.get("/sv/privacy?organisation=tre").status_code == 404
    assert client.get("/sv/privacy?organisation=%00").status_code == 404


def test_an_association_is_no_authority(client: FlaskClient, work: Work) -> None:
    with work() as session:
        make_organisation(session, kind="association")
    assert "Allmän handling" not in page_of(client, "/sv/privacy")


def test_without_any_organisation_the_pages_still_answer(client: FlaskClient) -> None:
    assert "Accessibility statement" in page_of(client, "/en/accessibility")
    english = page_of(client, "/en/privacy")
    assert "How we use personal data" in english
    assert "You may object (article 21)" in english  # to news that nobody has asked for


@pytest.mark.parametrize("lang", ["sv", "en", "nb"])
def test_no_sentence_is_left_untranslated(client: FlaskClient, work: Work, lang: str) -> None:
    with work() as session:
        make_organisation(session)
    texts = {code: page_of(client, f"/{code}/privacy") for code in ("sv", "en", "nb")}
    others = [text for code, text in texts.items() if code != lang]
    paragraphs = [
        line for line in texts[lang].split("\n") if line.startswith("<p>") and " " in line
    ]
    shared = [line for line in paragraphs if any(line in other for other in others)]
    assert all("allvik" in line for line in shared), shared


def test_the_theme_is_kept_in_a_cookie(client: FlaskClient) -> None:
    answer = client.post("/theme", data={"theme": "dark", "next": "/sv/?kind=seminar"})
    assert (answer.status_code, answer.location) == (303, "/sv/?kind=seminar")
    cookie = answer.headers["Set-Cookie"]
    for part in ("theme=dark", "Max-Age=31536000", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert 'data-theme="dark"' in page_of(client, "/sv/")
    client.post("/theme", data={"theme": "auto", "next": "/"})
    assert "data-theme" not in page_of(client, "/sv/")


def test_the_form_leads_back_to_the_page_it_stands_on(client: FlaskClient) -> None:
    page = page_of(client, "/sv/past?kind=seminar&junk=1")
    assert '<input type="hidden" name="next" value="/sv/past?kind=seminar">' in page


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/x\r\nSet-Cookie: a=b",
        "evil",
        "",
    ],
)
def test_it_never_leads_elsewhere(client: FlaskClient, path: str) -> None:
    answer = client.post("/theme", data={"theme": "light", "next": path})
    assert (answer.status_code, answer.location) == (303, "/")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Origin": "http://localhost"}, 303),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "https://evil.example"}, 400),
        ({"Origin": "null"}, 400),
        ({"Sec-Fetch-Site": "cross-site"}, 400),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"}, 400),
    ],
)
def test_only_our_own_form_may_choose(
    client: FlaskClient, headers: dict[str, str], status: int
) -> None:
    answer = client.post("/theme", data={"theme": "dark", "next": "/"}, headers=headers)
    assert answer.status_code == status


def test_an_unknown_theme_is_refused_and_reading_chooses_nothing(client: FlaskClient) -> None:
    assert client.post("/theme", data={"theme": "x;y"}).status_code == 400
    assert client.get("/theme?theme=dark").status_code == 405


def test_a_form_without_files_may_not_send_megabytes(client):
    answer = client.post("/sv/my", data={"email": "x" * (2 * 1024 * 1024)})
    assert answer.status_code == 413
    assert "text/html" in answer.content_type
