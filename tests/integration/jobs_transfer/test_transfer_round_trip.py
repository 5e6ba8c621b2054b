import gzip
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from praca.jobs.transfer import (
    BrokenFileError,
    ImportMode,
    ImportReport,
    TransferKind,
    export_records,
    import_records,
)

CANDIDATOS, VAGAS, PROSPECTS = TransferKind
REAL = Path(os.environ.get("PRACA_REAL_DATA", "../shared/data")) / "decision"
TABLES = "jobs.prospects, jobs.prospect_groups, jobs.vacancies, jobs.candidates"

Connection = psycopg.Connection[Any]


@pytest.fixture
def connection(city_dsn: str) -> Iterator[Connection]:
    with psycopg.connect(city_dsn) as opened:
        opened.execute(f"TRUNCATE {TABLES} CASCADE")
        opened.commit()
        yield opened
        opened.rollback()
        opened.execute(f"TRUNCATE {TABLES} CASCADE")


def bring(
    connection: Connection,
    kind: TransferKind,
    content: Any,
    mode: ImportMode = ImportMode.UPSERT,
    max_errors: int = 100,
) -> ImportReport:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    report = import_records(connection, io.BytesIO(raw), kind, mode=mode, max_errors=max_errors)
    parts = report.inserted + report.updated + report.unchanged
    assert report.read == parts + report.duplicates + report.skipped
    return report


def out(connection: Connection, kind: TransferKind) -> Any:
    written = io.BytesIO()
    count = export_records(connection, kind, written)
    content = json.loads(written.getvalue())
    assert count == len(content)
    indent = 2 if kind is PROSPECTS else 4
    assert written.getvalue().decode() == json.dumps(content, indent=indent, ensure_ascii=False)
    return content


def candidate(code: int, name: str = "Ana", **more: Any) -> dict[str, Any]:
    return {
        "infos_basicas": {"codigo_profissional": str(code), "nome": name},
        "informacoes_pessoais": {"email": "a@b.c"},
        "informacoes_profissionais": {},
        "formacao_e_idiomas": {"cursos": "x\ty\nz\\"},
        "cargo_atual": {"unidade": "1"},
        "cv_pt": "linha\r\n\tção 😀 \\N \\.",
        "cv_en": "",
        **more,
    }


def vacancy(title: str = "Vaga", **more: Any) -> dict[str, Any]:
    return {
        "informacoes_basicas": {"titulo_vaga": title},
        "perfil_vaga": {"nivel profissional": "Pleno", "novo": [1, {"a": None}]},
        "beneficios": {},
        **more,
    }


def application(code: int, **more: Any) -> dict[str, Any]:
    return {
        "nome": "Ana",
        "codigo": str(code),
        "situacao_candidado": "Prospect",
        "data_candidatura": "01-02-2021",
        "ultima_atualizacao": "",
        "comentario": "",
        "recrutador": "Bia",
        **more,
    }


def group(*applications: Any, title: str = "Vaga", **more: Any) -> dict[str, Any]:
    return {"titulo": title, "modalidade": "", "prospects": list(applications), **more}


FILES: dict[TransferKind, dict[str, Any]] = {
    CANDIDATOS: {"1": candidate(1), "2": candidate(2, outro={"x": [1.5]})},
    VAGAS: {"10": vacancy(), "11": vacancy("Outra", extra="y")},
    PROSPECTS: {
        "10": group(application(2), application(1, nota=3), modalidade="CLT", cor="azul"),
        "11": group(),
        "12": group(application(1), application(2, titulo_vaga="Z"), title="B"),
    },
}


@pytest.mark.parametrize("kind", TransferKind)
def test_what_goes_in_comes_out_and_going_in_again_changes_nothing(
    connection: Connection, kind: TransferKind
) -> None:
    first = bring(connection, kind, FILES[kind])
    assert first.inserted == first.read > 0
    exported = out(connection, kind)
    assert exported == FILES[kind] or kind is PROSPECTS
    again = bring(connection, kind, exported)
    assert again.unchanged == again.read == first.read
    replaced = bring(connection, kind, exported, ImportMode.REPLACE)
    assert (replaced.unchanged, replaced.removed) == (first.read, 0)
    assert out(connection, kind) == exported


