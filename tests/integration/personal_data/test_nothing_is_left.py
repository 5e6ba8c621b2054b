"""A person's whole life here, planted with words nobody else uses; then the erasure; then a search.

That the search finds anything is shown first: every word is found before it must not be.
"""

import asyncio
import gzip
import io
import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psycopg
import pytest
from fastapi import FastAPI
from tests.integration.cities import run_task
from tests.integration.personal_data.places import ADDRESS, files_of, holds, rows_of, server_log

from praca.identity import Role
from praca.identity.service import IdentityService
from praca.jobs.matching import Matcher
from praca.jobs.sample import SampleCity, write_sample_files
from praca.platform.journal import Journal
from praca.platform.resources import Resources
from praca.platform.tasks import Worker

CODE = 990_099
PASSWORD = "Segredo-forte-9"
CPF = "52998224725"
REQUEST = "zqrequisicao-0001"
CITY = SampleCity(candidates=60, vacancies=36, seed=3)
# What is planted where; the test knows nothing of tables.
USERNAME, EMAIL, NAME = "zqusuario", "zqemail@exemplo.com", "Zqnome Canária"
RECORD: dict[str, Any] = {
    "infos_basicas": {
        "nome": NAME,
        "email": "zqcandidata@exemplo.com",
        "telefone": "11987650001",
        "objetivo_profissional": "zqobjetivo",
        "local": "Zqcidade",
    },
    "informacoes_pessoais": {"nome": "Zqnome", "cpf": CPF, "endereco": "Rua Zqendereco 7"},
    "informacoes_profissionais": {
        "titulo_profissional": "zqtitulo",
        "conhecimentos_tecnicos": "python sql zqconhecimento",
        "area_atuacao": "zqarea",
    },
    "formacao_e_idiomas": {"nivel_academico": "superior", "instituicao": "zqescola"},
    "cargo_atual": {"cliente": "zqempresa"},
    "zqcampo": {"qualquer": "zqextra"},
    "cv_pt": "Enfermeira de python e sql, zqcurriculo zqcurriculo zqcurriculo.",
    "cv_en": "zqresume",
}
COMMENT, NOTE, WHY, VERDICT = "zqcomentario", "zqanotacao", "zqmotivo", "zqjustificativa"
OF_THE_RECORD = """
    zqnome zqcandidata@exemplo.com 11987650001 zqobjetivo zqcidade zqendereco zqtitulo
    zqconhecimento zqarea zqescola zqempresa zqcampo zqextra zqcurriculo zqresume
"""
CANARIES = {
    *(CPF, USERNAME, EMAIL, ADDRESS, REQUEST),
    *(COMMENT, NOTE, WHY, VERDICT),
    *OF_THE_RECORD.split(),
}


def planted(folder: Path) -> dict[str, bytes]:
    """The city's files with the person in them."""
    files = {path.name: json.loads(path.read_text()) for path in write_sample_files(CITY, folder)}
    files["applicants.json"][str(CODE)] = RECORD
    group = next(iter(files["prospects.json"].values()))
    group["prospects"].append(
        {
            "nome": NAME,
            "codigo": str(CODE),
            "situacao_candidado": "Prospect",
            "data_candidatura": "01-01-2026",
            "ultima_atualizacao": "02-01-2026",
            "comentario": COMMENT,
            "recrutador": "Bia",
        }
    )
    return {
        name: json.dumps(content, ensure_ascii=False).encode() for name, content in files.items()
    }


