"""Somebody looks at a registration before it holds a place: approve, decline, look again."""

from collections.abc import Sequence
from datetime import datetime

from dialognav.domain.terms import Review
from dialognav.models import Registration


def begin_review(registration: Registration, reasons: Sequence[str], *, now: datetime) -> None:
    """Put a new registration in line to be looked at; without a reason, nobody has to."""
    if reasons:
        registration.review = Review.PENDING
        registration.review_reasons = list(reasons)
        registration.review_since = now
