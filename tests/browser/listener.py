"""A reader who sees nothing: the keyboard, and what Chromium's accessibility tree says."""

from typing import Any

from playwright.sync_api import Page

_UNHEARD = ("none", "generic", "InlineTextBox")


class Listener:
    """Each thing heard is "role: name", as "radio: Wednesday .., Table A: Free"."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.tree = page.context.new_cdp_session(page)
        self.tree.send("Accessibility.enable")

    def here(self) -> str:
        """What has the focus, with what it is described by and whether it is ticked."""
        node = self._node()
        states = {each["name"]: each["value"].get("value") for each in node.get("properties", ())}
        ticked = {"true": ", checked", True: ", checked"}.get(states.get("checked"), "")
        return f"{_value(node, 'role')}: {_value(node, 'name')}{ticked}"

    def _node(self) -> dict[str, Any]:
        found = self.tree.send("Runtime.evaluate", {"expression": "document.activeElement"})
        asked = {"objectId": found["result"]["objectId"], "fetchRelatives": False}
        nodes = self.tree.send("Accessibility.getPartialAXTree", asked)["nodes"]
        return nodes[0] if nodes else {}

    def heard(self, role: str = "") -> list[str]:
        """The names of all that is there, in order, or of those with a role; a heading that hides
        nothing of itself, a status with its whole text."""
        nodes = self.tree.send("Accessibility.getFullAXTree")["nodes"]
        by_id = {node["nodeId"]: node for node in nodes}
        kept = [node for node in nodes if not node.get("ignored")]
        if role:
            kept = [node for node in kept if _value(node, "role") == role]
            return [_value(node, "name") or _text(node, by_id) for node in kept]
        return [_value(node, "name") for node in kept if _value(node, "role") not in _UNHEARD]

    def tab_to(self, wanted: str, *, back: bool = False, limit: int = 120) -> None:
        """Goes on with Tab until what has the focus begins like that."""
        passed = []
        for _ in range(limit):
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            passed.append(self.here())
            if passed[-1].startswith(wanted):
                return
        raise AssertionError(f"Tab never reaches {wanted}: {passed[-30:]}")

    def enter(self, wanted: str) -> None:
        """Follows a link or presses a button, and waits for the page that answers."""
        self.tab_to(wanted)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def press(self, key: str) -> str:
        self.page.keyboard.press(key)
        return self.here()


def _value(node: dict[str, Any], what: str) -> str:
    return str(node.get(what, {}).get("value", ""))


def _text(node: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> str:
    if _value(node, "role") == "StaticText":
        return _value(node, "name")
    inside = (by_id[each] for each in node.get("childIds", ()) if each in by_id)
    return " ".join(filter(None, (_text(each, by_id) for each in inside))).strip()
