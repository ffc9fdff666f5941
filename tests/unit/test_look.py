"""Parts of pages: icons, the error summary, form controls; and what no template may hold."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from jinja2 import StrictUndefined
from werkzeug.datastructures import MultiDict
from wtforms import (
    DateField,
    FieldList,
    Form,
    FormField,
    RadioField,
    StringField,
    TimeField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from blueprints.icons import FONT, ICONS, icon, init_look, sprite
from blueprints.problems import problem_list
from dialognav import i18n, words

ROOT = Path(__file__).parents[2]
PAGES = [path for path in (ROOT / "templates").rglob("*.html") if "mail" not in path.parts]


class Person(Form):
    name = StringField("Name", [InputRequired("Write the name")])
    mode = RadioField(
        "Takes part",
        choices=[SelectChoice("on_site", "On site")],
        validators=[InputRequired("Choose")],
    )


class Registration(Form):
    organisation = StringField(
        "Organisation", [InputRequired("Write the organisation")], description="As registered"
    )
    phone = StringField("Phone")
    people = FieldList(FormField(Person), min_entries=2)
    date = DateField("Date")
    time = TimeField("Time")

    def validate_phone(self, field: StringField) -> None:
        if field.data == "0":
            raise ValidationError("Write a phone number")


@pytest.fixture
def look():
    """Render a piece of template with the product's macros, without the rest of the app."""
    app = Flask("look", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals.update(
        _=i18n.gettext,
        ngettext=i18n.ngettext,
        kind_name=words.kind_name,
        phase_name=words.phase_name,
    )
    init_look(app)

    def render(template: str, **context: object) -> str:
        with app.test_request_context(), i18n.speaking("en"):
            return render_template_string(template, **context)

    return render


def filled(**values: str) -> Registration:
    form = Registration(MultiDict(values))
    form.validate()
    return form


def test_the_sprite_holds_each_used_icon_once_and_nothing_else():
    body = icon("cal") + icon("cal") + icon("k-seminar") + '<a href="#i-no-such-icon">'
    assert re.findall(r'symbol id="i-([\w-]+)"', sprite(body)) == ["cal", "k-seminar"]


def test_a_page_without_icons_carries_no_sprite():
    assert sprite("<p>words</p>") == ""


def test_an_unknown_icon_stops_the_page_instead_of_leaving_a_hole():
    with pytest.raises(KeyError, match="sparkle"):
        icon("sparkle")


@pytest.mark.parametrize("kind", words.KINDS)
def test_every_event_kind_has_its_own_icon(kind):
    assert f"k-{kind}" in ICONS


def test_the_summary_lists_nested_problems_in_page_order():
    assert [problem.text for problem in problem_list(filled(phone="0"))] == [
        "Write the organisation",
        "Write a phone number",
        "Write the name",
        "Choose",
        "Write the name",
        "Choose",
    ]


def test_the_summary_leads_to_controls_that_take_focus(look):
    """A group of choices has no id of its own: the link goes to its first choice."""
    form = filled()
    page = look(
        '{% from "_macros/forms.html" import field, radios %}{{ field(form.organisation) }}'
        "{% for p in form.people %}{{ field(p.form.name) }}{{ radios(p.form.mode) }}{% endfor %}",
        form=form,
    )
    controls = set(re.findall(r'<input[^>]* id="([^"]+)"', page))
    assert {problem.target for problem in problem_list(form)} <= controls


def test_a_field_says_its_hint_and_error_to_a_screen_reader(look):
    page = look(
        '{% from "_macros/forms.html" import field %}{{ field(form.organisation) }}', form=filled()
    )
    described = re.search(r'aria-describedby="([^"]+)"', page)
    assert described is not None
    assert described[1].split() == ["organisation-h", "organisation-e"]
    assert 'aria-invalid="true"' in page
    assert page.index("<label") < page.index('class="hint"') < page.index('class="err"')
    assert page.index('class="err"') < page.index("<input")


def test_what_need_not_be_answered_is_marked_and_nothing_else(look):
    page = look(
        '{% from "_macros/forms.html" import field %}'
        "{{ field(form.organisation) }}|{{ field(form.phone) }}",
        form=Registration(),
    )
    required, optional = page.split("|")
    assert "optional" not in required
    assert "(optional)" in optional


def test_typed_text_never_becomes_markup(look):
    page = look(
        '{% from "_macros/forms.html" import field, problems %}{{ field(form.organisation) }}'
        '{% from "_macros/events.html" import row, stub %}'
        '{% call row("/x", text, text, stub("2027-02-10", "ons", "10", "feb"), "seminar",'
        ' place=text, format="online") %}{{ text }}{% endcall %}',
        form=filled(organisation="<script>x</script>\"'"),
        text="<img src=x onerror=alert(1)>",
    )
    assert "<script" not in page
    assert "<img" not in page


def test_the_title_says_that_the_form_came_back(look):
    template = '{% from "_macros/forms.html" import title_error %}{{ title_error(form) }}Register'
    assert look(template, form=filled()) == "Error: Register"
    assert look(template, form=Registration()) == "Register"


@pytest.mark.parametrize(
    ("left", "total", "width"),
    [(85, 85, 0), (0, 85, 100), (23, 85, 73), (0, 0, 100), (-1, 10, 100)],
)
def test_the_bar_shows_what_is_taken_and_never_overflows(look, left, total, width):
    page = look(
        '{% from "_macros/events.html" import meter %}{{ meter(left, total) }}',
        left=left,
        total=total,
    )
    assert f'<rect width="{width}"' in page


def test_a_translation_is_open_only_when_it_needs_somebody(look):
    class Texts(Form):
        sv = StringField("sv")
        en = StringField("en")
        nb = StringField("nb")

    texts = Texts(MultiDict({"sv": "Behovet", "en": "The need"}))
    page = look(
        '{% from "_macros/forms.html" import translated %}'
        '{{ translated(texts, "The need", stale=["en"]) }}',
        texts=[("sv", "Svenska", texts.sv), ("en", "English", texts.en), ("nb", "Norsk", texts.nb)],
    )
    assert page.count("<details") == 2
    assert page.count('<details class="tongue" open') == 1
    assert "The original has changed" in page
    assert "Missing" in page


class Tags(HTMLParser):
    """Collects what the content security policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        bad = {name for name in names if name == "style" or name.startswith("on")}
        if bad or tag == "style" or (tag == "script" and not names & {"src", "type"}):
            self.refused.append(f"<{tag} {' '.join(sorted(bad))}>")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_page_holds_inline_style_or_script(path):
    tags = Tags()
    tags.feed(re.sub(r"{%.*?%}|{#.*?#}|{{.*?}}", "", path.read_text("utf-8"), flags=re.DOTALL))
    assert tags.refused == []


def test_the_preloaded_typeface_is_the_one_the_style_sheet_asks_for():
    """Another address would load it twice."""
    layouts = [
        (ROOT / "templates" / name).read_text() for name in ("layout.html", "manage/layout.html")
    ]
    asked = re.search(r"url\(\.\./(fonts/[^)]+)\)", (ROOT / "static/css/core.css").read_text())
    assert asked is not None
    assert asked[1] == f"{FONT}?v=1"
    assert all("filename=FONT) }}?v=1" in layout for layout in layouts)
