# ruff: noqa: E501 (rows of files as they are)
"""Reports of Teams and Zoom in the shapes in which they are met; names and addresses invented."""

import pytest

from dialognav.domain.presence_reports import (
    Attended,
    Expected,
    ReportRefused,
    fold_person,
    match_people,
    read_report,
    seconds_of,
)
from dialognav.domain.tables import TableRefused

TEAMS = """1. Summary
Meeting title\tMarknadsdialog
Attended participants\t2
Start time\t2/10/27, 9:00:01 AM
Meeting duration\t1h 13m 42s

2. Participants
Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole
Åsa Ek\t2/10/27, 9:00:12 AM\t2/10/27, 10:13:20 AM\t1h 13m 8s\tAsa.Ek@Nordsensor.example\tae@nordsensor.example\tPresenter
Bo "Bosse" Öst (Guest)\t2/10/27, 9:05:00 AM\t2/10/27, 10:00:00 AM\t55m\t\t\tAttendee

3. In-Meeting Activities
Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole
Åsa Ek\t2/10/27, 9:00:12 AM\t2/10/27, 10:13:20 AM\t1h 13m 8s\tAsa.Ek@Nordsensor.example\tPresenter
"""
SWEDISH = """1. Sammanfattning
Mötesrubrik\tMarknadsdialog

2. Deltagare
Namn\tFörst ansluten\tSenast lämnad\tVaraktighet i mötet\tE-post\tDeltagar-ID (UPN)\tRoll
Åsa Ek\t2027-02-10 09:00:12\t2027-02-10 10:13:20\t1 tim 13 min 8 s\tasa.ek@nordsensor.example\t\tPresentatör

3. Aktiviteter under mötet
Namn\tAnslutningstid\tTid när deltagaren lämnade\tVaraktighet\tE-post\tRoll
Åsa Ek\t2027-02-10 09:00:12\t2027-02-10 10:13:20\t1 tim 13 min 8 s\tasa.ek@nordsensor.example\tPresentatör
"""
NORWEGIAN = """1. Sammendrag
Møtetittel\tDialog

2. Deltakere
Navn\tBle først med\tForlot sist\tVarighet i møtet\tE-postadresse\tDeltaker-ID (UPN)\tRolle
Tor Arne Hansen\t10.02.2027, 09:00:12\t10.02.2027, 10:13:20\t1 t 13 m 8 s\ttor@fjordvakt.example\t\tDeltaker
"""
UNKNOWN_LANGUAGE = """1. Yhteenveto
Kokouksen otsikko\tDialogi

2. Osallistujat
Nimi\tLiittyi\tPoistui\tKesto\tSähköposti\tTunnus\tRooli
Aino Virtanen\t10.2.2027 9.00\t10.2.2027 10.00\t1 h 0 min\taino@yritys.example\t\tOsallistuja
"""
TEAMS_2021 = """Meeting Summary
Total Number of Participants\t1
Meeting Title\tMarknadsdialog

Full Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole\tParticipant ID (UPN)
Åsa Ek\t2/10/2027, 9:00:12 AM\t2/10/2027, 9:30:12 AM\t30m\tasa.ek@nordsensor.example\tPresenter\t
Åsa Ek\t2/10/2027, 9:40:12 AM\t2/10/2027, 10:00:12 AM\t20m\tasa.ek@nordsensor.example\tPresenter\t
"""
TEAMS_2020 = """Full Name\tUser Action\tTimestamp
Åsa Ek\tJoined\t2/10/2027, 9:00:12 AM
Bo Öst\tJoined before\t2/10/2027, 9:00:12 AM
Åsa Ek\tLeft\t2/10/2027, 9:30:12 AM
"""
ZOOM = """Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants,
812 3456 7890,"Dialog, dag 1",02/10/2027 08:55:00 AM,02/10/2027 10:00:00 AM,host@region.example,65,2,

Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent
"Ek, Åsa",asa.ek@nordsensor.example,02/10/2027 09:00:00 AM,02/10/2027 09:20:00 AM,20,No,Y
"Ek, Åsa",asa.ek@nordsensor.example,02/10/2027 09:25:00 AM,02/10/2027 10:00:00 AM,35,No,Y
iPad (Bo Öst),,02/10/2027 09:00:00 AM,02/10/2027 10:00:00 AM,60,Yes,
"""
ZOOM_UNIQUE = """Name (original name),Email,Total duration (minutes),Guest
Åsa Ek,asa.ek@nordsensor.example,121,No
"""
ZOOM_WEBINAR = """Attended,User Name (Original Name),Email,Time in Session (minutes)
Yes,Åsa Ek,asa.ek@nordsensor.example,50
No,Bo Öst,bo@tallrot.example,--
"""
ASA = Attended("Åsa Ek", "asa.ek@nordsensor.example", 73)


def utf16(text: str) -> bytes:
    """As Teams writes it."""
    return b"\xff\xfe" + text.replace("\n", "\r\n").encode("utf-16-le")


def people(text: str) -> list[tuple[str, str, int]]:
    return [(one.name, one.email, one.minutes) for one in read_report(text.encode())]


def test_teams_with_sections() -> None:
    assert read_report(utf16(TEAMS)) == [ASA, Attended('Bo "Bosse" Öst (Guest)', "", 55)]


