"""The API as the dashboard uses it: tokens, refusals, and what else goes wrong."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.dashboard.recorded import Recorded, answers, pair, recorded

from praca.entrypoints.dashboard.client import ApiClient, open_http
from praca.entrypoints.dashboard.period import Period
from praca.entrypoints.dashboard.problems import (
    ApiAwayError,
    ApiProblem,
    BrokenAnswerError,
    NotAllowedError,
    NotThereError,
    RefusedError,
    SignedOutError,
)

_PERIOD = Period.last(timedelta(hours=1), datetime(2026, 11, 22, 12, tzinfo=UTC))


@pytest.fixture
def server() -> Iterator[Recorded]:
    with recorded(answers()) as served:
        yield served


@pytest.fixture
def api(server: Recorded) -> Iterator[ApiClient]:
    with open_http(server.url) as http:
        yield ApiClient(http)


@pytest.fixture
def signed_in(api: ApiClient) -> ApiClient:
    api.sign_in("olga", "Segredo-forte-9")
    return api


def test_an_operator_signs_in_and_out(api: ApiClient, server: Recorded) -> None:
    assert api.sign_in("olga", "Segredo-forte-9").username == "olga"
    assert server.asked[0] == ("POST", "/auth/login", "username=olga&password=Segredo-forte-9")
    api.sign_out()
    assert server.asked[-1] == (
        "POST",
        "/auth/logout",
        json.dumps({"refresh_token": "refresh-0"}, separators=(",", ":")),
    )
    with pytest.raises(SignedOutError):
        api.routes(_PERIOD)


def test_a_citizen_is_refused_and_his_session_ended(api: ApiClient, server: Recorded) -> None:
    server.answers["/usuarios/logado"] = {"username": "ana", "perfil": "usuario"}
    with pytest.raises(NotAllowedError, match="operadores e administradores"):
        api.sign_in("ana", "Segredo-forte-9")
    assert server.paths()[-1] == "/auth/logout"
    with pytest.raises(SignedOutError):
        api.routes(_PERIOD)


def test_a_wrong_password_is_told_in_the_words_of_the_api(api: ApiClient, server: Recorded) -> None:
    server.answers["/auth/login"] = (401, {"detail": "Nome de usuário ou senha incorretos"})
    with pytest.raises(RefusedError, match="senha incorretos"):
        api.sign_in("olga", "x")


def test_a_token_that_ends_soon_is_renewed_before_it_is_used(
    api: ApiClient, server: Recorded
) -> None:
    server.answers |= {"/auth/login": pair(life_s=5), "/auth/refresh": pair(number=1)}
    api.sign_in("olga", "Segredo-forte-9")
    api.routes(_PERIOD)
    api.routes(_PERIOD)
    assert server.paths().count("/auth/refresh") == 1


def test_a_token_that_the_api_no_longer_takes_is_renewed_and_the_call_repeated(
    signed_in: ApiClient, server: Recorded
) -> None:
    fresh = pair(number=1)
    wanted = server.answers["/raspagem/quarentena"]

    def only_fresh(token: str) -> Any:
        return wanted if token == fresh["access_token"] else (401, {"detail": "Expirado."})

    server.answers |= {"/auth/refresh": fresh, "/raspagem/quarentena": only_fresh}
    assert signed_in.quarantine()[0].campo == "preco"
    bodies = [body for _, path, body in server.asked if path == "/auth/refresh"]
    assert [json.loads(body) for body in bodies] == [{"refresh_token": "refresh-0"}]


def test_a_session_that_has_ended_is_said(signed_in: ApiClient, server: Recorded) -> None:
    server.answers |= {
        "/models": (401, {"detail": "Expirado."}),
        "/auth/refresh": (401, {"detail": "Refresh token inválido ou expirado"}),
    }
    with pytest.raises(SignedOutError, match="Entre de novo"):
        signed_in.model_versions()
    with pytest.raises(SignedOutError):
        signed_in.model_versions()
    assert server.paths().count("/auth/refresh") == 1, "a used token revokes all of its family"


@pytest.mark.parametrize(
    ("answer", "problem", "sentence"),
    [
        ((403, {"detail": "x"}), NotAllowedError, "não tem permissão"),
        ((404, {"detail": "Sem relatório."}), NotThereError, "Sem relatório"),
        ((409, {"detail": "Já existe uma."}), RefusedError, "Já existe uma"),
        ((422, {"detail": [{"msg": "x"}]}), RefusedError, "recusou o pedido"),
        ((503, {"detail": "Registros demais."}), RefusedError, "Registros demais"),
        ((500, {"detail": "x"}), BrokenAnswerError, "falhou ao responder"),
        ((502, b"<html>"), BrokenAnswerError, "falhou ao responder"),
        ((404, b"<html>"), NotThereError, "Ainda não há nada"),
        ({"livros": "muitos"}, BrokenAnswerError, "falhou ao responder"),
    ],
)
def test_what_goes_wrong_is_said_for_people(
    answer: Any,
    problem: type[ApiProblem],
    sentence: str,
    signed_in: ApiClient,
    server: Recorded,
) -> None:
    server.answers["/raspagem"] = answer
    with pytest.raises(problem, match=sentence):
        signed_in.scraping()


def test_an_api_that_is_away_is_said() -> None:
    with recorded({}) as server:
        url = server.url
    with open_http(url) as http, pytest.raises(ApiAwayError, match="não está respondendo"):
        ApiClient(http).sign_in("olga", "Segredo-forte-9")


def test_filters_are_sent_as_the_api_names_them(signed_in: ApiClient, server: Recorded) -> None:
    assert signed_in.requests(_PERIOD, min_status=500, route="/api/v1/livros").data[0].ms == 1234.5
    assert signed_in.tasks(kind="library.scrape").data[0].is_open
    assert server.paths()[-2:] == ["/monitoring/requests", "/tasks"]
