"""Seeded text: summaries, Jira's wiki markup with Windows line ends, and the HTML that Jira renders of it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

__all__ = ["html", "line", "sentence", "wiki"]

_VOCABULARY = """
the a this each every no one cache token page queue index replica export nightly build gateway invoice login search
customer report timeout header cookie shard cluster deploy release upgrade config secret schema column value order
retry limit window worker thread socket proxy mirror archive backup restore alert metric trace dashboard portal mobile
is was fails returns drops hangs waits doubles loses skips ignores reads writes sends sees after before during without
behind under because when while only sometimes always again slowly twice silently locally upstream for on in of and but
"""
_WORDS = _VOCABULARY.split()
_FOREIGN = (
    "検索結果の二ページ目が空になります。",
    "分页请求返回了重复的记录。",
    "검색 결과가 가끔 비어 있습니다.",
    "النتيجة الأخيرة تظهر مرتين في الصفحة.",
    "הדף האחרון נשאר ריק אחרי הרענון.",
    "Größenänderung schlägt fehl, sobald der Übertrag läuft.",
    "Страница загружается слишком долго.",
    "Works on my machine 🚀 but not on yours 🤷‍♀️, see 📎.",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 outside the basic plane: 𠮷野家, 🇨🇭, 👩‍👩‍👧.",
)
_BLOCKS = (
    '{code:java}\r\nif (page.size() < 100 && at > 50) {\r\n    throw new Failure("50% at " + at);\r\n}\r\n{code}',
    "{noformat}\r\nGET /search?q=a%20b&from=10 HTTP/1.1\r\n\tX-Trace: 0xFF\\n\\t\r\n{noformat}",
    "||Node||Load||\r\n|app-1|93%|\r\n|app-2|<1%|",
    '{quote}\r\n<div class="note">It\'s <b>not</b> a bug & never was</div>\r\n{quote}',
    "* first\r\n** second, see [the page|https://wiki.example.com/x?a=1&b=2]\r\n* _third_, *done*",
    "<script>alert('x')</script> was shown as it stands, C:\\temp\\log.txt too.",
)


def sentence(random: Random, shortest: int = 6, longest: int = 18) -> str:
    """Return some words with a capital letter and a full stop."""
    words = random.choices(_WORDS, k=random.randint(shortest, longest))
    return " ".join(words).capitalize() + "."


def line(random: Random) -> str:
    """Return a short line without a full stop; every fifth is not English."""
    return random.choice(_FOREIGN) if random.random() < 0.2 else sentence(random, 4, 10)[:-1]


def _paragraph(random: Random) -> str:
    draw = random.random()
    if draw < 0.2:
        return random.choice(_BLOCKS)
    if draw < 0.35:
        return random.choice(_FOREIGN)
    return " ".join(sentence(random) for _ in range(random.randint(1, 4)))


def wiki(random: Random, size: int) -> str:
    """Return paragraphs of wiki markup, about `size` bytes as JSON and at least one paragraph."""
    parts, room = [_paragraph(random)], size
    while (room := room - len(parts[-1].encode()) - parts[-1].count("\r\n") * 2 - 8) > 120:  # 8: blank line, escaped
        parts.append(_paragraph(random))
    return "\r\n\r\n".join(parts)


def html(text: str) -> str:
    """Return roughly the HTML that Jira renders of wiki markup."""
    paragraphs = (escape(part).replace("\r\n", "<br/>\n") for part in text.split("\r\n\r\n"))
    return "\n\n".join(f"<p>{part}</p>" for part in paragraphs)
