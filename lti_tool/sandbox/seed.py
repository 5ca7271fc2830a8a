"""A fresh school: its people and two courses.

Ids are the same in every school on purpose: two real LMSs number their people and courses alike.
"""

from __future__ import annotations

from itertools import product

from sqlalchemy.orm import Session

from .models import ASSISTANT, PUPIL, TEACHER, Course, Enrolment, Group, GroupMember, Person

ADMIN_ID, TEACHER_ID, SECOND_TEACHER_ID, ASSISTANT_ID, FIRST_PUPIL_ID = 2, 3, 4, 5, 7
FIRST_COURSE_ID, SECOND_COURSE_ID = 2, 3
STARTED_AT = 1788217200  # 1 September 2026, Moscow

_STAFF = {
    "ru": (("Админ", "Школьный"), ("Мария", "Белова"), ("Сергей", "Наумов"), ("Анна", "Ершова")),
    "en": (("Site", "Administrator"), ("Margaret", "Hall"), ("Daniel", "Price"), ("Grace", "Turner")),
}
_GIVEN = {
    "ru": [
        "Алина",
        "Артём",
        "Варвара",
        "Глеб",
        "Дарина",
        "Егор",
        "Жасмин",
        "Захар",
        "Инна",
        "Кирилл",
        "Лада",
        "Матвей",
        "Нина",
        "Олег",
        "Полина",
        "Роман",
        "София",
        "Тимур",
        "Ульяна",
        "Фёдор",
        "Эмма",
        "Юрий",
        "Яна",
        "Богдан",
        "Вера",
        "Савелий",
        "Ксения",
        "Лев",
        "Майя",
        "Игнат",
    ],
    "en": [
        "Amelia",
        "Ben",
        "Chloe",
        "Dylan",
        "Erin",
        "Felix",
        "Georgia",
        "Harry",
        "Isla",
        "Jack",
        "Keira",
        "Liam",
        "Megan",
        "Noah",
        "Olivia",
        "Peter",
        "Quinn",
        "Rosie",
        "Samuel",
        "Tilda",
        "Umar",
        "Violet",
        "Will",
        "Xanthe",
        "Yusuf",
        "Zoë",
        "Adam",
        "Beth",
        "Callum",
        "Daisy",
    ],
}
_FAMILY = {
    "ru": [
        "Абрамян",
        "Бурцев",
        "Воронцова",
        "Гусев",
        "Данилова",
        "Ефимов",
        "Жданова",
        "Зуев",
        "Исаева",
        "Крылов",
        "Лаптева",
        "Мухин",
        "Нестерова",
        "Осипов",
        "Пахомова",
        "Рогов",
        "Синицына",
        "Тарасов",
        "Успенская",
        "Филин",
        "Хохлова",
        "Цветков",
        "Чернова",
        "Шубин",
        "Щеглова",
        "Юдин",
        "Якушева",
        "Комаров",
        "Гринберг",
        "Тихонов",
    ],
    "en": [
        "Archer",
        "Bennett",
        "Clarke",
        "Dawson",
        "Ellis",
        "Foster",
        "Grant",
        "Hughes",
        "Ingram",
        "Jennings",
        "Khan",
        "Lawson",
        "Murphy",
        "Nolan",
        "O'Brien",
        "Parker",
        "Quigley",
        "Reid",
        "Sharma",
        "Thorne",
        "Usman",
        "Vaughan",
        "Walsh",
        "Xu",
        "Yilmaz",
        "Ng & Lee",
        "Ahmed",
        "Baxter",
        "Cole",
        "Doyle",
    ],
}
_COURSES = {
    "ru": (("ЭКО-7", "Экология 7 класс"), ("ФИЗ-8", "Физика 8 класс")),
    "en": (("ECO-7", "Ecology, Year 7"), ("PHYS-8", "Physics, Year 8")),
}


def fill(session: Session, *, language: str, pupils: int, host: str) -> None:
    """Put people and courses into an empty database."""
    _add_staff(session, language, host)
    for number, (given, family) in enumerate(_pupil_names(language, pupils), start=1):
        session.add(
            Person(
                id=FIRST_PUPIL_ID + number - 1,
                username=f"pupil{number:02}",
                given_name=given,
                family_name=family,
                email=f"pupil{number:02}@{host}",
                sourcedid=f"S{number:04}",
            )
        )
    for course_id, (label, title) in enumerate(_COURSES[language], start=FIRST_COURSE_ID):
        idnumber = f"course-{course_id}-2026"
        session.add(Course(id=course_id, label=label, title=title, idnumber=idnumber, started_at=STARTED_AT))
    session.flush()
    _enrol(session, pupils)


def _add_staff(session: Session, language: str, host: str) -> None:
    logins = ("admin", "teacher1", "teacher2", "assistant1")
    sourcedids = ("", "T1", "T2", "TA1")
    for person_id, login, sourcedid, (given, family) in zip(
        range(ADMIN_ID, ASSISTANT_ID + 1), logins, sourcedids, _STAFF[language], strict=True
    ):
        session.add(
            Person(
                id=person_id,
                username=login,
                given_name=given,
                family_name=family,
                email=f"{login}@{host}",
                sourcedid=sourcedid,
                site_admin=person_id == ADMIN_ID,
            )
        )


def _pupil_names(language: str, count: int) -> list[tuple[str, str]]:
    """The first names pair off with the family names; larger schools get the other combinations."""
    given, family = _GIVEN[language], _FAMILY[language]
    pairs = list(zip(given, family, strict=True))
    if count > len(pairs):
        taken = set(pairs)
        pairs += [pair for pair in product(given, family) if pair not in taken]
    return pairs[:count]


def _enrol(session: Session, pupils: int) -> None:
    last = FIRST_PUPIL_ID + pupils
    half = FIRST_PUPIL_ID + (pupils + 1) // 2
    staff = {
        FIRST_COURSE_ID: {TEACHER_ID: TEACHER, SECOND_TEACHER_ID: TEACHER, ASSISTANT_ID: ASSISTANT},
        SECOND_COURSE_ID: {SECOND_TEACHER_ID: TEACHER},
    }
    for course_id, end in ((FIRST_COURSE_ID, last), (SECOND_COURSE_ID, half)):
        roles = staff[course_id] | dict.fromkeys(range(FIRST_PUPIL_ID, end), PUPIL)
        session.add_all(
            Enrolment(course_id=course_id, person_id=person_id, role=role) for person_id, role in roles.items()
        )
        _divide(session, course_id, range(FIRST_PUPIL_ID, end))


def _divide(session: Session, course_id: int, pupils: range) -> None:
    """Two groups of a course, with every other pupil in each: 1 and 2 in the first course, 3 and 4 in the second."""
    first = 2 * (course_id - FIRST_COURSE_ID) + 1
    session.add_all(Group(id=first + each, course_id=course_id, name="AB"[each]) for each in (0, 1))
    session.flush()
    session.add_all(GroupMember(group_id=first + number % 2, person_id=person) for number, person in enumerate(pupils))
