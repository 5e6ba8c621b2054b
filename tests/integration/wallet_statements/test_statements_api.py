"""Statements, as a card's owner asks for them over HTTP."""

import csv
import io
import re
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pypdfium2
import pytest
from tests.integration.ledgers import Movement, move

from praca.kit.clock import BRASILIA, today_in_brasilia
from praca.platform.resources import Resources
from praca.wallet.ledger.postings import TransferKind
from praca.wallet.statements import pdf_file
from praca.wallet.statements import service as statements
from praca.wallet.statements.pdf_file import to_pdf
from praca.wallet.statements.repository import LINES_AT_ONCE

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
CARDS = "/api/v1/transport-card"
NOVEMBER = {"start": "2025-11-01", "end": "2025-11-30"}
RECHARGE, DEBIT = TransferKind.RECHARGE, TransferKind.DEBIT


@dataclass
class Holder:
    """A person with one card."""

    client: httpx.AsyncClient
    resources: Resources
    headers: dict[str, str]
    number: str

    async def ask(self, accept: str = "*/*", **query: str) -> httpx.Response:
        return await self.client.get(
            f"{CARDS}/{self.number}/statement",
            params=query,
            headers=self.headers | {"Accept": accept},
        )

    async def move(self, *movements: Movement) -> None:
        city = self.resources.databases.city
        row = await city.fetch_one(
            "SELECT account_id FROM wallet.cards WHERE card_number = %(number)s",
            {"number": self.number},
        )
        assert row is not None
        await move(city, row[0], movements)


@pytest.fixture
async def ana(client: httpx.AsyncClient, resources: Resources, make_account: MakeAccount) -> Holder:
    headers = (await make_account("ana"))["headers"]
    issued = await client.post(f"{CARDS}/", headers=headers)
    return Holder(client, resources, headers, issued.json()["card_number"])


def at(text: str) -> datetime:
    """A moment by the city's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=BRASILIA)


async def of_autumn(ana: Holder) -> None:
    """Movements around November, at the very edges of its days."""
    await ana.move(
        (at("2025-10-31T23:59:59.999999"), RECHARGE, 5000),
        (at("2025-11-01T00:00:00"), DEBIT, -440),
        (at("2025-11-15T12:00:00"), TransferKind.PIX_RECHARGE, 123456),
        (at("2025-11-30T23:59:59.999999"), DEBIT, -1),
        (at("2025-12-01T00:00:00"), DEBIT, -15),
    )


def refusal(answer: httpx.Response) -> tuple[int, str, list[Any]]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    return answer.status_code, problem["code"], [item["loc"] for item in problem["errors"]]


def words(pdf: bytes) -> list[str]:
    """Return the text of each page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


async def test_a_month_has_exact_edges(ana: Holder) -> None:
    await of_autumn(ana)
    answer = await ana.ask(**NOVEMBER)
    found = answer.json()
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert [
        (item["number"], item["description"], item["amount"], item["balance_after_transaction"])
        for item in found["entries"]
    ] == [
        (2, "Passagem", -440, 4560),
        (3, "Recarga por Pix", 123456, 128016),
        (4, "Passagem", -1, 128015),
    ]
    assert (found["opening_balance"], found["closing_balance"]) == (5000, 128015)
    assert (found["total_in"], found["total_out"], found["entry_count"]) == (123456, 441, 3)
    assert found["seal"] == found["entries"][-1]["hash"]
    assert found["entries"][0]["transaction_date"] == "2025-11-01T03:00:00Z"
    assert (found["card_number"], found["start"], found["end"]) == (ana.number, *NOVEMBER.values())
    assert found["generated_at"].endswith("Z")


@pytest.mark.parametrize(
    ("start", "end", "balance"),
    [
        ("2025-01-01", "2025-10-30", 0),
        ("2025-11-02", "2025-11-14", 4560),
        ("2025-12-02", "2026-01-01", 128000),
        ("9999-12-31", "9999-12-31", 128000),
        ("0001-01-01", "0001-01-01", 0),
    ],
)
async def test_balances_are_exact_where_nothing_happens(
    ana: Holder, start: str, end: str, balance: int
) -> None:
    await of_autumn(ana)
    found = (await ana.ask(start=start, end=end)).json()
    assert found["entries"] == []
    assert (found["opening_balance"], found["closing_balance"]) == (balance, balance)
    assert (found["total_in"], found["total_out"]) == (0, 0)
    assert (found["seal"] is None) == (balance == 0)


