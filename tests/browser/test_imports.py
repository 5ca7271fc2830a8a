"""Much brought into the exchange at once, and a catalogue to harvest: a Russian coordinator's pages, wide and as on a phone."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import OpenBrowser, follow
from tests.browser.look import look
from tests.browser.servers import Town
from tests.browser.test_agreement import RU, become

LIST = (
    "название;ссылка\nРычаги;https://levers.example/{0}\nБлоки;https://pulleys.example/{0}\nПлохой;javascript:alert(1)"
)


@pytest.mark.parametrize(
    ("blocks", "width"), [(False, 1280), (True, 375)], ids=["cookies on a desktop", "no cookies on a phone"]
)
def test_a_list_is_brought_in_and_a_catalogue_added(
    open_browser: OpenBrowser, town: Town, blocks: bool, width: int
) -> None:
    for school in (town.school, town.other):
        school.switch(storage="frame" if blocks else "off")
    page, frame = become(open_browser(blocks=blocks, width=width, locale="ru-RU"), town.tool, town.other, RU)
    follow(frame, frame.get_by_role("link", name="Обменник ресурсов").first)
    follow(frame, frame.get_by_role("link", name="Поделиться ресурсом").first)
    follow(frame, frame.get_by_role("link", name=re.compile("^Загрузить сразу много")))
    look(frame, page, "Загрузить сразу много", f"ru-imports-{width}")
    follow(frame, frame.get_by_role("link", name=re.compile("^Список ссылок")))
    frame.locator("input[type=file]").set_input_files(
        {"name": "links.csv", "mimeType": "text/csv", "buffer": LIST.format(width).encode()}
    )
    frame.locator("select[name=licence]").select_option("cc-by")
    look(frame, page, "Загрузка: Список ссылок", f"ru-import-form-{width}")
    follow(frame, frame.get_by_role("button", name="Начать"))
    look(frame, page, "Загрузка: links.csv", f"ru-import-waiting-{width}")
    town.run_jobs()
    follow(frame, frame.get_by_role("link", name="Показать отчёт"))
    look(frame, page, "Загрузка: links.csv", f"ru-import-report-{width}")
    follow(frame, frame.get_by_role("link", name="Обменник ресурсов").first)
    follow(frame, frame.get_by_role("link", name="Мои ресурсы"))
    follow(frame, frame.get_by_role("link", name="Загрузить сразу много"))
    look(frame, page, "Загрузить сразу много", f"ru-imports-so-far-{width}")
    page.close()
    page, frame = become(open_browser(blocks=blocks, width=width, locale="ru-RU"), town.tool, town.other, RU)
    follow(frame, frame.get_by_role("link", name=RU["home"]))
    follow(frame, frame.get_by_role("link", name="Ресурсы", exact=True))
    follow(frame, frame.get_by_role("link", name="Собираемые каталоги"))
    look(frame, page, "Собираемые каталоги", f"ru-sources-{width}")
    follow(frame, frame.get_by_role("link", name="Добавить каталог"))
    frame.locator("input[name=name]").fill(f"Планеты {width}")
    frame.locator("input[name=url]").fill("https://catalogue.invalid/oai")
    look(frame, page, "Добавить каталог", f"ru-source-form-{width}")
    follow(frame, frame.get_by_role("button", name="Сохранить"))
    town.run_jobs()
    follow(frame, frame.get_by_role("link", name="Собираемые каталоги"))
    follow(frame, frame.get_by_role("link", name=f"Планеты {width}"))
    look(frame, page, f"Планеты {width}", f"ru-source-{width}")
