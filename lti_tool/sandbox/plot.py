"""The texts of the course that `make run` shows half-way through, in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """An activity; without points it is a page."""

    title: str
    body: str
    points: int = 0


@dataclass(frozen=True)
class Plot:
    """A shared course."""

    title: str
    description: str
    language: str
    tasks: tuple[Task, ...]


RIVERS = Plot(
    "Экология малых рек",
    "Две школы наблюдают каждая за своей рекой и **сравнивают** результаты. Нужны тетрадь, термометр и взрослый рядом.",
    "ru",
    (
        Task(
            "Как мы будем работать",
            "## Правила\n\n- к воде подходим только вместе со взрослым;\n- записываем дату, время и место;\n"
            "- пишем то, что видели сами.\n\nВ конце каждая школа узнает, чем её река похожа на реку соседей.",
        ),
        Task(
            "Описание реки",
            "Опишите место наблюдения: ширину реки, цвет и запах воды, берега, растения и животных. "
            "Хватит десяти предложений; можно приложить фотографию или рисунок.",
            10,
        ),
        Task(
            "Что живёт в воде",
            "По некоторым животным видно, чиста ли вода.\n\n| кого нашли | что это значит |\n|---|---|\n"
            "| личинки ручейников и подёнок | вода чистая |\n| улитки, водяные ослики | вода средняя |\n"
            "| только мотыль и трубочник | вода загрязнена |",
        ),
        Task(
            "Вывод о чистоте воды",
            "Кого вы нашли в пробе? Какой вывод можно сделать о воде? Объясните, почему, и предложите, что могла бы "
            "сделать ваша школа.",
            20,
        ),
    ),
)
WEATHER = Plot(
    "Weather Diary",
    "Four weeks of measuring temperature and rain in two places, then one graph for both.",
    "en",
    (
        Task("How to measure", "Measure at the same hour every day, in the shade, and write the number down at once."),
        Task("First week", "Write down seven measurements and one thing that surprised you.", 10),
    ),
)
ANSWERS = (
    "Мы ходили на речку за школой в субботу. Ширина около шести метров, вода прозрачная, видно дно. На берегу ивы и осока, "
    "в воде мальки. Пахнет тиной, но не сильно.",
    "Наша река узкая, метра три. После дождя вода мутная, коричневая. Видели уток и стрекоз. На правом берегу лежит мусор, "
    "мы его собрали в два мешка.",
    "Река Сетунь. Температура воды +8, воздуха +11. Течение быстрое, дно песчаное. Из растений — рогоз и ряска. "
    "Животных не видели, но были следы бобра.",
    "We went to the river behind the school. It is about five metres wide, the water is clear and cold. There are willows "
    "and reeds, and we saw two ducks and a heron.",
    "The water was brown after the rain. We found snails and a lot of small worms. One bank is steep, the other one is "
    "covered with grass. My drawing shows where we stood.",
    "Ширину мерили верёвкой: 7 метров 20 сантиметров. Вода без запаха, зеленоватая. На камнях водоросли. Нашли домики "
    "ручейников, значит, вода чистая.",
)
COMMENTS = (
    (9, "Отлично: видно, что вы были там сами. Добавьте дату и время."),
    (7, "Хорошо, но про растения и животных — только одно предложение. Что росло на берегу?"),
    (10, "Образцовое описание, прочитаем его вместе с другой школой."),
    (8, "Well observed. Next time measure the width too."),
    (6, "Мало деталей. Сходите ещё раз и допишите: цвет воды, запах, дно."),
)