async def test_every_day_of_a_year_by_plain_counting(ana: Holder) -> None:
    moments = [at("2025-01-01T00:00:00") + timedelta(hours=31) * step for step in range(60)]
    await ana.move(*((moment, RECHARGE, 10**step % 997 + 1) for step, moment in enumerate(moments)))
    amounts = [(m, 10**step % 997 + 1) for step, m in enumerate(moments)]
    for day in range(0, 80, 3):
        start = at("2025-01-01T00:00:00") + timedelta(days=day)
        end = start + timedelta(days=2)
        found = (await ana.ask(start=f"{start:%Y-%m-%d}", end=f"{end:%Y-%m-%d}")).json()
        inside = [a for m, a in amounts if start <= m < end + timedelta(days=1)]
        assert [item["amount"] for item in found["entries"]] == inside
        assert found["opening_balance"] == sum(a for m, a in amounts if m < start)
        assert found["closing_balance"] == found["opening_balance"] + sum(inside)


async def test_the_last_thirty_days_are_the_default(ana: Holder) -> None:
    today = today_in_brasilia()
    await ana.move(
        (datetime.now(UTC) - timedelta(days=32), RECHARGE, 100),
        (datetime.now(UTC), DEBIT, -10),
    )
    found = (await ana.ask()).json()
    assert [item["amount"] for item in found["entries"]] == [-10]
    assert found["opening_balance"] == 100
    shown = (datetime.fromisoformat(found[name]).date() for name in ("start", "end"))
    assert today - timedelta(days=30) <= min(shown) <= today


async def test_a_new_card_has_an_empty_statement(ana: Holder) -> None:
    found = (await ana.ask()).json()
    assert (found["entries"], found["opening_balance"], found["seal"]) == ([], 0, None)
    for shape in ("csv", "pdf"):
        assert (await ana.ask(format=shape)).status_code == 200


async def test_bad_periods(ana: Holder) -> None:
    late = await ana.ask(start="2025-11-02", end="2025-11-01")
    assert refusal(late) == (422, "invalid_period", [["query", "end"]])
    long = await ana.ask(start="2024-01-01", end="2025-01-01")
    assert refusal(long) == (422, "period_too_long", [["query", "start"]])
    assert "366" in long.json()["detail"]
    assert (await ana.ask(start="2024-01-01", end="2024-12-31")).status_code == 200


@pytest.mark.parametrize(
    "day", ["", "1700000000", "2025-02-29", "20251101", "2025-W47-7", "\x00", "01/11/2025"]
)
async def test_days_that_are_none(ana: Holder, day: str) -> None:
    answer = await ana.ask(start=day)
    assert refusal(answer) == (422, "validation_error", [["query", "start"]])
    assert answer.json()["errors"][0]["msg"] == "Deve ser uma data, como 2026-11-22."


async def test_formats_that_are_none(ana: Holder) -> None:
    assert refusal(await ana.ask(format="xml"))[2] == [["query", "format"]]


async def test_accept_chooses_where_format_does_not(ana: Holder) -> None:
    assert (await ana.ask("text/csv")).headers["Content-Type"] == "text/csv; charset=utf-8"
    assert (await ana.ask("application/pdf")).headers["Content-Type"] == "application/pdf"
    chosen = await ana.ask("application/pdf", format="json")
    assert chosen.headers["Content-Type"] == "application/json"
    assert "Accept" in chosen.headers["Vary"].split(", ")


async def test_a_spreadsheet(ana: Holder) -> None:
    await of_autumn(ana)
    answer = await ana.ask(format="csv", **NOVEMBER)
    text = answer.content.decode()
    assert text.startswith("\ufeff")
    assert text.count("\n") == text.count("\r\n")
    rows = list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=";"))
    assert {len(row) for row in rows} == {7}
    facts = dict(row[:2] for row in rows[:9])
    last = ana.number[-4:]
    assert facts["Cartão"] == f"**** **** **** {last}"
    assert (facts["Saldo inicial"], facts["Saldo final"]) == ("50,00", "1280,15")
    assert (facts["Entradas"], facts["Saídas"]) == ("1234,56", "-4,41")
    found = (await ana.ask(**NOVEMBER)).json()["entries"]
    assert rows[10][0] == "Número"
    assert rows[12] == [
        "3",
        "15/11/2025 12:00:00",
        "Recarga por Pix",
        "pix_recharge",
        "1234,56",
        "1280,16",
        found[1]["hash"],
    ]
    assert len(rows) == 14
    assert ana.number not in text
    disposition = answer.headers["Content-Disposition"]
    assert disposition == f'attachment; filename="extrato-final-{last}-2025-11-01-2025-11-30.csv"'
    assert answer.headers["Cache-Control"] == "no-store"


