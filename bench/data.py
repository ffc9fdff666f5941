"""Fifty coming events, the first as full as a real one, written through the app's own models."""

from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy.orm import Session

from dialognav.db import unit_of_work
from dialognav.domain.terms import (
    EventState,
    FieldKind,
    FieldScope,
    Format,
    Mode,
    PartyKind,
    Phase,
    Promotion,
    Seat,
)
from dialognav.models import (
    Attendance,
    Document,
    DocumentVersion,
    Event,
    FormField,
    MarketQuestion,
    Milestone,
    Occasion,
    Organisation,
    Participant,
    ProgrammeItem,
    Registration,
    Speaker,
)

EVENTS = 50
FULL_EVENT = "egenmonitorering-1"
PARTIES = 40
_NEED = """\
I dag åker en sjuksköterska ut för att mäta blodtryck, vikt och syresättning hos patienter som ofta
mår bra. Samtidigt upptäcks försämring för sent hos dem som inte har ett besök inbokat. Vi vill
vända på det: **patienten mäter hemma, teamet ser avvikelsen samma dag**.

Vi vet inte om det bäst köps som utrustning, som en tjänst eller som något däremellan. Vi har inte
bestämt teknik. Det här är vad vi vet:

* Omkring 4 200 patienter, varav en tredjedel saknar fast bredband.
* Fyra diagnosgrupper i första steget: hjärtsvikt, KOL, diabetes typ 2 och högt blodtryck.
* Mätvärden ska nå journalen utan att någon skriver av dem.
* Nuvarande avtal går ut 30 juni 2028.
"""
_PROGRAMME = [
    (0, 15, "Välkomna och så gör vi i dag", "Elin Exempel"),
    (15, 60, "En dag i hemsjukvården", "Petra Exempel"),
    (60, 100, "Journal, integration och säkerhet", "Amir Exempel"),
    (100, 120, "Kaffe", ""),
    (120, 180, "Affären: utrustning, tjänst eller utfall?", "Amina Exempel"),
    (180, 240, "Lunch ingår på plats", ""),
    (240, 345, "Bordssamtal i tre grupper", "Elin Exempel"),
    (345, 390, "Det här hörde vi", "Petra Exempel"),
]
_QUESTIONS = [
    ("Vad bör patienten ha hemma, och vad kan vänta?", "Tänk på dem som inte har bredband."),
    ("Hur har ni fått in mätvärden i journalen hos andra?", "Vilka standarder fungerade?"),
    ("Vilken betalningsmodell ger skäl att minska larmen?", "Per patient eller per utfall."),
    ("Vilket krav brukar fördyra utan att ge nytta?", "Var gärna konkreta."),
]
_WAYS = ("Nyhetsbrev", "En kollega", "Annons")
_MILESTONES = [
    (Phase.PRE_STUDY, "Februari", "Marknadsdialog"),
    (Phase.PRE_STUDY, "Mars", "Sammanställning publiceras"),
    (Phase.PROCUREMENT, "Maj", "Kravutkast på remiss"),
    (Phase.PROCUREMENT, "September", "Annons i TED"),
    (Phase.CONTRACT_MANAGEMENT, "Juli", "Avtalet börjar gälla"),
]


def fill(app: Flask) -> None:
    """Write the events into an empty, migrated database."""
    now = datetime.now(UTC)
    with app.app_context(), unit_of_work() as session:
        organisation = Organisation(
            slug="region-tallvik",
            name={"sv": "Region Tallvik", "en": "Region Tallvik"},
            email="upphandling@tallvik.example",
            phone="0900-10 00 00",
            created_at=now,
        )
        session.add(organisation)
        for n in range(1, EVENTS + 1):
            add_event(session, organisation, n, now)
        session.flush()
        add_participants(session, FULL_EVENT, now)


