"""The notice and the consent that hold until an organization publishes its own; Markdown, in both languages."""

from __future__ import annotations

NOTICE_EN = """\
## What this tool is for

Schools use Schools Together to teach together. You come in from your school's LMS and need no new account.

## What is kept about you

- your name as your LMS sends it (a number if it sends none), your e-mail address if it sends one;
- which LMS courses you came from, your role there, and when you came;
- what you do here: answers, files, comments, grades;
- technical records that keep the tool safe, without your answers.

Nothing is sold, there is no advertising, and nobody is followed across other sites.

## Who sees what

| Who | What they see |
|---|---|
| teachers of your own class | your full name, your work and grades |
| teachers of another school in a joint course | your first name and the initial of your family name, your school, your work in that course; the full name only if your school allows it |
| pupils of another school | your first name, the initial of your family name, your school |
| people who run the tool | numbers; names only where a support request needs them |

Grades of joint work go to the gradebook of your own school.

## How long

As long as your school works with the tool, and no longer than the period set for each kind of data. Your school can have
your data removed. Grades that have been delivered stay in your school's LMS.

## Your rights

On the page “My data and consent” you see all that is kept about you and can take a copy. You can have mistakes corrected,
ask for removal, and take back your consent if you were asked for it. Ask your school: it decides about your data.
"""

NOTICE_RU = """\
## Зачем нужен этот инструмент

Школы используют «Школы вместе», чтобы учить сообща. Вы входите из LMS своей школы, новая учётная запись не нужна.

## Что о вас хранится

- ваше имя, как его передаёт LMS (номер, если имя не передаётся), и адрес почты, если LMS его передаёт;
- из каких курсов LMS вы пришли, ваша роль в них и время входа;
- что вы здесь делаете: ответы, файлы, комментарии, оценки;
- технические записи для безопасности, без ваших ответов.

Данные не продаются, рекламы нет, за вами не следят на других сайтах.

## Кто что видит

| Кто | Что видит |
|---|---|
| учителя вашего класса | полное имя, ваши работы и оценки |
| учителя другой школы в совместном курсе | имя и первую букву фамилии, школу, ваши работы в этом курсе; полное имя — только если разрешила ваша школа |
| ученики другой школы | имя, первую букву фамилии, школу |
| те, кто обслуживает инструмент | номера; имена — только когда этого требует обращение в поддержку |

Оценки за совместную работу передаются в журнал вашей школы.

## Как долго

Пока ваша школа работает с инструментом, но не дольше установленных сроков. Школа может стереть ваши данные. Переданные оценки
остаются в LMS школы.

## Ваши права

На странице «Мои данные и согласие» видно всё, что о вас хранится, и можно взять копию. Вы можете исправить ошибки, попросить
удалить данные и отозвать согласие, если его у вас спрашивали. Обратитесь в свою школу: решения о ваших данных принимает она.
"""

CONSENT_EN = """\
I have read the privacy notice. I agree that my school uses Schools Together to keep and process the data named there,
so that I can take part in joint courses and projects, and that partner schools see what the notice says they see.

I can take this back at any time on the page "My data and consent".
"""

CONSENT_RU = """\
Я прочитал(а) уведомление о персональных данных. Я согласен (согласна), что моя школа с помощью «Школ вместе» хранит и
обрабатывает указанные в нём данные, чтобы я участвовал(а) в совместных курсах и проектах, и что школы-партнёры видят то,
что сказано в уведомлении.

Я могу отозвать согласие в любое время на странице «Мои данные и согласие».
"""