@pytest.mark.parametrize(
    "encode", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_any_encoding_a_program_saves_it_in(encode: str) -> None:
    assert read_report(TEAMS.encode(encode))[0] == ASA


def test_the_other_languages_of_teams() -> None:
    assert read_report(utf16(SWEDISH)) == [ASA]
    assert people(NORWEGIAN) == [("Tor Arne Hansen", "tor@fjordvakt.example", 73)]


def test_a_language_we_do_not_know_is_read_by_its_sections() -> None:
    assert people(UNKNOWN_LANGUAGE) == [("Aino Virtanen", "aino@yritys.example", 60)]


def test_older_teams() -> None:
    assert people(TEAMS_2021) == [("Åsa Ek", "asa.ek@nordsensor.example", 50)]
    assert people(TEAMS_2020) == [("Åsa Ek", "", 0), ("Bo Öst", "", 0)]


def test_zoom_adds_up_who_came_and_went() -> None:
    assert people(ZOOM) == [("Ek, Åsa", "asa.ek@nordsensor.example", 55), ("iPad (Bo Öst)", "", 60)]
    assert people(ZOOM_UNIQUE) == [("Åsa Ek", "asa.ek@nordsensor.example", 121)]


def test_who_registered_to_a_webinar_and_stayed_away_was_not_there() -> None:
    assert people(ZOOM_WEBINAR) == [("Åsa Ek", "asa.ek@nordsensor.example", 50)]


def test_saved_again_by_excel_with_semicolons() -> None:
    assert people(TEAMS.replace("\t", ";")) == people(TEAMS)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"PK\x03\x04" + b"zipped" * 20 + b"\x00", "binary"),
        (b"%PDF-1.7\n1 0 obj", "no_people"),
        (b"<html><table><tr><td>Name</td></tr></table>", "html"),
        (b"Name,Email\n", "no_people"),
        (b"Namn\nAsa\n", "no_people"),
        (b"\xff\xfea", "not_text"),
        (b"1. Summary\n\n2. Participants\n", "no_people"),
        (b"x" * (6 * 1024 * 1024), "too_large"),
        (b"Name,Email\n" + b"".join(b"P%d,\n" % n for n in range(6000)), "too_many_rows"),
    ],
)
def test_what_is_no_report_is_refused_with_a_reason(content: bytes, reason: str) -> None:
    with pytest.raises(TableRefused) as refused:
        read_report(content)
    assert refused.value.reason == reason
    assert isinstance(refused.value, ReportRefused) is (reason == "no_people")


def test_hostile_cells_become_one_short_line() -> None:
    name = "Åsa\u202e\x07 Ek" + "x" * 9000
    [one] = read_report(f"Name\tEmail\n{name}\t=cmd|x!a@b.example\n".encode())
    assert one.name.startswith("Åsa Ekxxx")
    assert len(one.name) == 300


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h 13m 8s", 4388),
        ("1 tim 13 min 8 s", 4388),
        ("1 t 13 min", 4380),
        ("55m", 3300),
        ("42s", 42),
        ("01:05:03", 3903),
        ("5:03", 303),
        ("35", 2100),
        ("1,5 h", 5400),
        ("--", 0),
        ("", 0),
        ("9" * 50 + "h", 10**7),
    ],
)
def test_durations(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


def test_a_name_is_the_same_in_any_order_and_without_notes() -> None:
    assert fold_person("Ek, Åsa (Gäst)") == fold_person("asa EK")
    assert fold_person("Åsa Ek | Nordsensor") == fold_person("Åsa Ek")
    assert fold_person("Bo Øst") == fold_person("Bo Öst")
    assert fold_person("Åsa Ek") != fold_person("Åsa Eken")


EXPECTED = [
    Expected("asa", "Åsa Ek", "asa.ek@nordsensor.example"),
    Expected("bo", "Bo Öst", "info@tallrot.example"),
    Expected("siv", "Siv Norr", "info@tallrot.example"),
    Expected("eva1", "Eva Lund", "eva@ett.example"),
    Expected("eva2", "Eva Lund", "eva@tva.example"),
]


@pytest.mark.parametrize(
    ("name", "email", "ids", "sure"),
    [
        ("A. Ek", "asa.ek@nordsensor.example", ("asa",), True),
        ("Ek, Asa", "", ("asa",), True),
        ("iPhone (Bo Öst)", "", ("bo",), True),
        ("Siv Norr", "info@tallrot.example", ("siv",), True),
        ("Konferensrum 3", "info@tallrot.example", ("bo", "siv"), False),
        ("Eva Lund", "", ("eva1", "eva2"), False),  # which of the two, nobody can know
        ("Okänd Gäst", "okand@annat.example", (), False),
    ],
)
def test_whom_it_means(name: str, email: str, ids: tuple[str, ...], sure: bool) -> None:
    [match] = match_people([Attended(name, email, 1)], EXPECTED)
    assert (match.ids, match.is_sure) == (ids, sure)


def test_a_person_is_matched_once() -> None:
    """Found by the address under a nickname; the other of that name is somebody else."""
    report = [
        Attended("Å", "asa.ek@nordsensor.example", 60),
        Attended("Åsa Ek", "asa.ek@annat.example", 5),
    ]
    assert [match.ids for match in match_people(report, EXPECTED)] == [("asa",), ()]


def test_two_of_one_name_in_the_report_are_not_guessed_between() -> None:
    report = [Attended("Åsa Ek", "", 60), Attended("Ek, Åsa", "x@y.example", 5)]
    assert [match.is_sure for match in match_people(report, EXPECTED)] == [False, False]