def add_event(session: Session, organisation: Organisation, n: int, now: datetime) -> None:
    first_day = now.replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=20)
    starts_at = first_day + timedelta(days=n * 2)
    ends_at = starts_at + timedelta(minutes=390)
    event = Event(
        organisation=organisation,
        slug=f"egenmonitorering-{n}",
        state=EventState.PUBLISHED,
        phase=Phase.PRE_STUDY,
        format=Format.HYBRID,
        title={"sv": f"Egenmonitorering i hemmet, del {n}", "en": f"Monitoring at home, part {n}"},
        summary={
            "sv": "4 200 patienter i hemsjukvården mäter snart sina värden själva. Innan vi skriver"
            " några krav vill vi höra vad som går att göra och vad vi bör undvika."
        },
        need={"sv": _NEED},
        effect={"sv": "Färre sjukhusbesök och ett lugnare liv hemma."},
        accessibility_note={"sv": "Hörslinga och hiss. Skriv om ni behöver tolk."},
        language_note={"sv": "Svenska, textat på svenska och engelska"},
        search_text=f"egenmonitorering i hemmet, del {n} monitoring at home",
        diary_number=f"RT 2026/{n:05}",
        cpv=["33195000 Patientövervakning", "48180000 Medicinsk programvara"],
        region="SE232",
        starts_at=starts_at,
        ends_at=ends_at,
        registration_closes_at=starts_at - timedelta(days=7),
        contact_name="Elin Exempel",
        contact_title="Kategoriansvarig medicinteknik",
        contact_email="elin@tallvik.example",
        contact_phone="0900-10 00 01",
        contact_hours={"sv": "vardagar 9–12"},
        published_at=now,
        changed_at=now,
        created_at=now,
        occasions=[
            Occasion(
                starts_at=starts_at,
                ends_at=ends_at,
                venue={"sv": "Sal Unden, Tallviks folkets hus"},
                address="Järnvägsgatan 3, Tallvik",
                directions={"sv": "Fem minuters gång från stationen."},
                online_url="https://moten.tallvik.example/1",
                online_service="Teams",
            )
        ],
    )
    session.add(event)
    if event.slug == FULL_EVENT:
        add_content(session, event, starts_at, now)
        add_rules(session, event)


def add_rules(session: Session, event: Event) -> None:
    """All that a sign-up can be held to: places, a limit, a queue that is offered, questions."""
    event.limit_per_party = 3
    event.promotion = Promotion.OFFER
    event.serves_food = event.has_fields = True
    for occasion in event.occasions:
        occasion.capacity_on_site = occasion.capacity_online = 100_000
    session.flush()
    ways = [{"key": f"a{n}", "text": {"sv": way}} for n, way in enumerate(_WAYS)]
    for n, (kind, scope, label, options) in enumerate(
        (
            (FieldKind.TEXT, FieldScope.REGISTRATION, "Vilket område arbetar ni med?", []),
            (FieldKind.CHOICE, FieldScope.REGISTRATION, "Hur har ni fått veta det?", ways),
            (FieldKind.YES_NO, FieldScope.PERSON, "Kommer du till lunchen?", []),
            (FieldKind.TEXT, FieldScope.PERSON, "Vad vill du helst tala om?", []),
        )
    ):
        field = FormField(
            organisation_id=event.organisation_id,
            event_id=event.id,
            position=n,
            kind=kind,
            scope=scope,
            label={"sv": label},
            help={"sv": "Det hjälper oss att förbereda dagen."},
            options=options,
            required=True,
        )
        session.add(field)


def add_content(session: Session, event: Event, starts_at: datetime, now: datetime) -> None:
    for n, (begins, ends, title, speaker) in enumerate(_PROGRAMME):
        item = ProgrammeItem(
            position=n,
            starts_at=starts_at + timedelta(minutes=begins),
            ends_at=starts_at + timedelta(minutes=ends),
            title={"sv": title},
            is_break=not speaker,
        )
        if speaker:
            item.speakers = [Speaker(position=0, name=speaker, title="verksamhetschef")]
        event.programme.append(item)
    for n, (text, more) in enumerate(_QUESTIONS):
        event.questions.append(MarketQuestion(position=n, text={"sv": text}, help={"sv": more}))
    for n, (phase, when, text) in enumerate(_MILESTONES):
        step = Milestone(position=n, phase=phase, when={"sv": when}, text={"sv": text})
        event.milestones.append(step)
    for n, name in enumerate(("Behovsbeskrivning", "Nulägeskarta", "Svarsmall")):
        version = DocumentVersion(
            number=1,
            filename=f"{name}.pdf",
            media_type="application/pdf",
            size=180_000,
            sha256="0" * 64,
            content=b"%PDF-1.7\n",
            created_at=now,
        )
        session.add(Document(event=event, position=n, name={"sv": name}, versions=[version]))


def add_participants(session: Session, slug: str, now: datetime) -> None:
    event = session.query(Event).filter_by(slug=slug).one()
    for n in range(PARTIES):
        registration = Registration(
            event=event,
            party_name=f"Exempelbolaget {n} AB",
            party_kind=PartyKind.COMPANY,
            party_key=f"exempelbolaget {n} ab",
            contact_name="Nils Kontakt",
            contact_email=f"nils{n}@leverantor.example",
            language="sv",
            created_at=now,
        )
        person = Participant(
            registration=registration,
            position=0,
            name="Nils Kontakt",
            email=f"nils{n}@leverantor.example",
            created_at=now,
        )
        seat = Attendance(
            participant=person,
            occasion=event.occasions[0],
            mode=Mode.ON_SITE,
            state=Seat.CONFIRMED,
            created_at=now,
            state_at=now,
        )
        session.add_all([registration, person, seat])
