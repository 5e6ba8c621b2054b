import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from praca.jobs.matching import Matcher, registry, snapshots
from praca.jobs.matching.index import VacancyIndex
from praca.jobs.matching.live import LiveIndex
from praca.jobs.matching.profiles import CandidateProfile
from praca.jobs.matching.snapshots import Loaded
from praca.learning import store
from praca.platform.resources import Resources

RunKind = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
NEW_CODE = 990_001
WELDER = CandidateProfile(
    titulo="Soldador subaquático", conhecimentos="soldagem subaquática mergulho eletrodo"
)


async def loaded(resources: Resources) -> Loaded:
    async with resources.databases.city.read() as session:
        champion = await store.find_champion(session, "match")
    assert champion is not None
    return await snapshots.load(resources, champion)


def add_vacancy(connection: psycopg.Connection[Any], code: int, title: str) -> None:
    connection.execute(
        "INSERT INTO jobs.vacancies (codigo_vaga, infos_basicas, perfil_vaga) VALUES (%s,"
        " jsonb_build_object('titulo_vaga', %s::text),"
        " jsonb_build_object('principais_atividades', %s::text))",
        (code, title, title),
    )


def fresh(found: LiveIndex[Any], make: Callable[[Any], Any]) -> LiveIndex[Any]:
    """An index of the same model that starts from nothing."""
    return LiveIndex(found._database, make(found.index.model))


async def test_a_training_leaves_indexes_that_need_nothing_more(resources: Resources) -> None:
    model = await loaded(resources)
    assert len(model.candidates.index) == 60
    assert len(model.vacancies.index) == 36
    assert await model.follow() == 0


async def test_a_saved_index_ranks_like_one_made_anew(resources: Resources) -> None:
    model = await loaded(resources)
    anew = fresh(model.vacancies, VacancyIndex)
    assert await anew.follow() == 36
    assert anew.index.recommend(WELDER, 36) == model.vacancies.index.recommend(WELDER, 36)


async def test_rows_of_transactions_that_end_out_of_order_are_all_taken_in(
    resources: Resources, city_dsn: str
) -> None:
    vacancies = (await loaded(resources)).vacancies
    with psycopg.connect(city_dsn) as early, psycopg.connect(city_dsn) as late:
        add_vacancy(early, NEW_CODE, "primeira a escrever")
        add_vacancy(late, NEW_CODE + 1, "segunda a escrever")
        late.commit()
        assert await vacancies.follow() == 1
        assert await vacancies.follow() == 0, "a row was read twice while another writes"
        early.commit()
        assert await vacancies.follow() == 1
    assert {NEW_CODE, NEW_CODE + 1} <= vacancies.index.codes


async def test_deleted_rows_are_dropped_though_nobody_asks(
    resources: Resources, city_dsn: str
) -> None:
    people = (await loaded(resources)).candidates
    gone = min(people.index.codes)
    with psycopg.connect(city_dsn) as connection:
        connection.execute("DELETE FROM jobs.candidates WHERE codigo_profissional = %s", [gone])
        # Another comes in the same moment: their number stays.
        connection.execute(
            "INSERT INTO jobs.candidates (codigo_profissional, infos_basicas)"
            " VALUES (%s, jsonb_build_object('nome', 'Nova'))",
            [NEW_CODE],
        )
    assert await people.follow(at_most=64) == 1, "a request leaves it to the watcher"
    assert await people.follow() == 0
    assert gone not in people.index.codes
    assert len(people.index) == 60
    held = [live.block.codes for live in people.index._blocks]
    assert gone not in {code for codes in held for code in codes.tolist()}, "still in memory"


async def test_a_deleted_row_is_not_saved(resources: Resources, city_dsn: str) -> None:
    people = (await loaded(resources)).candidates
    gone = min(people.index.codes)
    with psycopg.connect(city_dsn) as connection:
        connection.execute("DELETE FROM jobs.candidates WHERE codigo_profissional = %s", [gone])
    await snapshots.save(resources, 1, people)
    assert gone not in (await loaded(resources)).candidates.index.codes