class Life:
    """What a citizen and the job centre's staff do, all of it over HTTP."""

    def __init__(
        self,
        app: FastAPI,
        resources: Resources,
        citizen: httpx.AsyncClient,
        office: httpx.AsyncClient,
    ) -> None:
        self.resources = resources
        self.citizen, self.office = citizen, office
        self.matcher: Matcher = app.state.matcher
        self.service: IdentityService = app.state.identity
        self.journal: Journal = app.state.journal

    async def begin(self) -> None:
        """Make the accounts and sign both in."""
        async with self.resources.databases.identity.write() as session:
            await self.service.create_account(
                session,
                username=USERNAME,
                email=EMAIL,
                cpf=CPF,
                password=PASSWORD,
                role=Role.USUARIO,
            )
            await self.service.create_account(
                session, username="chefe", password=PASSWORD, role=Role.ADMIN
            )
        self.citizen.headers["X-Request-Id"] = REQUEST
        for name in (CPF, EMAIL, USERNAME):
            wrong = {"username": name, "password": "outra-Senha-1"}
            assert (await self.citizen.post("/auth/login", data=wrong)).status_code == 401
        for client, name in ((self.citizen, EMAIL), (self.office, "chefe")):
            form = {"username": name, "password": PASSWORD}
            pair = (await client.post("/auth/login", data=form)).json()
            client.headers["Authorization"] = f"Bearer {pair['access_token']}"

    async def work(self, path: str, body: Any = None) -> dict[str, Any]:
        """Have the staff start a task, and a worker end it."""
        started = await self.office.post(path, json=body)
        assert started.status_code == 200, started.text
        await asyncio.wait_for(Worker(self.resources).run(until_empty=True), 60)
        run = (await self.office.get(f"/tasks/{started.json()['task_id']}")).json()
        assert run["status"] == "succeeded", run
        result: dict[str, Any] = run["result"]
        return result

    async def bring_in(self, files: dict[str, bytes]) -> None:
        """Import the files; an older, packed copy lies beside them."""
        for name, content in files.items():
            self.resources.objects.write(f"raw/{name}", content)
        self.resources.objects.write(
            "raw/old/applicants.json.gz", gzip.compress(files["applicants.json"])
        )
        for kind, name in (("vagas", "vagas"), ("candidatos", "applicants")):
            await self.work(f"/{kind}/update-tables", {"file_key": name})
        await self.work("/prospects/update-tables", {"file_key": "prospects"})

    async def learn(self) -> None:
        """Train what is trained, check for drift, export everything."""
        await run_task(self.resources, "jobs.train_match")
        await run_task(self.resources, "jobs.check_drift", scope="all")
        for path in ("candidatos/export-applicants", "vagas/export-vagas"):
            await self.work(f"/{path}")
        await self.work("/prospects/export-prospects?overwrite=true")
        await self.matcher.refresh()
        await self.matcher._follow_tables()

    async def ask(self) -> None:
        """Link the account, apply, be commented on, question the score, and have it reviewed."""
        link = await self.office.put(f"/candidatos/{CODE}/conta", json={"username": USERNAME})
        assert link.status_code == 200, link.text
        vacancy = (await self.office.get("/vagas/list?limit=1&ordenar=-codigo")).json()["data"][0]
        code = vacancy["codigo_vaga"]
        application = {
            "codigo_vaga": code,
            "titulo_vaga": "Enfermeira",
            "nome": NAME,
            "codigo_candidato": CODE,
            "situacao_candidato": "Prospect",
            "data_candidatura": "01-02-2026",
            "comentario": NOTE,
            "recrutador": "Bia",
        }
        added = await self.office.post("/prospects/add-candidate", json=application)
        assert added.status_code == 200, added.text
        pair = {"codigo_vaga": code, "codigo_candidato": CODE}
        explained = await self.citizen.get("/inferencias/explain", params=pair)
        assert explained.status_code == 200, explained.text
        asked = await self.citizen.post("/revisoes", json={"codigo_vaga": code, "motivo": WHY})
        assert asked.status_code == 201, asked.text
        review = f"/revisoes/{asked.json()['id']}"
        assert (await self.office.post(f"{review}/assumir")).status_code == 200
        decision = {"decisao": "revista", "justificativa": VERDICT}
        assert (await self.office.post(f"{review}/decidir", json=decision)).status_code == 200
        await self.office.get(f"/vagas/{code}/candidatos")
        await self.office.get(f"/candidatos/details/{CODE}")

    async def err(self) -> None:
        """Make mistakes that quote oneself."""
        for body in ({"codigo_vaga": WHY}, {"codigo_vaga": -1, "motivo": RECORD["cv_pt"]}):
            assert (await self.citizen.post("/revisoes", json=body)).status_code == 422
        await self.citizen.get(f"/usuarios/{CPF}")
        taken = {"username": USERNAME, "password": PASSWORD, "perfil": "usuario"}
        assert (await self.office.post("/usuarios/signup", json=taken)).status_code == 400


def places(life: Life, log: io.BytesIO) -> dict[str, str]:
    """Every place where something may lie, as text in lower case."""
    databases = life.resources.databases
    found = files_of(life.resources.settings.data_dir)
    for name, database in (("city", databases.city), ("identity", databases.identity)):
        found |= {f"{name}: {table}": rows for table, rows in rows_of(database.dsn).items()}
    # A caller names his requests as he likes; nothing but the audit tells whose one was.
    found["log"] = log.getvalue().decode().replace(REQUEST, "")
    found["server's log"] = server_log(databases.city.dsn)
    return {place: content.casefold() for place, content in found.items()}


def found_in(places: dict[str, str]) -> dict[str, list[str]]:
    """Where each planted word is."""
    return {
        word: [place for place, content in places.items() if holds(content, word)]
        for word in CANARIES
    }


