"""The organisations of an installation, as visitors may ask about them."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dialognav.models import Organisation


def version_of_all(session: Session) -> tuple[int, ...]:
    """A version of all organisations' settings in one light statement."""
    columns = (
        sa.func.count(Organisation.id),
        sa.func.sum(Organisation.id),
        sa.func.sum(Organisation.version),
    )
    return tuple(int(number or 0) for number in session.execute(sa.select(*columns)).one())


def everyone(session: Session) -> list[Organisation]:
    return list(session.scalars(sa.select(Organisation).order_by(Organisation.slug)))
