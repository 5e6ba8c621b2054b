"""The facts of a text: every number, date, time, price, share, phone, address and link in it.

A fact is a short text in one spelling, so that two texts agree if their sets do: ``R$ 10``,
``R$ 10,00`` and ``dez reais`` are all ``money:10``; ``15/03``, ``15 de março`` and ``quinze de
março`` are ``date:15/3``. A number keeps what it is a number of, if that can be told: ``10 dias``
does not vouch for ``10 horas``, for ``R$ 10`` nor for ``10 dias úteis``.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Final

from praca.helpdesk.answering.numerals import UNITS
from praca.helpdesk.answering.plain import plain

__all__ = ["facts", "vouched"]

_MONTHS: Final = {
    "janeiro": 1, "fevereiro": 2, "marco": 3, "abril": 4, "maio": 5, "junho": 6, "julho": 7,
    "agosto": 8, "setembro": 9, "outubro": 10, "novembro": 11, "dezembro": 12,
}  # fmt: skip
_MONTH_NAMES: Final = {**_MONTHS, **{name[:3]: number for name, number in _MONTHS.items()}}
_WEEKDAYS: Final = {"2o": "segunda", "3o": "terca", "4o": "quarta", "5o": "quinta", "6o": "sexta"}
_SCALES: Final = {
    "mil": 10**3, "milhao": 10**6, "milhoes": 10**6, "bilhao": 10**9, "bilhoes": 10**9,
}  # fmt: skip
_CURRENCIES: Final = {
    "us$": "usd", "usd": "usd", "dolar": "usd", "dolares": "usd", "$": "usd", "€": "eur",
    "eur": "eur", "euro": "eur", "euros": "eur", "£": "gbp", "libras": "gbp",
}  # fmt: skip
_LONG: Final = 7
"""Digits from which a number is a phone's, a document's or a code."""

_NUM = r"(?:\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?)(?![\d])"
_SCALE = r"(?: ?(?P<{0}>mil|milhao|milhoes|bilhao|bilhoes)\b(?: de\b)?)?"
_LONG_MONTH = "|".join(_MONTHS)
_ANY_MONTH = "|".join(_MONTH_NAMES)
_DAY, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_SPAN = r"(?:dia|semana|quinzena|mes(?:es)?|(?:bi|tri|quadri|se)mestre|ano)"
_TAIL = r"[^\s<>\"“”«»|\\^{}\[\]]*"
_PATTERNS: Final = {
    "link": r"\]\((?P<target>[^)\n]{0,500})\)?",
    "url": rf"(?:[a-z][a-z0-9+.\-]{{1,20}}://|\b(?:javascript|data(?=:[a-z]+/)|vbscript|mailto|tel|sms|file"
    rf"|blob|whatsapp|intent):(?=\S)){_TAIL}",
    "email": r"(?:(?<![\w.+%\-])[\w.+%\-]+)?@[\w\-]*(?:\.[\w\-]+)*",
    "domain": rf"(?<![\w.])(?:[\w\-]+\.)+[^\W\d_]{{2,24}}(?![\w])(?:[/?#:](?=\S){_TAIL})?",
    "iso": rf"(?<![\d/.\-])(?P<iy>\d{{4}})-(?P<im>{_MONTH})-(?P<id>{_DAY})(?![\d/\-])",
    "date": rf"(?<![\d/.\-])(?P<dd>{_DAY})(?P<sep>[/.\-])(?P<dm>{_MONTH})(?P=sep)"
    r"(?P<dy>\d{4}|\d{2})(?![\d/\-])",
    "month_year": rf"(?<![\d/.\-])(?P<mm>{_MONTH})/(?P<my>[12]\d{{3}})(?![\d/\-])",
    "day_month": rf"(?<![\d/.\-])(?P<sd>{_DAY})/(?P<sm>{_MONTH})(?![\d/\-])",
    "spelled": rf"(?<![\w/.\-])(?P<pd>{_DAY})(?:\.?o)?(?: de | |/)(?P<pm>{_ANY_MONTH})\b\.?"
    r"(?:(?:,? de |[ /])(?P<py>[12]\d{3}|\d{2}(?=\b))(?![\w%]))?",
    "month_of": rf"\b(?P<om>{_ANY_MONTH})\.?(?: de | ?/|,? )(?P<oy>[12]\d{{3}})\b",
    "month": rf"\b(?P<nm>{_LONG_MONTH})\b",
    "phone": r"(?<![\w.])\(0?\d{2}\) ?9?\d{8}(?!\d)"
    r"|(?<![\w.])(?:\+?55[ \-]?)?(?:\(?0?\d{2}\)?[ \-]?)?(?:9 )?\d{4,5}[ \-.]\d{4}(?![\d])"
    r"|(?<![\w.])0[3589]00[ \-.]?\d{3}[ \-.]?\d{3,4}(?!\d)",
    "money": rf"(?P<cur>r ?\$|us\$|\$|€|£|\busd|\beur|\bbrl) ?(?P<mv>{_NUM})"
    rf"{_SCALE.format('ms')}(?!\w)"
    rf"|(?P<rv>{_NUM}){_SCALE.format('rs')} ?(?P<unit>reais|real|contos?|pilas?|pratas?|mangos?"
    rf"|paus|dolar|dolares|euros?|libras)\b(?: e (?P<cents>\d{{1,2}}) centavos?\b)?"
    rf"|(?P<cv>{_NUM}) ?centavos?\b",
    "percent": rf"(?P<pv>{_NUM}) ?(?:%|pct\b|pontos percentuais)",
    "time": r"(?<![\d:.,])(?P<th>[01]?\d|2[0-4]) ?(?:h|hs|:|horas e) ?(?P<tm>[0-5]\d)"
    r"(?: ?(?:min|minutos|m|h|hs|horas))?(?![\w:])",
    "code": r"(?<!\w)(?=(?:[./\-]?\d){7})(?!\d{1,3}(?:\.\d{3})+(?:,\d+)?(?![\d./\-]))"
    r"\d+(?:[./\-]\d+)+(?!\w)",
    "ordinal": r"(?<![\w.,])(?P<ov>\d{1,4})\.?[oa]s?(?![\w])",
    "number": rf"(?<!\w)(?P<nv>{_NUM}){_SCALE.format('ns')}(?=(?P<glued_to>[^\W\d]\w*)?)"
    r"(?= ?(?P<nu>[a-z]+[23]?)(?!\w)(?: (?P<kind>uteis|util|corridos?|letivos?"
    r"|consecutivos?|minimos?))?|)",
    "glued": r"(?<!\w)(?=\w*\d)\w+",
    "weekday": r"\b(?:2o|3o|4o|5o|6o|segunda|terca|quarta|quinta|sexta)(?:s?-? ?feiras?)\b"
    r"|\bterca\b|\bsabados?\b|\bdomingos?\b",
    "word": rf"\b(?:(?:por|ao|a cada) (?:{_SPAN}|hora|pessoa|via|folha|metro)"
    r"|hoje|amanha|ontem|anteontem|metade|dobro|triplo|duzias?|dezenas?|centenas?"
    r"|quinzenas?"
    r"|i{2,3}|iv|vi{1,3}|ix|xi{1,3}|xi?v|xvi{1,3}|xi?x|xxi{0,3}"
    rf"|(?:proxim[oa]s?|cada|nest[ea]|dest[ea]|tod[oa](?:s [oa]s)?) {_SPAN}s?"
    rf"|{_SPAN}s? (?:seguintes?|proxim[oa]s?|que vem)|fi(?:m|ns) d[eoa]s? {_SPAN}s?|tercos?"
    r"|feriados?|madrugadas?|manhas?|tardes?|noites?|noturn\w*|a qualquer (?:hora|momento|dia)"
    r"|milhares|milhao|milhoes|bilhao|bilhoes|na hora|(?:diari|semanal|quinzenal|mensal"
    r"|bimestral|trimestral|semestral|anual|imediat|vitalici)\w*)\b",
    "free": r"\b(?P<no>nao|nem) (?:\w+ ){0,2}(?:gratuit\w*|gratis|de graca)\b"
    r"|\bgratuit\w*|\bgratis\b|\bde graca\b|\bisent\w+|\bisencao\b|\bcusto zero\b"
    r"|\b(?:sem|livre de) (?:nenhum |qualquer )?(?:custos?|taxas?|cobranca|pagamento|pagar)\b"
    r"|\bnao (?:ha|tem|possui|existe) (?:custos?|taxas?)\b|\bnao (?:e|sera) cobrad\w+"
    r"|\bnao (?:se )?(?:custa|cobra|paga)m?\b(?:-se)?(?: nada)?(?! r ?\$| \d)",
    "paid": r"\b(?:servico|e|sao) pag[oa]s?\b|\b(?:pagam?|cobram?)-se\b|\bcobram?\b"
    r"|\bcobrad[oa]s?\b|\b(?:tem|ha) (?:custos?|taxas?|cobrancas?)\b"
    r"|\b(?:precisam?|tem que|preciso|necessario|deve) pagar\b|\bmediante (?:pagamento|taxa)\b",
    "sign": r"[^\x00-\x7f]",
}
# What may begin like a number comes before it; a time before a number, a phone before a code.
_SCAN: Final = re.compile(
    "|".join(
        f"(?P<{name}>{_PATTERNS[name]})"
        for name in (
            "link", "url", "email", "domain", "iso", "date", "month_year", "day_month", "spelled",
            "month_of", "phone", "money", "percent", "time", "weekday", "ordinal", "code",
            "number", "glued", "month", "word", "free", "paid", "sign",
        )
    )
)  # fmt: skip
_GROUPED: Final = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")
# A comma before three digits; more than two digits after a point; a code that begins with 0.
_AS_WRITTEN: Final = re.compile(r"\d+,\d{3}|\d+\.\d{4,}|\d{4,}\.\d{3}|0\d{2,}")
_MOST_DIGITS: Final = 20
_NUMBER: Final = re.compile(rf"(?<![\w.,])(?:r ?\$ ?)?({_NUM})")
_COUNTED: Final = re.compile(rf"(?<![\w.,])({_NUM})((?: [a-z]+){{1,4}})")
_LEAST = (
    r"no minimo|pelo menos|ao menos|mais d[eoa]|acima d[eoa]|a partir d[eoa]s?"
    r"|superior(?:es)? a|maior(?:es)? (?:de|que)"
)
_MOST = r"no maximo|quase|menos d[eoa]|abaixo d[eoa]|inferior(?:es)? a|menor(?:es)? (?:de|que)"
_BOUND_BEFORE: Final = re.compile(
    rf"\b(?:(?P<least>{_LEAST})|(?P<most>{_MOST})|(?P<upto>ate)) (?:r ?\$ ?)?(?P<value>{_NUM})"
)
_BOUND_AFTER: Final = re.compile(
    rf"(?<![\w.,])(?P<value>{_NUM})(?: [a-z]+){{0,2}} ou (?:(?P<least>mais)|(?P<most>menos))\b"
)
_PARTICLES = """
    para por com sem que ate dos das nos nas pelo pela pelos pelas mais menos aos como quando
    conforme exceto ainda apos depois antes entre sobre sao esta este essa esse foi sera tem
    """
_UNCOUNTED: Final = frozenset(_PARTICLES.split())
_TRAILING: Final = ".,;:!?)]}'\"_-/"
_NOT_DIGIT: Final = re.compile(r"\D")
_SCHEME: Final = re.compile(r"^https?://|^//")


def facts(text: str) -> frozenset[str]:
    """Return the facts of ``text``."""
    read = plain(text)
    return frozenset(_scan(read)).union(_bounds(read))


@lru_cache(maxsize=4096)
def vouched(text: str) -> frozenset[str]:
    """Return the facts that a cited ``text`` vouches for.

    Its own, and those that are part of one of them: the month of a date, the host of an address,
    a phone number without its area code. What is counted may stand a few words after its number.
    """
    own = facts(text)
    read = plain(text)
    return own.union(*(_parts(fact) for fact in own), _nearby(read), _limits(read, own))


def _bounds(read: str) -> Iterator[str]:
    """Yield what is said to be the least or the most: "menos de 16 anos", "16 anos ou mais"."""
    for found in (*_BOUND_BEFORE.finditer(read), *_BOUND_AFTER.finditer(read)):
        kind = next(name for name in ("least", "most", "upto") if found.groupdict().get(name))
        yield f"{kind}:{_value(found['value'])}"


def _limits(read: str, own: frozenset[str]) -> Iterator[str]:
    """Yield the bounds that are vouched for: "10 dias" may be "até 10 dias", not "mais de 10"."""
    for found in _NUMBER.finditer(read):
        value = _value(found[1])
        if f"least:{value}" not in own:
            yield f"upto:{value}"
        if f"upto:{value}" in own:
            yield f"most:{value}"


def _nearby(read: str) -> Iterator[str]:
    for found in _COUNTED.finditer(read):
        for word in found[2].split():
            yield f"number:{_value(found[1])}:{_counted(word)}"


def _counted(word: str) -> str:
    return word.removesuffix("s")[:6]


def _scan(text: str) -> Iterator[str]:
    at = 0
    while found := _SCAN.search(text, at):
        # The group that closed last is the outer one: the name of the pattern.
        yield from _READERS[str(found.lastgroup)](found)
        at = max(found.end(), at + 1)


def _value(digits: str, scale: str | None = None) -> str:
    """Return a number as Brazil writes it in one spelling; ``1.000`` is 1000, ``10,50`` is 10.5.

    A comma before three digits is left as it is: a thousand to some, one to others.
    """
    is_unclear = scale is None and _AS_WRITTEN.fullmatch(digits) is not None
    if is_unclear or len(digits) > _MOST_DIGITS:
        return digits
    if _GROUPED.fullmatch(digits) or "," in digits:
        digits = digits.replace(".", "").replace(",", ".")
    number = Decimal(digits) * _SCALES.get(scale or "", 1)
    return f"{number.normalize():f}"


def _link(found: re.Match[str]) -> Iterator[str]:
    target = found["target"].strip().split(" ")[0]
    inner = list(_scan(target))
    yield from inner or [f"link:{target}"]


def _url(found: re.Match[str]) -> Iterator[str]:
    address = _SCHEME.sub("", found[0]).removeprefix("www.").rstrip(_TRAILING)
    if address.startswith(("mailto:", "tel:")):
        yield from _scan(address.partition(":")[2])
    elif address:
        yield f"url:{address}"


def _email(found: re.Match[str]) -> Iterator[str]:
    yield f"email:{found[0].strip('.-')}"


def _date(day: str, month: int, year: str | None) -> str:
    if year is None:
        return f"date:{int(day)}/{month}"
    return f"date:{int(day)}/{month}/{year if len(year) > 2 else '20' + year}"  # noqa: PLR2004


def _dates(day: str, month: str, year: str | None) -> Callable[[re.Match[str]], Iterator[str]]:
    def read(found: re.Match[str]) -> Iterator[str]:
        number = _MONTH_NAMES.get(found[month]) or int(found[month])
        yield _date(found[day], number, found[year] if year else None)

    return read


def _months(month: str, year: str | None) -> Callable[[re.Match[str]], Iterator[str]]:
    def read(found: re.Match[str]) -> Iterator[str]:
        number = _MONTH_NAMES.get(found[month]) or int(found[month])
        yield f"month:{number}/{found[year]}" if year else f"month:{number}"

    return read


def _digits(found: re.Match[str]) -> Iterator[str]:
    digits = _NOT_DIGIT.sub("", found[0])
    # "(021)" is "(21)"; 0800 begins a number of its own.
    is_long_distance = len(digits) in {11, 12} and re.match(r"0[1-9][1-9]", digits)
    yield f"digits:{digits[1:] if is_long_distance else digits}"


def _money(found: re.Match[str]) -> Iterator[str]:
    if found["cv"]:
        yield f"money:{(Decimal(_value(found['cv']).replace(',', '.')) / 100).normalize():f}"
        return
    digits, scale = found["mv"] or found["rv"], found["ms"] or found["rs"]
    value = _value(digits, scale)
    if found["cents"]:
        value = (
            f"{(Decimal(value.replace(',', '.')) + Decimal(found['cents']) / 100).normalize():f}"
        )
    currency = _CURRENCIES.get(found["cur"] or found["unit"])
    yield f"money-{currency}:{value}" if currency else f"money:{value}"


def _percent(found: re.Match[str]) -> Iterator[str]:
    yield f"percent:{_value(found['pv'])}"


def _time(found: re.Match[str]) -> Iterator[str]:
    hour, minutes = int(found["th"]), found["tm"]
    yield f"hora:{hour}" if minutes == "00" else f"time:{hour}:{minutes}"


def _ordinal(found: re.Match[str]) -> Iterator[str]:
    yield f"ordinal:{int(found['ov'])}"


def _number(found: re.Match[str]) -> Iterator[str]:
    digits = found["nv"]
    if len(digits) >= _LONG and digits.isdecimal():
        yield f"digits:{digits}"
        return
    value, unit = _value(digits, found["ns"]), UNITS.get(found["nu"] or "")
    if unit is None:
        yield _bare_number(found, value)
        return
    kind = (found["kind"] or "").replace("uteis", "util").rstrip("s")
    yield f"{unit}:{value}:{kind}" if kind else f"{unit}:{value}"


def _bare_number(found: re.Match[str], value: str) -> str:
    if found["glued_to"] is not None:
        # "2x" is no 2: what is glued to it may make anything of it.
        return f"token:{found[0]}{found['glued_to']}"
    noun = found["nu"] or ""
    is_counted = len(noun) > 2 and noun not in _UNCOUNTED  # noqa: PLR2004
    return f"number:{value}:{_counted(noun)}" if is_counted else f"number:{value}"


def _weekday(found: re.Match[str]) -> Iterator[str]:
    name = re.split(r"[ \-]|s?feira", found[0])[0]
    yield f"weekday:{_WEEKDAYS.get(name, name).rstrip('s')}"


def _free(found: re.Match[str]) -> Iterator[str]:
    yield "paid" if found["no"] else "free"


def _as_is(found: re.Match[str]) -> Iterator[str]:
    yield f"token:{found[0]}"


def _sign(found: re.Match[str]) -> Iterator[str]:
    if found[0].isnumeric():
        yield f"token:{found[0]}"


def _word(found: re.Match[str]) -> Iterator[str]:
    yield f"word:{found[0].removesuffix('mente').rstrip('aeos')}"


def _paid(_found: re.Match[str]) -> Iterator[str]:
    yield "paid"


_READERS: Final[dict[str, Callable[[re.Match[str]], Iterator[str]]]] = {
    "link": _link,
    "url": _url,
    "email": _email,
    "domain": _url,
    "iso": _dates("id", "im", "iy"),
    "date": _dates("dd", "dm", "dy"),
    "month_year": _months("mm", "my"),
    "day_month": _dates("sd", "sm", None),
    "spelled": _dates("pd", "pm", "py"),
    "month_of": _months("om", "oy"),
    "phone": _digits,
    "money": _money,
    "percent": _percent,
    "time": _time,
    "weekday": _weekday,
    "ordinal": _ordinal,
    "code": _digits,
    "number": _number,
    "glued": _as_is,
    "month": _months("nm", None),
    "word": _word,
    "free": _free,
    "paid": _paid,
    "sign": _sign,
}


def _parts(fact: str) -> list[str]:
    """Return the facts that are part of a fact."""
    kind, _, rest = fact.partition(":")
    parts = _PARTS.get(kind.partition("-")[0])
    return parts(rest) if parts else []


def _parts_of_date(rest: str) -> list[str]:
    day, month, *year = rest.split("/")
    parts = [f"date:{day}/{month}", f"month:{month}"]
    return parts + [f"month:{month}/{one}" for one in year] + [f"number:{y}" for y in year]


def _parts_of_month(rest: str) -> list[str]:
    month, _, year = rest.partition("/")
    return [f"month:{month}", f"number:{year}"] if year else []


def _parts_of_weekday(rest: str) -> list[str]:
    return [f"ordinal:{name[0]}" for name, day in _WEEKDAYS.items() if day == rest]


def _without_area(digits: str) -> list[str]:
    """Return a phone number also without the country's and the area's code."""
    national = digits.removeprefix("55") if len(digits) in {12, 13} else digits
    has_area = len(national) in {10, 11} and not national.startswith("0")
    local = national[2:] if has_area else national
    return [f"digits:{national}", f"digits:{local}"]


_PARTS: Final[dict[str, Callable[[str], list[str]]]] = {
    "date": _parts_of_date,
    "month": _parts_of_month,
    "weekday": _parts_of_weekday,
    "digits": _without_area,
    "money": lambda _: ["paid"],
    "number": lambda rest: [f"number:{rest.partition(':')[0]}"],
    "url": lambda rest: [f"url:{re.split(r'[/?#]', rest)[0]}"],
}
