"""What a statement is called: its operation and tables, and nothing it holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praca.platform.telemetry.summaries import summary_of


@pytest.mark.parametrize(
    ("statement", "summary"),
    [
        ("SELECT 1", "SELECT"),
        ("select a.b from jobs.vagas a join jobs.areas on true", "SELECT jobs.vagas jobs.areas"),
        ("INSERT INTO wallet.cards (id) VALUES (%s) ON CONFLICT DO NOTHING", "INSERT wallet.cards"),
        ("UPDATE ONLY wallet.cards SET a = 'FROM x.y'", "UPDATE wallet.cards"),
        ("DELETE FROM a.b AS m USING old WHERE m.id = old.id", "DELETE a.b old"),
        ("SELECT a FROM b.c WHERE d IS DISTINCT FROM e.f FOR NO KEY UPDATE", "SELECT b.c"),
        ("INSERT INTO a.b SELECT 1 ON CONFLICT (id) DO UPDATE SET c = 1", "INSERT a.b"),
        ("WITH old AS MATERIALIZED (SELECT 1 FROM a.b) SELECT * FROM old", "SELECT a.b"),
        ("WITH x AS (SELECT 1 FROM a.b) UPDATE c.d SET e = 1 FROM x", "UPDATE c.d a.b"),
        ("SELECT * FROM unnest(%s) JOIN helpdesk.hold(%s) ON true", "SELECT helpdesk.hold"),
        ("-- FROM secret.one\nSELECT /* FROM secret.two */ 1 FROM a.b", "SELECT a.b"),
        ("SELECT $x$ FROM secret.one $x$ FROM a.b", "SELECT a.b"),
        ("SET LOCAL statement_timeout = 5", "SET"),
        ("", "SQL"),
    ],
)
def test_a_statement_is_called_by_what_it_does(statement: str, summary: str) -> None:
    assert summary_of(statement).text == summary


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_stands_in_quotation_marks_never_gets_through(text: str) -> None:
    quoted = text.replace("'", "''")
    statement = f"SELECT x FROM a.b WHERE c = 'FROM {quoted}' AND d = 1"
    assert summary_of(statement).text == "SELECT a.b"


@given(st.from_regex(r"\d{11}", fullmatch=True))
def test_no_number_gets_through(cpf: str) -> None:
    assert cpf not in summary_of(f"SELECT {cpf} FROM {cpf} JOIN {cpf} WHERE a = {cpf}").text


def test_names_are_few() -> None:
    tables = " JOIN ".join(f"a.t{number}" for number in range(100))
    assert len(summary_of(f"SELECT 1 FROM {tables}").targets) == 4