async def test_erased_people_are_taken_out_of_every_saved_index(
    resources: Resources, city_dsn: str
) -> None:
    model = await loaded(resources)
    gone = min(model.candidates.index.codes)
    async with resources.databases.city.read() as session:
        saved = await registry.find_index(session, 1, "candidates")
    assert saved is not None
    files = resources.objects.read_all(saved.object_key)
    # One of a process that died before it told; one of a version that was never published.
    resources.objects.write_all("indexes/match/v1/candidates/0dead", files)
    resources.objects.write_all("indexes/match/v9/candidates/0lost", files)
    async with resources.databases.city.write() as session:
        await registry.note_index(
            session,
            9,
            "candidates",
            registry.SavedIndex("indexes/match/v9/candidates/0lost", saved.position),
        )
    with psycopg.connect(city_dsn) as connection:
        connection.execute("DELETE FROM jobs.candidates WHERE codigo_profissional = %s", [gone])
    assert await snapshots.forget_people(resources, [gone]) == 3
    assert await snapshots.forget_people(resources, [gone]) == 0
    again = (await loaded(resources)).candidates.index.codes
    assert again == model.candidates.index.codes - {gone}
    assert not list(resources.objects.keys("indexes/match/v9"))


async def test_a_row_rolled_back_is_never_in(resources: Resources, city_dsn: str) -> None:
    vacancies = (await loaded(resources)).vacancies
    with psycopg.connect(city_dsn) as connection:
        add_vacancy(connection, NEW_CODE, "que não será")
        connection.rollback()
    assert await vacancies.follow() == 0


async def test_callers_that_come_together_share_one_round(
    resources: Resources, city_dsn: str
) -> None:
    vacancies = (await loaded(resources)).vacancies
    with psycopg.connect(city_dsn) as connection:
        add_vacancy(connection, NEW_CODE, "nova")
    counts = await asyncio.gather(*(vacancies.follow(at_most=64) for _ in range(20)))
    assert sum(counts) == 1
    assert NEW_CODE in vacancies.index
    assert vacancies._begun < 20


async def test_a_request_leaves_many_rows_to_the_watcher(
    resources: Resources, city_dsn: str
) -> None:
    vacancies = (await loaded(resources)).vacancies
    with psycopg.connect(city_dsn) as connection:
        for number in range(5):
            add_vacancy(connection, NEW_CODE + number, "nova")
    assert await vacancies.follow(at_most=4) == 0
    assert await vacancies.follow(at_most=100) == 0, "the watcher has it now"
    assert await vacancies.follow() == 5
    with psycopg.connect(city_dsn) as connection:
        add_vacancy(connection, NEW_CODE + 9, "mais uma")
    assert await vacancies.follow(at_most=4) == 1


async def test_a_round_that_is_left_to_others_is_nobodys_answer(
    resources: Resources, city_dsn: str
) -> None:
    vacancies = (await loaded(resources)).vacancies
    with psycopg.connect(city_dsn) as connection:
        for number in range(5):
            add_vacancy(connection, NEW_CODE + number, "nova")
    declined, taken = await asyncio.gather(vacancies.follow(at_most=4), vacancies.follow())
    assert (declined, taken) == (0, 5)


async def test_a_request_does_not_wait_for_others_for_ever(resources: Resources) -> None:
    vacancies = (await loaded(resources)).vacancies
    async with asyncio.timeout(20), vacancies._lock:  # somebody takes in very many
        assert await vacancies.follow(at_most=4) == 0


async def test_an_index_of_another_server_is_not_used(resources: Resources, city_dsn: str) -> None:
    with psycopg.connect(city_dsn) as connection:
        connection.execute("UPDATE jobs.match_indexes SET server = '1'")
    model = await loaded(resources)
    assert len(model.vacancies.index) == 0
    assert await model.vacancies.follow() == 36