async def test_paper(ana: Holder) -> None:
    await of_autumn(ana)
    answer = await ana.ask(format="pdf", **NOVEMBER)
    (page,) = words(answer.content)
    for expected in (
        "Extrato do cartão de transporte",
        f"**** **** **** {ana.number[-4:]}",
        "01/11/2025 a 30/11/2025",
        "R$ 1.234,56",
        "-R$ 4,41",
        "R$ 1.280,15",
        "15/11/2025 12:00:00",
        "+1.234,56",
        "3 movimentações",
        "Página 1 de 1",
        (await ana.ask(**NOVEMBER)).json()["seal"],
    ):
        assert expected in page, expected
    assert ana.number not in page
    assert ana.number[-4:] in answer.headers["Content-Disposition"]
    assert ana.number not in str(answer.headers)
    assert answer.headers["Cache-Control"] == "no-store"


async def test_paper_that_flows_over_pages(ana: Holder) -> None:
    moments: Sequence[datetime] = [
        at("2025-11-02T00:00:00") + timedelta(minutes=n) for n in range(120)
    ]
    await ana.move(*((moment, RECHARGE, n + 1) for n, moment in enumerate(moments)))
    pages = words((await ana.ask(format="pdf", **NOVEMBER)).content)
    assert len(pages) == 4
    shown = [row for page in pages for row in re.findall(r"\+(\d+,\d\d)", page)]
    assert shown == [f"{n // 100},{n % 100:02d}" for n in range(1, 121)]
    for number, page in enumerate(pages, start=1):
        assert f"Página {number} de 4" in page
        assert "Descrição" in page
        assert ("Selo" in page) == (number == 4)


async def test_more_than_fits_on_paper(ana: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    await of_autumn(ana)
    monkeypatch.setattr(statements, "MOST_LINES_IN_PDF", 2)
    answer = await ana.ask(format="pdf", **NOVEMBER)
    assert refusal(answer) == (422, "statement_too_long", [["query", "format"]])
    assert (await ana.ask(format="csv", **NOVEMBER)).status_code == 200


async def test_a_long_statement_comes_in_pieces_and_is_printed_beside_the_loop(
    ana: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment, count = at("2025-11-02T00:00:00"), 2 * LINES_AT_ONCE + 100
    await ana.move(*((moment + timedelta(seconds=n), RECHARGE, n + 1) for n in range(count)))
    threads: list[threading.Thread] = []

    def watched(*arguments: Any) -> bytes:
        threads.append(threading.current_thread())
        return to_pdf(*arguments)

    monkeypatch.setattr(pdf_file, "to_pdf", watched)
    entries = (await ana.ask(format="json", **NOVEMBER)).json()["entries"]
    assert [item["number"] for item in entries] == list(range(1, count + 1))
    assert len({item["hash"] for item in entries}) == count
    assert (await ana.ask(format="csv", **NOVEMBER)).text.count("\r\n") == 11 + count
    assert len(words((await ana.ask(format="pdf", **NOVEMBER)).content)) > 50
    assert threads
    assert threading.main_thread() not in threads


async def test_who_may_not(ana: Holder, make_account: MakeAccount) -> None:
    other = await make_account("bia")
    url = f"{CARDS}/{ana.number}/statement"
    for shape in ("json", "csv", "pdf"):
        query = {"format": shape}
        assert (await ana.client.get(url, params=query)).status_code == 401
        answer = await ana.client.get(url, params=query, headers=other["headers"])
        assert answer.json()["code"] == "not_card_owner"
        missing = f"{CARDS}/{'9' * 16}/statement"
        answer = await ana.client.get(missing, params=query, headers=other["headers"])
        assert answer.json()["code"] == "card_not_found"
    root = await ana.client.get(f"/transport-card/{ana.number}/statement", headers=ana.headers)
    assert root.status_code == 200
