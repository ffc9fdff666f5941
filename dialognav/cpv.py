"""The divisions of the common procurement vocabulary (Regulation (EC) 213/2008), in short words."""

from typing import Any

from dialognav.i18n import lazy as _

_DIVISIONS: dict[str, Any] = {
    "03": _("Agriculture, forestry and fishing"),
    "09": _("Energy and fuels"),
    "14": _("Mining and basic metals"),
    "15": _("Food and beverages"),
    "16": _("Agricultural machinery"),
    "18": _("Clothing and footwear"),
    "19": _("Textiles, leather and plastics"),
    "22": _("Printed matter"),
    "24": _("Chemicals"),
    "30": _("Office and computing machinery"),
    "31": _("Electrical equipment and lighting"),
    "32": _("Radio, television and telecommunications"),
    "33": _("Medical equipment and pharmaceuticals"),
    "34": _("Vehicles and transport equipment"),
    "35": _("Security, fire, police and defence"),
    "37": _("Musical instruments, sport and games"),
    "38": _("Laboratory and precision equipment"),
    "39": _("Furniture and furnishings"),
    "41": _("Water"),
    "42": _("Industrial machinery"),
    "43": _("Mining and construction machinery"),
    "44": _("Building materials"),
    "45": _("Construction work"),
    "48": _("Software"),
    "50": _("Repair and maintenance"),
    "51": _("Installation services"),
    "55": _("Hotel, restaurant and catering"),
    "60": _("Transport services"),
    "63": _("Transport support and travel"),
    "64": _("Post and telecommunications services"),
    "65": _("Public utilities"),
    "66": _("Finance and insurance"),
    "70": _("Real estate"),
    "71": _("Architecture and engineering"),
    "72": _("IT services"),
    "73": _("Research and development"),
    "75": _("Public administration"),
    "76": _("Oil and gas services"),
    "77": _("Agricultural and garden services"),
    "79": _("Business services"),
    "80": _("Education and training"),
    "85": _("Health and social services"),
    "90": _("Waste, cleaning and environment"),
    "92": _("Culture, sport and recreation"),
    "98": _("Other services"),
}


def divisions() -> tuple[str, ...]:
    """Their codes, two digits each."""
    return tuple(_DIVISIONS)


def division_name(code: str) -> str:
    """The name of a division ("33"), or "" for a longer code or one that does not exist."""
    return str(_DIVISIONS.get(code, ""))