def others(life: Life) -> dict[str, Any]:
    """Everybody else's rows and records in files."""
    queries = (
        f"SELECT to_jsonb(c) FROM jobs.candidates c WHERE codigo_profissional <> {CODE} ORDER BY 1",
        "SELECT to_jsonb(v) FROM jobs.vacancies v ORDER BY 1",
        f"SELECT to_jsonb(p) FROM jobs.prospects p WHERE codigo_candidato <> {CODE} ORDER BY 1",
    )
    with psycopg.connect(life.resources.databases.city.dsn) as connection:
        rows = [connection.execute(query.encode()).fetchall() for query in queries]
    objects = life.resources.objects
    files = {}
    for key in objects.keys("raw"):
        content = objects.read(key)
        records = json.loads(gzip.decompress(content) if key.endswith(".gz") else content)
        records.pop(str(CODE), None)
        for record in records.values():
            if "prospects" in record:
                record["prospects"] = [p for p in record["prospects"] if p["codigo"] != str(CODE)]
        files[key] = records
    return {"rows": rows, "files": files}


def requests_of(life: Life) -> dict[int | None, int]:
    """How many requests the journal has of each account."""
    query = b"SELECT user_id, count(*) FROM platform.request_log GROUP BY user_id"
    with psycopg.connect(life.resources.databases.city.dsn) as connection:
        return dict(connection.execute(query).fetchall())


def saved_people(life: Life) -> set[int]:
    """The codes in the saved index of people."""
    objects = life.resources.objects
    keys = [k for k in objects.keys("indexes") if "/candidates/" in k and k.endswith("/codes.npy")]
    assert len(keys) == 1
    return set(np.load(io.BytesIO(objects.read(keys[0]))).tolist())


@pytest.fixture
async def life(
    app: FastAPI, parted: Resources, citizen: httpx.AsyncClient, office: httpx.AsyncClient
) -> Life:
    return Life(app, parted, citizen, office)


async def test_an_erased_person_is_nowhere(life: Life, log: io.BytesIO, tmp_path: Path) -> None:
    files = planted(tmp_path / "made")
    for path in (tmp_path / "made").iterdir():
        path.unlink()
    await life.begin()
    await life.bring_in(files)
    await life.learn()
    await life.ask()
    await life.err()
    await life.journal.flush()

    for database in (life.resources.databases.city, life.resources.databases.identity):
        with psycopg.connect(database.dsn, autocommit=True) as connection:
            connection.execute("ANALYZE")  # as the server does by itself, now and then
    before = found_in(places(life, log))
    assert "city: pg_catalog.pg_stats" in before["zqnome"]
    assert "identity: pg_catalog.pg_stats" in before[USERNAME]
    assert [word for word, found in before.items() if not found] == [], "the search is blind"
    free = ("log", "server's log", "objects/models/", "objects/drift_reports/", "objects/indexes/")
    assert [p for found in before.values() for p in found if p.startswith(free)] == []
    assert CODE in saved_people(life)
    assert CODE in life.matcher._loaded.candidates.index  # type: ignore[union-attr]
    untouched = others(life)

    export = await life.citizen.get("/users/me/export")
    copy = export.text.casefold()
    assert [word for word in CANARIES - {REQUEST} if word.casefold() not in copy] == []
    number, noted = export.json()["conta"]["id"], requests_of(life)
    assert export.json()["acessos"]["total"] == noted[number] > 0

    answer = await life.citizen.request("DELETE", "/users/me", json={"password": PASSWORD})
    assert answer.status_code == 204, answer.text
    await life.journal.flush()  # the last requests come to the table when their maker is gone
    assert requests_of(life)[number] == 2
    await run_task(life.resources, "identity.finish_erasures")  # as the clock does
    await life.matcher._follow_tables()

    after = found_in(places(life, log))
    assert {word: found for word, found in after.items() if found} == {}
    assert CODE not in saved_people(life)
    assert CODE not in life.matcher._loaded.candidates.index  # type: ignore[union-attr]
    assert others(life) == untouched
    left = requests_of(life)
    assert number not in left
    assert sum(left.values()) == sum(noted.values()) + 2

    # An old copy of the file turns up.
    for name, content in files.items():
        life.resources.objects.write(f"raw/{name}", content)
    report = await life.work("/candidatos/update-tables", {"file_key": "applicants"})
    assert (report["erased"], report["skipped"], report["unchanged"]) == (1, 1, 60)
    report = await life.work("/prospects/update-tables", {"file_key": "prospects"})
    assert report["erased"] == 1
    rows = {p: c for p, c in places(life, log).items() if ": " in p}
    assert {word: found for word, found in found_in(rows).items() if found} == {}
