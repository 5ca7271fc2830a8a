"""Many plausible resources at once, in Russian and English, for trying out and for measuring; written past the ORM."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, insert, select

from lti_tool.core.db import db, run, table_of, utcnow
from lti_tool.core.errors import Conflict
from lti_tool.exchange.models import (
    HUB,
    LINK,
    OWN,
    PAGE,
    PARTNERS,
    PUBLIC,
    PUBLISHED,
    Resource,
    ResourceAuthor,
    ResourceVersion,
)
from lti_tool.exchange.search.operations import refresh
from lti_tool.organizations.models import Organization

BATCH = 2000
DEMO = "Demo"
"""The department of organizations that exist nowhere."""
CITIES = ("Казань", "Тверь", "Пермь", "Омск", "Псков", "Чита")
TOPICS: dict[str, tuple[str, ...]] = {
    "math": ("дроби", "проценты", "отрицательные числа", "пропорции", "координатная плоскость", "делимость чисел"),
    "algebra": ("квадратные уравнения", "функции и графики", "прогрессии", "логарифмы", "неравенства", "производная"),
    "geometry": (
        "теорема Пифагора",
        "подобие треугольников",
        "площади фигур",
        "объём пирамиды",
        "векторы",
        "окружность",
    ),
    "rus": ("причастия", "сложноподчинённые предложения", "орфограммы", "словообразование", "пунктуация", "наречия"),
    "lit": (
        "«Евгений Онегин»",
        "«Война и мир»",
        "поэзия Серебряного века",
        "«Мёртвые души»",
        "рассказы Чехова",
        "былины",
    ),
    "phys": (
        "законы Ньютона",
        "электрический ток",
        "плавление льда",
        "давление жидкости",
        "оптика и линзы",
        "магнитное поле",
    ),
    "chem": (
        "оксиды и кислоты",
        "окислительные реакции",
        "периодический закон",
        "растворы",
        "углеводороды",
        "скорость реакции",
    ),
    "bio": (
        "клетка под микроскопом",
        "фотосинтез",
        "генетика Менделя",
        "экосистема пруда",
        "кровообращение",
        "эволюция",
    ),
    "hist": (
        "Петровские реформы",
        "Великая Отечественная война",
        "Древняя Русь",
        "Смутное время",
        "Отечественная война 1812 года",
        "перестройка",
    ),
    "geo": (
        "климат Сибири",
        "население России",
        "реки Поволжья",
        "вулканы Камчатки",
        "часовые пояса",
        "природные зоны",
    ),
    "inf": (
        "алгоритмы сортировки",
        "кодирование информации",
        "программирование на Python",
        "базы данных",
        "сети и протоколы",
        "системы счисления",
    ),
    "eco": (
        "раздельный сбор мусора",
        "качество воды в реке",
        "шум в городе",
        "углеродный след",
        "птицы парка",
        "лесные пожары",
    ),
    "tech": (
        "3D-печать",
        "робот на Arduino",
        "столярное дело",
        "теплица своими руками",
        "швейная мастерская",
        "чертёж детали",
    ),
    "eng": (
        "Present Perfect",
        "travel and holidays",
        "environment protection",
        "famous scientists",
        "school life",
        "idioms",
    ),
    "soc": ("права ребёнка", "семейный бюджет", "выборы и партии", "рынок труда", "налоги", "социальные роли"),
    "project": (
        "история нашей улицы",
        "школьный музей",
        "умная школа",
        "книга рецептов",
        "волонтёрство",
        "школьное радио",
    ),
}
FORMS: tuple[tuple[str, str, str], ...] = (
    ("lesson", "План урока: {}", "Подробный план урока с целями, ходом занятия и рефлексией."),
    ("explain", "Презентация «{}»", "Слайды с объяснением, схемами и вопросами для обсуждения."),
    ("task", "Рабочий лист: {}", "Задания трёх уровней сложности с ответами для учителя."),
    ("test", "Проверочная работа: {}", "Варианты с ключами и критериями оценивания."),
    ("lab", "Лабораторная работа: {}", "Ход опыта, техника безопасности, таблица для измерений."),
    ("text", "Справочник: {}", "Краткое изложение темы с примерами и определениями."),
    ("media", "Видеоурок: {}", "Запись урока с субтитрами и вопросами для самопроверки."),
    ("game", "Игра «{}»", "Командная игра на одно занятие, карточки прилагаются."),
    ("kit", "Набор для проекта: {}", "Этапы проекта, роли в команде, критерии защиты и шаблоны."),
    ("method", "Методические рекомендации: {}", "Опыт школы, типичные ошибки учеников и приёмы работы."),
)
EXTRA = (
    "наблюдение",
    "измерение",
    "сравнение",
    "таблица",
    "график",
    "схема",
    "вывод",
    "доказательство",
    "гипотеза",
    "вопрос",
    "ответ",
    "критерий",
    "группа",
    "пара",
    "роль",
    "повторение",
    "закрепление",
    "контроль",
    "олимпиада",
    "экзамен",
    "подготовка",
    "экскурсия",
    "музей",
    "краеведение",
    "наставник",
    "семья",
    "родитель",
    "квест",
    "карточка",
    "плакат",
    "доклад",
    "интервью",
    "анкета",
    "дневник",
    "портфолио",
    "модель",
    "макет",
    "чертёж",
    "эксперимент",
    "прибор",
    "датчик",
    "карта",
    "атлас",
)
ROOTS = (
    "вод",
    "лес",
    "пол",
    "гор",
    "мор",
    "звезд",
    "сад",
    "шко",
    "кни",
    "реч",
    "слов",
    "числ",
    "свет",
    "звук",
    "тепл",
    "хол",
    "камн",
    "ветр",
    "снег",
    "дожд",
    "птиц",
    "рыб",
    "зер",
    "мост",
    "путь",
    "двор",
    "дом",
    "окон",
    "стол",
    "рук",
    "глаз",
    "сердц",
    "ум",
    "чест",
    "труд",
    "мир",
    "друг",
    "сил",
    "бел",
    "черн",
    "нов",
    "стар",
    "быстр",
    "тих",
    "ярк",
)
ENDINGS = (
    "ный",
    "овой",
    "истый",
    "енка",
    "очка",
    "ница",
    "тельный",
    "ование",
    "ность",
    "ивый",
    "ство",
    "анка",
    "ильник",
    "евой",
    "ация",
)
RARE = tuple(f"{root}{ending}" for ending in ENDINGS for root in ROOTS)
"""Some hundred words, so that texts differ; the first are the most frequent."""
FREQUENCY = tuple(1 / (place + 5) for place in range(len(EXTRA) + len(RARE)))
NAMES = (
    "Иванова",
    "Петров",
    "Сидорова",
    "Кузнецов",
    "Ахметова",
    "Габдуллин",
    "Соколова",
    "Морозов",
    "Волкова",
    "Лебедев",
    "Новикова",
    "Егоров",
)
LICENCES = ("cc-by", "cc-by-sa", "cc-by-nc", "cc-by-nc-sa", "cc0", "cc-by-nd")


def demo_organizations(count: int) -> list[int]:
    """Ids of `count` organizations that exist nowhere, made where they are missing. Raises Conflict beside real ones."""
    real = select(func.count()).select_from(Organization).where(Organization.department != DEMO)
    if db.session.scalar(real):
        raise Conflict(_("There are real organizations in this database: synthetic data would mix with theirs."))
    there = list(db.session.scalars(select(Organization.id).order_by(Organization.id).limit(count)))
    made = [
        Organization(name=f"Школа № {number}", type="school", department=DEMO, city=CITIES[number % len(CITIES)])
        for number in range(len(there) + 1, count + 1)
    ]
    db.session.add_all(made)
    db.session.flush()
    return there + [each.id for each in made]


def seed_resources(count: int, organization_ids: Sequence[int], *, number: int = 1) -> int:
    """Add `count` published resources spread over the organizations; returns how many. `number` varies the choices.

    Call it in a unit of work of its own.
    """
    chance = random.Random(number)
    first = (db.session.scalar(select(func.max(Resource.id))) or 0) + 1
    for start in range(0, count, BATCH):
        idents = range(first + start, first + min(start + BATCH, count))
        rows = list(_rows(chance, idents, organization_ids))
        for model, place in ((Resource, 0), (ResourceVersion, 1), (ResourceAuthor, 2)):
            run(insert(table_of(model)), [row[place] for row in rows])
        refresh(idents)
        db.session.expunge_all()
    return count


def _rows(chance: random.Random, idents: range, organization_ids: Sequence[int]) -> Iterator[tuple[Any, Any, Any]]:
    now = utcnow()
    for ident in idents:
        moment = now - timedelta(minutes=chance.randint(0, 2_000_000))
        resource = _resource(chance, ident, moment) | {"organization_id": chance.choice(organization_ids)}
        kind = resource["kind"]
        version = {
            "resource_id": ident,
            "number": 1,
            "note": "",
            "title": resource["title"],
            "licence": resource["licence"],
            "body": " ".join(_words(chance, 40)) if kind == PAGE else "",
            "url": f"https://example.org/{ident}" if kind == LINK else "",
            "created_at": moment,
        }
        name = f"{chance.choice(NAMES)} {chance.choice('АБВГДЕИКЛМНОПРСТ')}."
        yield resource, version, {"resource_id": ident, "position": 0, "name": name, "organization": ""}


def _words(chance: random.Random, count: int) -> list[str]:
    return chance.choices(EXTRA + RARE, FREQUENCY, k=count)


def _resource(chance: random.Random, ident: int, moment: datetime) -> dict[str, Any]:
    subject = chance.choice(tuple(TOPICS))
    topic, other = chance.choice(TOPICS[subject]), chance.choice(TOPICS[subject])
    use, title, about = chance.choice(FORMS)
    words = _words(chance, 6)
    grade = chance.randint(1, 9)
    visibility = chance.choices((OWN, PARTNERS, HUB, PUBLIC), (1, 1, 6, 2))[0]
    used, rated = int(chance.paretovariate(1.2)) - 1, chance.randint(0, 6)
    return {
        "id": ident,
        "kind": chance.choices((PAGE, LINK), (6, 4))[0],
        "state": PUBLISHED,
        "visibility": visibility,
        "title": f"{title.format(topic)}. {' и '.join(words[:2]).capitalize()} {ident % 997}",
        "summary": f"{about} Тема рядом: {other}. {' '.join(words)}.",
        "language": "en" if subject == "eng" else "ru",
        "licence": chance.choice(LICENCES),
        "subjects": [subject],
        "levels": [f"g{each}" for each in range(grade, grade + chance.randint(1, 3))],
        "uses": [use],
        "keywords": [topic, *words[2:4]],
        "tags": [],
        "minutes": chance.choice((None, 20, 40, 45, 90)),
        "number": 1,
        "version": 1,
        "published_at": moment,
        "changed_at": moment,
        "public_at": moment if visibility == PUBLIC else None,
        "created_at": moment,
        "withdrawn": False,
        "used": used,
        "rating_count": rated,
        "rating_total": sum(chance.randint(2, 5) for _each in range(rated)),
        **dict.fromkeys(("terms", "funding", "accessibility", "retired_reason"), ""),
    }
