"""From text to terms: the one tokeniser of everything that searches or compares text.

A term is a folded, stemmed word of Portuguese or English, or a technical token taken whole
(``c++``, ``c#``, ``.net``, ``node.js``, ``s4hana``). The rules, in order:

1. invisible marks are taken out, compatibility forms and look-alike letters of other alphabets
   become the plain ones (a CV hides words behind them, a PDF makes some by itself);
2. lower case; a hyphen, a slash or any other sign separates (``sap-abap`` gives ``sap``, ``abap``),
   except the suffixes ``++``, ``#``, ``.js`` and ``.net`` and a leading ``.net``;
3. numbers, single letters other than ``c`` and ``r``, and words beyond 40 characters are dropped;
4. accents are folded, well-known spellings are united (``nodejs`` is ``node.js``);
5. stop words of both languages are dropped;
6. what is left goes through the Portuguese Snowball stemmer, whatever its language. English words
   are hardly changed by it, and both sides of a comparison are changed alike; stemming with the
   English algorithm afterwards was measured on real CVs and made no difference (see
   ``benchmarks/matching_quality.py``). Where it leaves the feminine and the masculine of a word
   apart, they are united before: the sex of the writer is nothing to be compared.
"""

import re
import threading
import unicodedata
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Final, TypeVar

import Stemmer

from praca.kit.text import bounded, fold

__all__ = ["CHUNK", "STOP_WORDS", "ChunkTable", "Tokenizer"]

T = TypeVar("T")

_TOKEN: Final = re.compile(r"(?<!\w)\.net\b|[^\W_]+(?:\+\+|#|\.(?:js|net)\b)?")
CHUNK: Final = re.compile(r"\S+")
"""What stands between blanks."""
_TECHNICAL: Final = re.compile(r"[+#.\d]")
_MAX_TOKEN_CHARS: Final = 40
_MAX_CHUNK_CHARS: Final = 10_000
"""Of a text without blanks, if it is not ASCII, no more is read."""
_MAX_CACHED_CHARS: Final = 60
# Folded suffix -> the accented one that the stemmer knows; plurals become singular on the way.
_SUFFIXES: Final = (
    ("coes", "ção"),
    ("oes", "ão"),
    ("cao", "ção"),
    ("encias", "ência"),
    ("encia", "ência"),
    ("avel", "ável"),
    ("aveis", "ável"),
    ("ivel", "ível"),
    ("iveis", "ível"),
    ("arias", "ário"),
    ("aria", "ário"),
)
# Folded feminine -> masculine, where no suffix tells. Not in it: words of which one is also
# something else without its accent (cirurgia), and pairs of different work (governanta).
_MASCULINE: Final = {
    "alemas": "alemaos",
    "alema": "alemao",
    "atriz": "ator",
    "atrizes": "atores",
    "bacharelanda": "bacharelando",
    "campea": "campeao",
    "campeas": "campeoes",
    "cidada": "cidadao",
    "cidadas": "cidadaos",
    "doutoranda": "doutorando",
    "dra": "dr",
    "dras": "dr",
    "enga": "eng",
    "escriva": "escrivao",
    "escrivas": "escrivaos",
    "formanda": "formando",
    "formandas": "formandos",
    "garcons": "garcom",
    "garconete": "garcom",
    "garconetes": "garcom",
    "graduanda": "graduando",
    "maestrina": "maestro",
    "mestranda": "mestrando",
    "motogirl": "motoboy",
    "profa": "prof",
    "propria": "proprio",
    "proprias": "proprios",
    "senhora": "senhor",
    "seria": "serio",
    "serias": "serios",
    "socia": "socio",
    "socias": "socios",
    "sra": "sr",
    "sras": "srs",
}
_ONE_LETTER: Final = frozenset("cr")
# Soft hyphens, joiners, fillers, turns of direction, variation selectors, tags; and trade marks,
# which NFKC would glue to the name as letters.
_UNSEEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff\u2120\u2122"
    # Arabic phrases in one sign, each of up to eighteen letters: they cost most to take apart.
    "\ufdf0-\ufdfd]"
)
_LOOK_ALIKES: Final = str.maketrans(
    "авеіјкмнорԛѕтухԁһԝɑαβεηικμνορτυχζ\u0131", "abeijkmhopqstyxdhwaabehikmvoptyxzi"
) | {ord("с"): "c"}

_ALIASES: Final = {
    "angularjs": "angular",
    "angular.js": "angular",
    "cpp": "c++",
    "csharp": "c#",
    "dotnet": ".net",
    "js": "javascript",
    "k8s": "kubernetes",
    "nodejs": "node.js",
    "node": "node.js",
    "postgres": "postgresql",
    "reactjs": "react",
    "react.js": "react",
    "vuejs": "vue",
    "vue.js": "vue",
}

_PORTUGUESE: Final = """
    a ao aos aquela aquelas aquele aqueles aquilo as ate cada cerca com como contra cujo da das de
    dela delas dele deles depois desde dessa dessas desse desses desta destas deste destes do dos e
    ela elas ele eles em enquanto entre era eram essa essas esse esses esta estamos estao estar
    estas estava estavam este estes estou eu foi fomos for foram fosse fossem fui ha isso isto ja
    lhe lhes mais mas me mesma mesmas mesmo mesmos meu meus minha minhas muito na nao nas nem no
    nos nossa nossas nosso nossos num numa o onde os ou outra outras outro outros para pela pelas
    pelo pelos perante pois por porem porque pra quais qual qualquer quando quanto que quem sao se
    seja sejam sem sempre sendo ser sera serao seu seus si sido sim so sob sobre sua suas tal
    tambem tao te tem tendo tenha tenho ter teu teus teve tido tinha toda todas todo todos tu tua
    tuas tudo um uma umas uns voce voces vos
"""
_ENGLISH: Final = """
    about above after again all also am an and any are as at be because been before being below
    between both but by can could did do does doing down during each few for from further had has
    have having he her here hers him his how i if in into is it its itself just me more most must
    my no nor not now of off on once only or other our ours out over own per same shall she should
    so some such than that the their theirs them then there these they this those through to too
    under until up upon very via was we were what when where which while who whom why will with
    within without would you your yours
"""

