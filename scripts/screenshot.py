"""`python -m scripts.screenshot [address]`: the README's picture, of a running demo."""

import shutil
import sys

from playwright.sync_api import sync_playwright

from scripts.prepare import ROOT

PAGE = "/en/events/tryggare-natter-i-hemtjansten"
PICTURE = ROOT / "docs" / "event.png"


def main(address: str) -> None:
    PICTURE.parent.mkdir(exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.goto(address + PAGE)
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000")
