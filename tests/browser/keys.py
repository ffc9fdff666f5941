"""A reader without a mouse: Tab, Enter, Space and the arrows; sees where the focus is, or fails."""

from playwright.sync_api import Locator, Page

# Where the focus is after a Tab. A ring may be drawn round the control's label, or the whole row
# that a link stands for; "" is the browser's own, between the last element and the first.
_LOOK = """(wanted) => {
  const e = document.activeElement;
  if (!e || e === document.body) return {there: false, what: "", fault: ""};
  const ringed = (style) => style.boxShadow !== "none"
    || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
  const near = [e, e.closest("label"), e.parentElement, e.closest(".row")].filter(Boolean);
  const seen = near.some((one) =>
    ringed(getComputedStyle(one)) || ringed(getComputedStyle(one, "::after")));
  let fault = seen ? "" : "no ring";
  const box = e.getBoundingClientRect();
  if (box.width > 1 && box.height > 1) {
    const y = Math.min(box.top + box.height / 2, box.top + 20);
    const top = document.elementFromPoint(box.left + box.width / 2, y);
    const bar = top && top.closest(".stickybar, .savebar");
    if (!top) fault = "outside the window";
    else if (bar && !bar.contains(e)) fault = "the sticky bar lies over it";
  }
  return {there: e === wanted, what: e.outerHTML.slice(0, 120), fault};
}"""


class Keys:
    """`to(..)` goes on with Tab from wherever the focus is, round the page at the most once."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, wanted: Locator, limit: int = 200) -> None:
        handle = wanted.element_handle()
        for _ in range(limit):
            self.page.keyboard.press("Tab")
            seen = self.page.evaluate(_LOOK, handle)
            assert not seen["fault"], f"{seen['what']}: {seen['fault']}"
            if seen["there"]:
                return
        raise AssertionError(f"Tab never reaches {wanted}")

    def enter(self, wanted: Locator) -> None:
        self.to(wanted)
        self.page.keyboard.press("Enter")

    def type(self, wanted: Locator, text: str) -> None:
        self.to(wanted)
        self.page.keyboard.type(text)
