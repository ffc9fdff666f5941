"""The editor of a mailing with its script: all beside the text follows; Word's lists are kept."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site

WORD = """<html><head><style>p.MsoNormal{margin:0}</style></head><body>
<p class=MsoNormal>Det är <b>viktigt <span style='mso-spacerun:yes'>&nbsp;</span></b>att läsa
<a href="https://plan.example/a_(b)">planen</a>.</p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='mso-list:Ignore'>·<span>&nbsp;&nbsp; </span></span><![endif]>Första <b>punkten</b></p>
<p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><!--[if !supportLists]--><span
style='mso-list:Ignore'>o<span>&nbsp;&nbsp; </span></span><!--[endif]-->Under den</p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><span
style='mso-list:Ignore'>1.<span>&nbsp; </span></span>Numrerad</p>
<ol start=3><li>Tre</li><li>Fyra<ul><li>inre</li></ul></li></ol>
<p>5 * 5<br>Elin</p><img src=x onerror="document.title='owned'">
<script>document.title='owned'</script>
</body></html>"""

MARKDOWN = """Det är **viktigt** att läsa [planen](https://plan.example/a_%28b%29).

- Första **punkten**
    - Under den
1. Numrerad
3. Tre
4. Fyra
    - inre

5 \\* 5
Elin"""

PASTE = """html => {
  const field = document.querySelector("[name=body_sv]"), data = new DataTransfer();
  field.focus();
  data.setData("text/html", html);
  data.setData("text/plain", "x");
  const kind = {clipboardData: data, bubbles: true, cancelable: true};
  field.dispatchEvent(new ClipboardEvent("paste", kind));
}"""


# Looks for somebody, and ticks something before the answer can be there.
QUICK = """() => {
  const find = document.querySelector("#find");
  find.value = "zzz";
  find.dispatchEvent(new Event("input", {bubbles: true}));
  document.querySelector("[name=is_urgent]").click();
}"""


@pytest.fixture
def editor(page: Page, site: Site) -> Page:
    page.context.add_cookies([site.staff_cookie("en")])
    page.goto(site.address + site.path("/manage/events/{open_id}/messages/new"))
    return page


def test_who_gets_it_and_how_it_looks_follow_while_one_writes(editor: Page) -> None:
    expect(editor.locator("#reach-h")).to_have_text("Nobody gets it yet")
    editor.check("input[name=states][value=confirmed]")
    expect(editor.locator("#reach-h")).to_contain_text("people get it")
    assert editor.evaluate("document.activeElement.name") == "states"
    expect(editor.locator("p[role=status].vh")).to_contain_text("people get it")
    editor.fill("[name=body_sv]", "Hej {namn}!")
    first = editor.locator("#as option").first.inner_text().split(",")[0]
    expect(editor.locator(".mailprev .sheet")).to_have_text(f"Hej {first}!")
    editor.click("button[data-next]")
    second = editor.locator("#as option").nth(1).inner_text().split(",")[0]
    expect(editor.locator(".mailprev .sheet")).to_have_text(f"Hej {second}!")
    editor.reload()  # what was written is kept in the tab, and counts at once
    expect(editor.locator("#reach-h")).to_contain_text("people get it")
    editor.check("input[name=who][value=people]")
    editor.wait_for_selector("#find")
    editor.evaluate(QUICK)
    expect(editor.get_by_text("Nobody fits.")).to_be_visible()
    assert editor.input_value("#find") == "zzz"
    editor.check("input[name=who][value=some]")
    expect(editor.locator("input[type=checkbox][value=confirmed]")).to_be_checked()


def test_pasted_from_word_and_own_words_by_a_click(editor: Page) -> None:
    editor.evaluate(PASTE, WORD)
    assert editor.input_value("[name=body_sv]") == MARKDOWN
    assert "owned" not in editor.title()
    editor.click("#own-words summary")
    editor.click("[data-insert='{name}']")
    assert editor.input_value("[name=body_sv]") == MARKDOWN + "{name}"
    editor.keyboard.press("Control+z")
    assert editor.input_value("[name=body_sv]") == MARKDOWN