def test_groups_of_one_code_keep_their_titles(connection: Connection) -> None:
    bring(connection, PROSPECTS, FILES[PROSPECTS])
    exported = out(connection, PROSPECTS)
    assert exported == {
        **FILES[PROSPECTS],
        "12": {**FILES[PROSPECTS]["12"], "outros_titulos": [{"titulo": "Z", "modalidade": ""}]},
    }


@pytest.mark.parametrize("kind", TransferKind)
def test_only_what_differs_is_written(connection: Connection, kind: TransferKind) -> None:
    bring(connection, kind, FILES[kind])
    changed = json.loads(json.dumps(FILES[kind]))
    key = next(iter(changed))
    if kind is PROSPECTS:
        changed[key]["prospects"][0]["recrutador"] = "Outra"
    else:
        changed[key]["novo"] = "x"
    report = bring(connection, kind, changed)
    assert (report.inserted, report.updated) == (0, 1)
    if kind is CANDIDATOS:
        rows = connection.execute(
            "SELECT count(DISTINCT changed_in), count(DISTINCT updated_at) FROM jobs.candidates"
        ).fetchone()
        assert rows == (2, 2)
        connection.commit()


def test_bad_records_are_reported_and_left_out(connection: Connection) -> None:
    content = {
        "1": candidate(1),
        "x": candidate(2),
        "3": {"infos_basicas": {}},
        "4": [],
        "5": candidate(6),
        "6": candidate(6, cv_pt="\0"),
        "7": candidate(7, "\ud800"),
        "8": candidate(8),
    }
    report = bring(connection, CANDIDATOS, content, max_errors=5)
    assert (report.read, report.inserted, report.skipped) == (8, 2, 6)
    assert [(error["position"], error["key"]) for error in report.errors] == [
        (2, "x"), (3, "3"), (4, "4"), (5, "5"), (6, "6"),
    ]  # fmt: skip
    assert report.errors[1]["field"] == "infos_basicas.nome"
    assert set(out(connection, CANDIDATOS)) == {"1", "8"}
    json.dumps(report.as_dict())


@pytest.mark.parametrize("cut", [0, 1, 30, -1])
@pytest.mark.parametrize("mode", ImportMode)
def test_a_broken_file_changes_nothing(connection: Connection, cut: int, mode: ImportMode) -> None:
    bring(connection, CANDIDATOS, FILES[CANDIDATOS])
    before = out(connection, CANDIDATOS)
    raw = json.dumps({"1": candidate(1, "Outra"), "9": candidate(9)}).encode()
    with pytest.raises(BrokenFileError):
        bring(connection, CANDIDATOS, raw[:cut], mode)
    assert out(connection, CANDIDATOS) == before


def test_an_import_that_dies_leaves_nothing(connection: Connection) -> None:
    def die(_records: int, _bytes: int) -> None:
        raise KeyboardInterrupt

    raw = json.dumps(FILES[VAGAS]).encode()
    with pytest.raises(KeyboardInterrupt):
        import_records(connection, io.BytesIO(raw), VAGAS, on_progress=die)
    assert out(connection, VAGAS) == {}
    assert bring(connection, VAGAS, raw).inserted == 2


def test_replace_removes_what_the_file_does_not_name_and_keeps_what_it_misspells(
    connection: Connection,
) -> None:
    bring(connection, CANDIDATOS, {str(code): candidate(code) for code in range(1, 6)})
    report = bring(
        connection, CANDIDATOS, {"1": candidate(1), "2": [], "9": candidate(9)}, ImportMode.REPLACE
    )
    assert (report.removed, report.inserted, report.unchanged, report.skipped) == (3, 1, 1, 1)
    assert set(out(connection, CANDIDATOS)) == {"1", "2", "9"}


def test_replace_of_prospects(connection: Connection) -> None:
    content = {
        "10": group(application(1), application(2), application(3)),
        "11": group(application(1)),
        "12": group(application(1)),
        "13": group(),
    }
    bring(connection, PROSPECTS, content)
    report = bring(
        connection,
        PROSPECTS,
        {"10": group(application(1), {"codigo": "2"}), "11": {"prospects": [1]}},
        ImportMode.REPLACE,
    )
    assert (report.removed, report.unchanged, report.skipped) == (2, 1, 2)
    assert out(connection, PROSPECTS) == {
        "10": group(application(1), application(2)),
        "11": group(application(1)),
    }


