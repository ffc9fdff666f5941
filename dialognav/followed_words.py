"""What somebody follows, in the language that is being spoken."""

from collections.abc import Sequence

from dialognav.cpv import division_name
from dialognav.i18n import gettext as _
from dialognav.regions import region_name
from dialognav.words import KINDS, PHASES


def followed_parts(
    *, organiser: str, kinds: Sequence[str], phases: Sequence[str], cpv: str, region: str
) -> list[str]:
    """['Region Tallvik', 'Seminarium', '33 Medicinteknik', ..]; one sentence for everything."""
    parts = [
        organiser,
        ", ".join(str(KINDS[kind]) for kind in kinds),
        ", ".join(str(PHASES[phase]) for phase in phases),
        cpv_words(cpv),
        region_name(region) if region else "",
    ]
    return [part for part in parts if part] or [_("All events of all organisers")]


def cpv_words(code: str) -> str:
    """'33 Medicinteknik'; a longer code with the name of its division."""
    name = division_name(code[:2])
    return f"{code} {name}".strip()
