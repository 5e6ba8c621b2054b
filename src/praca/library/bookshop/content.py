"""The sample shop's books: the same for the same seed, on every machine.

A category can be learned from title and description, not perfectly: descriptions share their
sentences and stray to other matters, some are missing, and one book in seven would suit the next
shelf better, as in any shop. Stars and prices are drawn at random and can be learned from nothing,
as in books.toscrape.com.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

from praca.kit.draw import Draw
from praca.library.bookshop.books import ShopBook, slug_of
from praca.library.bookshop.covers import cover_path
from praca.library.bookshop.shelves import CLASSICS, SUBJECTS, Classic, Subject
from praca.library.bookshop.shelves.wording import (
    ASIDES,
    CLOSINGS,
    FIRST_NAMES,
    LAST_NAMES,
    MIDDLES,
    OPENINGS,
    PLACES,
    SIGNED_OPENINGS,
)

__all__ = ["CATEGORIES", "make_books"]

CATEGORIES = tuple(subject.name for subject in SUBJECTS)
"""The fifty categories of the sample shop, in the order of its side column."""

_BY_NAME = {subject.name: subject for subject in SUBJECTS}
_BY_WEIGHT = tuple(subject for subject in SUBJECTS for _ in range(subject.weight))
_CLASSIC_SHARE = 0.35
_STRAY_SHARE = 1 / 7
_UNTOLD_SHARE = 0.03
_SLUG_LETTERS = 80
_STOCKED = 22


@dataclass(frozen=True, slots=True)
class _Draft:
    """A book before it stands in the shop."""

    title: str
    category: str
    description: str


def make_books(count: int = 300, seed: int = 2026) -> tuple[ShopBook, ...]:
    """Return the books of the sample shop, in the order of its listings.

    A few categories have most of them, as in any shop; at least one in three hundred is in each.

    Args:
        count: how many; any number.
        seed: another one gives another shop.
    """
    drafts = list(_drafts(count, seed))
    shuffled = Draw(f"{seed} order").some(drafts, count)
    return tuple(
        _shelved(draft, count - place, seed)
        for place, draft in enumerate(_with_own_titles(shuffled))
    )


def _drafts(count: int, seed: int) -> Iterator[_Draft]:
    """Yield drafts: so many of every category first, then classics, then invented books."""
    draw = Draw(f"{seed} categories")
    floor = count // 300
    classics = draw.some(CLASSICS, int(count * _CLASSIC_SHARE))
    told = Counter(classic.category for classic in classics)
    invented = [subject for subject in SUBJECTS for _ in range(max(0, floor - told[subject.name]))]
    room = max(0, count - len(classics) - len(invented))
    invented += [draw.pick(_BY_WEIGHT) for _ in range(room)]
    for classic in classics:
        yield _told(classic, Draw(f"{seed} {classic.author} {classic.title}"))
    for number, subject in enumerate(invented[: count - len(classics)]):
        yield _invented(subject, Draw(f"{seed} invented {number}"))


def _told(classic: Classic, draw: Draw) -> _Draft:
    """Return a book that exists: its matter, then what its category is about."""
    about = f"De {classic.author}: {classic.about}."
    rest = _sentences(_BY_NAME[classic.category], classic.author, draw, OPENINGS)
    return _Draft(classic.title, classic.category, f"{about} {rest}")


def _invented(subject: Subject, draw: Draw) -> _Draft:
    author = f"{draw.pick(FIRST_NAMES)} {draw.pick(LAST_NAMES)}"
    matter = _neighbour(subject) if draw.chance(_STRAY_SHARE) else subject
    title = f"{draw.pick(matter.heads)} {draw.pick(matter.tails + PLACES)}"
    description = ""
    if not draw.chance(_UNTOLD_SHARE):
        description = _sentences(matter, author, draw, OPENINGS + SIGNED_OPENINGS)
    return _Draft(title, subject.name, description)


def _neighbour(subject: Subject) -> Subject:
    return SUBJECTS[(SUBJECTS.index(subject) + 1) % len(SUBJECTS)]


def _sentences(subject: Subject, author: str, draw: Draw, openings: tuple[str, ...]) -> str:
    a, b, c, d, e = draw.some(subject.terms, 5)
    x, y = draw.some(draw.pick(_BY_WEIGHT).terms, 2)
    patterns = [draw.pick(openings), draw.pick(MIDDLES)]
    if draw.chance(0.4):
        patterns.append(draw.pick(ASIDES))
    patterns.append(draw.pick(CLOSINGS))
    told = " ".join(patterns).format(author=author, a=a, b=b, c=c, d=d, e=e, x=x, y=y)
    return told.strip()


def _with_own_titles(drafts: list[_Draft]) -> Iterator[_Draft]:
    """Yield the drafts; what has the title of one before it becomes its next volume."""
    seen: Counter[str] = Counter()
    for draft in drafts:
        seen[draft.title] += 1
        volume = seen[draft.title]
        yield draft if volume == 1 else replace(draft, title=f"{draft.title}, vol. {volume}")


def _shelved(draft: _Draft, number: int, seed: int) -> ShopBook:
    upc = sha256(f"{seed} {draft.title}".encode()).hexdigest()[:16]
    draw = Draw(f"{seed} shelf {draft.title}")
    return ShopBook(
        number=number,
        upc=upc,
        titulo=draft.title,
        preco_centavos=draw.between(1000, 9999),
        moeda="BRL",
        rating=draw.between(1, 5),
        estoque=0 if draw.chance(0.02) else draw.between(1, _STOCKED),
        categoria=draft.category,
        descricao=draft.description,
        slug=slug_of(draft.title)[:_SLUG_LETTERS].strip("-"),
        image_path=cover_path(upc),
    )