def test_a_vacancy_that_is_renamed_leaves_no_empty_group(connection: Connection) -> None:
    bring(connection, PROSPECTS, {"10": group(application(1)), "11": group(title="vazia")})
    content = {"10": group(application(1), title="Novo")}
    assert bring(connection, PROSPECTS, content).updated == 1
    assert out(connection, PROSPECTS) == {**content, "11": group(title="vazia")}


def test_the_last_of_repeated_records_wins(connection: Connection) -> None:
    first, second = json.dumps(candidate(1)), json.dumps(candidate(1, "Bia"))
    report = bring(connection, CANDIDATOS, f'{{"1":{first},"01":{second},"1":[]}}'.encode())
    assert (report.inserted, report.duplicates, report.skipped) == (1, 1, 1)
    assert out(connection, CANDIDATOS)["1"]["infos_basicas"]["nome"] == "Bia"
    twice = {"10": group(application(1), application(1, nome="Bia"))}
    assert bring(connection, PROSPECTS, twice).duplicates == 1
    assert out(connection, PROSPECTS)["10"]["prospects"][0]["nome"] == "Bia"


def test_applications_without_candidate_or_vacancy_are_counted(connection: Connection) -> None:
    bring(connection, CANDIDATOS, {"1": candidate(1)})
    bring(connection, VAGAS, {"10": vacancy()})
    report = bring(
        connection,
        PROSPECTS,
        {"10": group(application(1), application(2)), "11": group(application(1))},
    )
    assert (report.missing_candidates, report.missing_vacancies, report.groups) == (1, 1, 2)


@pytest.mark.parametrize("kind", TransferKind)
def test_the_real_files_come_back_as_they_were(connection: Connection, kind: TransferKind) -> None:
    name = "applicants" if kind is CANDIDATOS else kind.value
    path = REAL / f"{name}.json.gz"
    if not path.exists():
        pytest.skip(f"the real data is absent: {path}")
    raw = gzip.decompress(path.read_bytes())
    report = bring(connection, kind, raw)
    assert (report.skipped, report.duplicates) == (0, 0)
    assert out(connection, kind) == json.loads(raw)
    assert bring(connection, kind, raw, ImportMode.REPLACE).unchanged == report.read


def kept_of(connection: Connection) -> list[Any]:
    """Whose scores, reviews and accounts are kept."""
    queries = (
        "SELECT codigo_candidato FROM jobs.score_snapshots ORDER BY 1",
        "SELECT codigo_candidato FROM jobs.reviews ORDER BY 1",
        "SELECT codigo_profissional FROM jobs.candidate_accounts ORDER BY 1",
    )
    return [[row[0] for row in connection.execute(query)] for query in queries]


def test_scores_and_reviews_stay_with_an_upsert_and_go_with_their_candidate(
    connection: Connection,
) -> None:
    people = {str(code): {"infos_basicas": {"nome": f"P{code}"}} for code in (1, 2)}
    bring(connection, CANDIDATOS, people)
    with connection.transaction():
        for code in (1, 2):
            connection.execute(
                "INSERT INTO jobs.score_snapshots VALUES (%s, 1, 5, %s, '{}', '{}', 0)",
                [f"hash-{code}", code],
            )
            connection.execute(
                "INSERT INTO jobs.reviews (id, codigo_candidato, codigo_vaga, snapshot_hash,"
                " motivo, prazo) VALUES (gen_random_uuid(), %s, 5, %s, 'x', now())",
                [code, f"hash-{code}"],
            )
            connection.execute("INSERT INTO jobs.candidate_accounts VALUES (%s, %s)", [code, code])
    changed = {"1": {"infos_basicas": {"nome": "Outro nome"}}}
    assert bring(connection, CANDIDATOS, changed).updated == 1
    assert kept_of(connection) == [[1, 2]] * 3
    assert bring(connection, CANDIDATOS, changed, ImportMode.REPLACE).removed == 1
    assert kept_of(connection) == [[1]] * 3
