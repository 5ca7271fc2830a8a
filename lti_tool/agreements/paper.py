"""An agreement's document as a PDF, where the installation has WeasyPrint (the extra `pdf`) and the libraries it needs."""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import Any, NoReturn

STYLE = """
@page { size: A4; margin: 2cm 1.5cm 2cm 3cm; @bottom-right { content: counter(page) " / " counter(pages); font-size: 9pt } }
body { font: 12pt/1.4 "PT Serif", "Liberation Serif", "DejaVu Serif", serif }
h1 { font-size: 15pt; text-align: center } h2 { font-size: 13pt; margin: 1.2em 0 .4em } h3 { font-size: 12pt }
h1, h2, h3 { break-after: avoid }
p, ul { margin: 0 0 .5em }
.typed { white-space: pre-wrap }
.signatures > div { break-inside: avoid; margin-top: 1.5em }
"""


@cache
def printer() -> ModuleType | None:
    """WeasyPrint; None where it, or a library of the system that it needs, is missing."""
    try:
        import weasyprint  # an extra, and slow to load: only where a document is asked for
    except (ImportError, OSError):
        return None
    module: ModuleType = weasyprint
    return module


def pdf_of(page: str) -> bytes:
    """The PDF of a page that names no other file; None of them would be fetched. There must be a printer."""
    tool: Any = printer()
    document = tool.HTML(string=page, url_fetcher=_nothing_from_outside)
    content: bytes = document.write_pdf(stylesheets=[tool.CSS(string=STYLE)])
    return content


def _nothing_from_outside(url: str, *_more: Any, **_options: Any) -> NoReturn:
    raise ValueError(url)