@pytest.mark.parametrize("kind", ["candidates", "vacancies"])
async def test_a_damaged_saved_index_costs_time_only(resources: Resources, kind: str) -> None:
    async with resources.databases.city.read() as session:
        saved = await registry.find_index(session, 1, kind)
    assert saved is not None
    resources.objects.write(f"{saved.object_key}/codes.npy", b"damaged")
    model = await loaded(resources)
    assert await model.follow() == (60 if kind == "candidates" else 36)


async def test_numbers_of_a_restored_copy_are_not_read_for_ever(
    resources: Resources, city_dsn: str
) -> None:
    """A dump brings transaction numbers that its new server has not reached yet."""
    vacancies = (await loaded(resources)).vacancies
    with psycopg.connect(city_dsn) as connection:
        connection.execute("UPDATE jobs.vacancies SET changed_in = '9000000000000'::xid8")
    assert await vacancies.follow() == 0
    assert await fresh(vacancies, VacancyIndex).follow() == 36


async def test_old_indexes_are_deleted(resources: Resources, run_kind: RunKind) -> None:
    for _ in range(2):
        await run_kind(resources, "jobs.train_match")
    folders = {key.split("/")[2] for key in resources.objects.keys("indexes/match")}
    assert folders == {"v2", "v3"}
    async with resources.databases.city.read() as session:
        rows = (await session.execute(text("SELECT version FROM jobs.match_indexes"))).scalars()
        assert sorted(set(rows)) == [2, 3]


async def test_saving_anew_replaces_what_was_saved(
    resources: Resources, run_kind: RunKind, city_dsn: str
) -> None:
    before = set(resources.objects.keys("indexes/match"))
    with psycopg.connect(city_dsn) as connection:
        add_vacancy(connection, NEW_CODE, "nova")
        connection.execute("DELETE FROM jobs.vacancies WHERE codigo_vaga <> %s", (NEW_CODE,))
    assert await run_kind(resources, "jobs.index_match") == {"rows": 1}
    after = set(resources.objects.keys("indexes/match"))
    assert not before & after
    model = await loaded(resources)
    assert model.vacancies.index.codes == {NEW_CODE}
    assert await model.follow() == 0


async def test_without_a_model_there_is_nothing_to_save(
    resources: Resources, run_kind: RunKind, city_dsn: str
) -> None:
    with psycopg.connect(city_dsn) as connection:
        connection.execute("DELETE FROM platform.model_aliases")
    assert await run_kind(resources, "jobs.index_match") == {"rows": 0}


async def test_a_vacancy_saved_a_moment_ago_is_recommended(matcher: Matcher, city_dsn: str) -> None:
    with psycopg.connect(city_dsn) as connection:
        add_vacancy(connection, NEW_CODE, "Soldador subaquático soldagem mergulho eletrodo")
    found = (await matcher.recommend(WELDER, 5)).vacancies
    assert NEW_CODE in [item["codigo_vaga"] for item in found]
    with psycopg.connect(city_dsn) as connection:
        connection.execute("DELETE FROM jobs.vacancies WHERE codigo_vaga = %s", (NEW_CODE,))
    found = (await matcher.recommend(WELDER, 5)).vacancies
    assert NEW_CODE not in [item["codigo_vaga"] for item in found]
    assert len(found) == 5


async def test_removed_people_are_not_ranked(matcher: Matcher, city_dsn: str) -> None:
    with psycopg.connect(city_dsn) as connection:
        row = connection.execute("SELECT min(codigo_vaga) FROM jobs.vacancies").fetchone()
        assert row is not None
        first = (await matcher.rank(row[0], 10)).candidates
        connection.execute(
            "DELETE FROM jobs.candidates WHERE codigo_profissional = ANY(%s)",
            ([item.codigo for item in first],),
        )
    second = (await matcher.rank(row[0], 10)).candidates
    assert len(second) == 10
    assert not {item.codigo for item in first} & {item.codigo for item in second}
