"""The floor: what a bare Flask page costs, against which ours are measured.

One SELECT of 20 rows through Flask-SQLAlchemy from a SQLite file, and about 10 kB of Jinja.
"""

import os
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask, render_template
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class FloorEvent(Base):
    __tablename__ = "event"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    place: Mapped[str]
    text: Mapped[str]
    starts: Mapped[datetime]
    free: Mapped[int]


def create_app() -> Flask:
    """The floor on the SQLite file named by FLOOR_DATABASE, which is filled when it is empty."""
    app = Flask(__name__, template_folder=".")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + os.environ["FLOOR_DATABASE"]
    db = SQLAlchemy(app, model_class=Base)

    @app.get("/")
    def page() -> str:
        first = sa.select(FloorEvent).order_by(FloorEvent.starts).limit(20)
        return render_template("floor.html", events=db.session.scalars(first).all())

    return app


def fill(path: str) -> None:
    """Make the file and its 20 rows."""
    engine = sa.create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    rows = [
        {
            "title": f"Dialogue meeting {n}",
            "place": "Town hall, room 2",
            "text": "Lorem ipsum dolor sit amet, " * 8,
            "starts": datetime(2027, 3, 1, 9) + timedelta(days=n),  # noqa: DTZ001 (a bare app)
            "free": 50 - n,
        }
        for n in range(20)
    ]
    with engine.begin() as connection:
        connection.execute(sa.insert(FloorEvent), rows)
    engine.dispose()
