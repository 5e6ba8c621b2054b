"""``praca up`` without the sample city."""

import socket

from tests.e2e.running import City, free_port, praca, short_folder

from praca.jobs.sample import SampleCity


def test_two_folders_run_side_by_side_and_own_data_stay_alone(new_city: City) -> None:
    with short_folder() as folder:
        other = City(folder, ("--no-sample",))
        try:
            for city in (new_city, other):
                city.begin()
            for city in (new_city, other):
                city.start()
            assert new_city.url != other.url
            with new_city.signed_in() as client:
                vacancy = {"infos_basicas": {"titulo_vaga": "Padeira"}}
                assert client.post("/vagas/create", json=vacancy).status_code == 200
                assert client.get("/vagas/list").json()["total"] == 1
            with other.signed_in() as client:
                assert client.get("/vagas/list").json()["total"] == 0
                assert client.get("/candidatos/list").json()["total"] == 0
        finally:
            other.clean_up()
    assert new_city.end() == 0
    new_city.options = ()  # with the sample city, which must not mix with what is there
    new_city.start()
    assert new_city.query("SELECT count(*) FROM jobs.vacancies") == [(1,)]
    assert new_city.query("SELECT count(*) FROM jobs.candidates") == [(0,)]
    assert SampleCity().vacancies > 1
    assert new_city.query("SELECT count(*) FROM library.books") == [(0,)]
    assert new_city.part("bookshop") is None


def test_a_port_in_use_is_told(new_city: City) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        refused = praca("up", "--data-dir", str(new_city.folder), "--port", str(port))
    assert refused.returncode == 1
    assert f"a porta {port} já está em uso" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_production_needs_a_secret(new_city: City) -> None:
    refused = praca("up", "--data-dir", str(new_city.folder), PRACA_ENV="production")
    assert refused.returncode == 1
    assert "PRACA_SECRET_KEY" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (new_city.folder / "postgres").exists()
