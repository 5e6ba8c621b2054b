"""The fairness report of a trained version: made by the training, shown to operators."""

import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import psycopg
import pytest
from tests.e2e.running import praca

from praca.jobs.matching import repository
from praca.jobs.matching.fairness import FairnessReport, audit
from praca.jobs.matching.model import MatchModel
from praca.jobs.matching.repository import CANDIDATES, VACANCIES
from praca.learning.artifacts import verify
from praca.platform.resources import Resources
from praca.platform.settings import Settings

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
PATH = "/api/v1/models/match/versions/{}/fairness"


async def audited(resources: Resources) -> FairnessReport:
    """Audit version 1 on the tables as they are now."""
    city = resources.databases.city
    async with city.read() as session:
        people = [item async for item in repository.all_profiles(session, CANDIDATES)]
        offers = [item async for item in repository.all_profiles(session, VACANCIES)]
        pairs = await repository.pairs(session)
    (folder,) = {key.rpartition("/")[0] for key in resources.objects.keys("models/match")}
    model = MatchModel.from_files(verify(resources.objects.read_all(folder)).files)
    people.sort(key=lambda profile: profile.codigo or 0)
    offers.sort(key=lambda profile: profile.codigo or 0)
    return await audit(city, model, people, offers, pairs)


async def test_an_operator_reads_the_report(
    client: httpx.AsyncClient, make_account: MakeAccount, city_dsn: str
) -> None:
    operator = (await make_account("olga", "operador"))["headers"]
    answer = await client.get(PATH.format(1), headers=operator)
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert {item["attribute"] for item in report["figures"]} == {"sexo", "pcd", "sexo x pcd"}
    assert {item["selection"] for item in report["figures"]} == {"10 primeiros", "20 % primeiros"}
    by_sex = {group["group"]: group for group in report["figures"][0]["groups"]}
    with psycopg.connect(city_dsn) as connection:
        women = connection.execute(
            "SELECT count(*) FROM jobs.candidates"
            " WHERE informacoes_pessoais->>'sexo' = 'Feminino' AND (cv_pt <> ''"
            " OR informacoes_profissionais->>'titulo_profissional' <> '')"
        ).fetchone()
    assert women == (by_sex["Feminino"]["people"],)
    selected = sum(group["selected"] for group in by_sex.values())
    assert selected == 10 * report["vacancies"]
    crossing = report["figures"][2]
    assert (crossing["attribute"], crossing["groups"]) == ("sexo x pcd", []), "it has small cells"
    assert any("não são mostrados" in sentence for sentence in report["summary"])
    assert all(g["people"] >= 5 for item in report["figures"] for g in item["groups"])


@pytest.mark.parametrize("path", [PATH.format(9), "/api/v1/models/other/versions/1/fairness"])
async def test_versions_that_were_never_published(
    client: httpx.AsyncClient, make_account: MakeAccount, path: str
) -> None:
    operator = (await make_account("olga", "operador"))["headers"]
    answer = await client.get(path, headers=operator)
    assert (answer.status_code, answer.json()["code"]) == (404, "model_version_not_found")


async def test_a_version_without_a_report_and_one_that_was_altered(
    client: httpx.AsyncClient, make_account: MakeAccount, resources: Resources, city_dsn: str
) -> None:
    from praca.kit.clock import utc_now
    from praca.learning.artifacts import pack

    operator = (await make_account("olga", "operador"))["headers"]
    bare = pack({}, name="match", version="2", created_at=utc_now())
    altered = bare | {"fairness.json": b"{}"}
    with psycopg.connect(city_dsn) as connection:
        for version, files in ((2, bare), (3, altered)):
            resources.objects.write_all(f"models/match/by-hand/{version}", files)
            connection.execute(
                "INSERT INTO platform.models (name, version, object_key, manifest)"
                " SELECT name, %s, %s, manifest FROM platform.models WHERE version = 1",
                [version, f"models/match/by-hand/{version}"],
            )
    answers = [await client.get(PATH.format(version), headers=operator) for version in (2, 3)]
    assert [answer.status_code for answer in answers] == [404, 503]
    assert [answer.json()["code"] for answer in answers] == [
        "fairness_report_missing",
        "model_artifact_invalid",
    ]


async def test_the_audit_is_the_same_each_time_and_sees_groups_swapped(
    resources: Resources, city_dsn: str
) -> None:
    before = await audited(resources)
    assert await audited(resources) == before
    with psycopg.connect(city_dsn) as connection:
        connection.execute(
            "UPDATE jobs.candidates SET informacoes_pessoais = informacoes_pessoais ||"
            " jsonb_build_object('sexo', CASE informacoes_pessoais->>'sexo'"
            " WHEN 'Feminino' THEN ' MASCULINO' WHEN 'Masculino' THEN 'feminino' ELSE '' END)"
        )
    after = await audited(resources)
    renamed = {"Feminino": "Masculino", "Masculino": "Feminino"}
    first, swapped = ({g.group: g for g in report.figures[0].groups} for report in (before, after))
    for name, group in first.items():
        other = renamed.get(name, name)
        # Of groups of one size, either may be called the largest.
        bare = replace(swapped[other], group=name, against_largest=None)
        assert bare == replace(group, group=name, against_largest=None)


def test_the_command_prints_the_table(settings: Settings, city_dsn: str) -> None:
    def show(version: str) -> "subprocess.CompletedProcess[str]":
        # In a process of its own: a command sends the logs of its whole process elsewhere.
        return praca(
            *("models", "show", "match", "--version", version),
            PRACA_DATABASE_URL=city_dsn,
            PRACA_DATA_DIR=str(settings.data_dir),
        )

    shown = show("1")
    assert shown.returncode == 0, shown.stderr
    assert "Feminino" in shown.stdout
    assert "10 primeiros" in shown.stdout
    assert "não mostrado" in shown.stdout
    assert show("8").returncode != 0