STOP_WORDS: Final = frozenset((_PORTUGUESE + _ENGLISH).split())
"""Words without content in Portuguese and English, accents folded."""


class Tokenizer:
    """Turn text into a list of terms, in the order of the text.

    Safe to share between threads. Raw words are remembered in a bounded table, so that text made
    of words seen before costs one regular expression and one dictionary look-up per word.

    Args:
        stop_words: folded words to drop.
        drop: further folded words to drop (for example words that disclose a protected attribute).
        stem: whether to stem; off, terms are folded words.
        max_chars: text beyond this many characters is ignored, so time is bounded.
        cache_size: how many raw words are remembered.
    """

    def __init__(
        self,
        *,
        stop_words: Iterable[str] = STOP_WORDS,
        drop: Iterable[str] = (),
        stem: bool = True,
        max_chars: int = 100_000,
        cache_size: int = 100_000,
    ) -> None:
        self.stop_words = frozenset(stop_words)
        self.drop = frozenset(drop)
        self.stem = stem
        self.max_chars = max_chars
        self.cache_size = cache_size
        self._terms = ChunkTable(self.split_chunk, cache_size)
        self._lock = threading.Lock()
        # A Stemmer object is not re-entrant: it is only used under the lock.
        self._stemmer = Stemmer.Stemmer("portuguese", 0)

    def __call__(self, text: str) -> list[str]:
        """Return the terms of ``text``."""
        return list(chain.from_iterable(map(self._terms.__getitem__, self.chunks(text))))

    def chunks(self, text: str) -> list[str]:
        """Return what stands between blanks, in lower case.

        Looking these up whole in a :class:`ChunkTable` is cheaper than a regular expression.
        """
        if len(text) > self.max_chars:
            text = text[: self.max_chars]
        return text.lower().split()

    def words(self, text: str) -> list[tuple[str, str]]:
        """Return (term, word as written) for every term of ``text``; slower than a call."""
        text = text[: self.max_chars]
        return [
            (term, match.group()[start:end])
            for match in CHUNK.finditer(text)
            for term, start, end in self.spans(match.group())
        ]

    def spans(self, chunk: str) -> list[tuple[str, int, int]]:
        """Return (term, start, end) of every term of a text without blanks, as it is written.

        Where lower case, composed accents or hidden marks move positions, a term stands for the
        whole chunk.
        """
        lowered = chunk.lower()
        folded = _readable(lowered).lower()
        moved = folded != lowered or len(folded) != len(chunk)
        return [
            (term, 0, len(chunk)) if moved else (term, match.start(), match.end())
            for match in _TOKEN.finditer(folded)
            if (term := self.term(match.group()))
        ]

    def split_chunk(self, chunk: str) -> tuple[str, ...]:
        """Return the terms of lower-case text without blanks, by the rules, without the table."""
        if not chunk.isascii():
            chunk = _readable(chunk).lower()
        return tuple(term for raw in _TOKEN.findall(chunk) if (term := self.term(raw)))

    def term(self, word: str) -> str:
        """Return the term of one raw word, or ``""`` if the rules drop it."""
        if len(word) > _MAX_TOKEN_CHARS:
            return ""
        word = fold(word)
        if not word.isascii():
            word = _latin(word)
        word = _MASCULINE.get(word) or _ALIASES.get(word, word)
        if word.isnumeric() or (len(word) == 1 and word not in _ONE_LETTER):
            return ""
        if word in self.stop_words or word in self.drop:
            return ""
        if word[0].isdigit() and word.lstrip("0123456789") in self.drop:
            return ""  # "42anos"
        if not self.stem or _TECHNICAL.search(word):
            return word
        with self._lock:
            return fold(self._stemmer.stemWord(_accented(word)))


class ChunkTable(dict[str, tuple[T, ...]]):
    """A bounded table from chunk to whatever it splits into; fills itself, is emptied when full.

    Args:
        split: what a chunk becomes.
        size: how many chunks are remembered.
    """

    def __init__(self, split: Callable[[str], tuple[T, ...]], size: int) -> None:
        super().__init__()
        self._split = split
        self._size = size

    def __missing__(self, chunk: str) -> tuple[T, ...]:
        """Split ``chunk`` and remember it, unless it is too long to be seen again."""
        parts = self._split(chunk)
        if len(chunk) <= _MAX_CACHED_CHARS:
            if len(self) >= self._size:
                self.clear()
            self[chunk] = parts
        return parts


def _readable(text: str) -> str:
    """Return ``text`` as it is seen; decomposed accents would otherwise split a word."""
    return unicodedata.normalize("NFKC", bounded(_UNSEEN.sub("", text), _MAX_CHUNK_CHARS))


def _latin(word: str) -> str:
    """Return a word written with look-alikes of Latin letters in Latin, any other as it is."""
    plain = word.translate(_LOOK_ALIKES)
    return plain if plain.isascii() else word


def _accented(word: str) -> str:
    """Give a folded word the accents by which the stemmer knows a suffix."""
    for folded, accented in _SUFFIXES:
        if word.endswith(folded):
            return word[: -len(folded)] + accented
    return word
