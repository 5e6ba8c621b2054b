"""The operations measured: what each sends, and how a right answer looks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, cycle
from typing import Any
from urllib.parse import urlencode

import orjson
from benchmarks.http_load.city import ADMIN, City
from benchmarks.http_load.driver import Exchange, http_request

from praca.jobs.sample import SampleCity

__all__ = ["OPERATIONS", "Bench", "Operation", "bare_exchanges"]

_API = "/api/v1"
_PREDICT = f"{_API}/inferencias/matchModel/predict"
_RECOMMEND = f"{_API}/inferencias/recommendationModel/predict"
_PAGE = 100
_NEW_CODE = 10_000_000
Record = dict[str, Any]


class Bench:
    """What requests are made of: the city's records and a token."""

    def __init__(self, city: City, sample: SampleCity) -> None:
        self.city = city
        self.token = city.token()
        self.people = [(int(code), record) for code, record in sample.applicants()]
        self.offers = [(int(code), record) for code, record in sample.vagas()]
        # One for the whole run, so that no two loads make the same application.
        self.numbers = count(_NEW_CODE)

    def get(self, path: str, start: str, needle: str = "", times: int = 0) -> Exchange:
        """Return a reading with the token."""
        request = http_request("GET", path, token=self.token)
        return Exchange(request, start.encode(), needle.encode(), times)

    def post(self, path: str, body: object, start: str) -> Exchange:
        """Return a sending of JSON with the token."""
        request = http_request("POST", path, token=self.token, body=orjson.dumps(body))
        return Exchange(request, start.encode())


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table.

    Attributes:
        name: for the table and for ``--only``.
        ours: the exchanges with Praça, without end.
        naive: those with the naive ORM version, if there is one.
        old_rate: requests/s that the old system reached with 32 connections.
        connections: in place of the option's number.
    """

    name: str
    ours: Callable[[Bench], Iterator[Exchange]]
    naive: Callable[[Bench], Iterator[Exchange]] | None = None
    old_rate: float | None = None
    connections: int | None = None


def bare_exchanges(like: Exchange, size: int) -> Iterator[Exchange]:
    """Return exchanges with the bare framework: same method and body, answer of the same size."""
    head, body = like.request.split(b"\r\n\r\n", 1)
    method = head.split(b" ", 1)[0].decode()
    request = http_request(method, f"/bare/{max(size, 20)}", body=body)
    return cycle([Exchange(request, b'{"x":"')])


def _pages(bench: Bench, path: str, code: str, total: int) -> list[Exchange]:
    return [
        bench.get(f"{path}?offset={at}&limit={_PAGE}", f'{{"total":{total},"', f'"{code}":', _PAGE)
        for at in range(0, total - _PAGE + 1, _PAGE)
    ]


def _list_candidates(bench: Bench) -> Iterator[Exchange]:
    # The total grows by what the benchmark creates, so only its presence is looked at.
    return cycle(
        bench.get(
            f"{_API}/candidatos/list?offset={at}&limit={_PAGE}",
            '{"total":',
            '"codigo_profissional":',
            _PAGE,
        )
        for at in range(0, len(bench.people) - _PAGE + 1, _PAGE)
    )


def _list_vacancies(bench: Bench) -> Iterator[Exchange]:
    return cycle(_pages(bench, f"{_API}/vagas/list", "codigo_vaga", len(bench.offers)))


def _naive_candidates(bench: Bench) -> Iterator[Exchange]:
    return cycle(
        bench.get(
            f"/candidatos?offset={at}&limit={_PAGE}", '{"total":', '"codigo_profissional":', _PAGE
        )
        for at in range(0, len(bench.people) - _PAGE + 1, _PAGE)
    )


def _naive_vacancies(bench: Bench) -> Iterator[Exchange]:
    return cycle(_pages(bench, "/vagas", "codigo_vaga", len(bench.offers)))


def _read_candidate(bench: Bench) -> Iterator[Exchange]:
    start = '{"infos_basicas":{"codigo_profissional":'
    return cycle(
        bench.get(f"{_API}/candidatos/details/{code}", f"{start}{code},")
        for code, _ in bench.people
    )


def _naive_candidate(bench: Bench) -> Iterator[Exchange]:
    start = '{"codigo_profissional":'
    return cycle(bench.get(f"/candidatos/{code}", f"{start}{code},") for code, _ in bench.people)


def _read_vacancy(bench: Bench) -> Iterator[Exchange]:
    start = '{"data":{"infos_basicas":{"codigo_vaga":'
    return cycle(
        bench.get(f"{_API}/vagas/details/{code}", f"{start}{code},") for code, _ in bench.offers
    )


def _naive_vacancy(bench: Bench) -> Iterator[Exchange]:
    start = '{"codigo_vaga":'
    return cycle(bench.get(f"/vagas/{code}", f"{start}{code},") for code, _ in bench.offers)


def _create_candidate(bench: Bench) -> Iterator[Exchange]:
    for _, record in cycle(bench.people):
        basic = {k: v for k, v in record["infos_basicas"].items() if k != "codigo_profissional"}
        yield bench.post(
            f"{_API}/candidatos/create",
            {**record, "infos_basicas": basic},
            '{"message":"Candidato inserido com sucesso!","codigo_candidato":',
        )


def _add_prospect(bench: Bench) -> Iterator[Exchange]:
    for number, (code, record) in zip(bench.numbers, cycle(bench.offers), strict=False):
        body = {
            "codigo_vaga": code,
            "titulo_vaga": record["informacoes_basicas"]["titulo_vaga"],
            "nome": "Pessoa Inventada",
            "codigo_candidato": number,
            "situacao_candidato": "Inscrito",
            "data_candidatura": "22-11-2026",
            "recrutador": "Recrutadora Inventada",
            "comentario": "",
        }
        start = '{"message":"Prospect criado com sucesso.","data":{"id":'
        yield bench.post(f"{_API}/prospects/add-candidate", body, start)


def _person_fields(record: Record, number: int) -> Record:
    """Return what both predictions send of a person; the number makes every CV a new one."""
    work, education = record["informacoes_profissionais"], record["formacao_e_idiomas"]
    return {
        "titulo_profissional": work["titulo_profissional"],
        "conhecimentos_tecnicos": work["conhecimentos_tecnicos"],
        "certificacoes": work["certificacoes"],
        "outras_certificacoes": work["outras_certificacoes"],
        "cidade": record["infos_basicas"]["local"],
        "ingles": education["nivel_ingles"],
        "espanhol": education["nivel_espanhol"],
        "outros_idiomas": education["outro_idioma"],
        "pcd": "",
        "cv_candidato": f"{record['cv_pt']}\nprotocolo {number}",
    }


def _offer_fields(record: Record) -> Record:
    profile = record["perfil_vaga"]
    return {
        "titulo_vaga": record["informacoes_basicas"]["titulo_vaga"],
        "tipo_contratacao": record["informacoes_basicas"]["tipo_contratacao"],
        "cidade_vaga": profile["cidade"],
        "pais_vaga": profile["pais"],
        "areas_atuacao_vaga": profile["areas_atuacao"],
        "principais_atividades": profile["principais_atividades"],
        "competencia_tecnicas_e_comportamentais": profile["competencia_tecnicas_e_comportamentais"],
        "nivel_academico_vaga": profile["nivel_academico"],
        "nivel_ingles_vaga": profile["nivel_ingles"],
        "nivel_espanhol_vaga": profile["nivel_espanhol"],
    }


def _predict(bench: Bench) -> Iterator[Exchange]:
    pairs = zip(cycle(bench.people), cycle(bench.offers[:-1]), strict=False)
    for number, ((_, person), (_, offer)) in enumerate(pairs):
        body = _person_fields(person, number) | _offer_fields(offer)
        yield bench.post(_PREDICT, body, '{"match_probability":')


def _recommend(bench: Bench) -> Iterator[Exchange]:
    for number, (_, person) in enumerate(cycle(bench.people)):
        body = orjson.dumps(_person_fields(person, number))
        request = http_request("POST", _RECOMMEND, token=bench.token, body=body)
        yield Exchange(request, b'{"data":[{"codigo_vaga":', b'"codigo_vaga":', 5)


def _rank(bench: Bench) -> Iterator[Exchange]:
    return cycle(
        bench.get(
            f"{_API}/vagas/{code}/candidatos",
            f'{{"codigo_vaga":{code},"data":[{{',
            '"codigo_profissional":',
            10,
        )
        for code, _ in bench.offers
    )


def _login(bench: Bench) -> Iterator[Exchange]:
    form = urlencode({"username": ADMIN, "password": bench.city.password}).encode()
    kind = "application/x-www-form-urlencoded"
    request = http_request("POST", f"{_API}/auth/login", body=form, content_type=kind)
    return cycle([Exchange(request, b'{"access_token":"')])


OPERATIONS = (
    Operation("list of 100 candidates", _list_candidates, _naive_candidates, 107),
    Operation("list of 100 vacancies", _list_vacancies, _naive_vacancies),
    Operation("candidate details", _read_candidate, _naive_candidate, 160),
    Operation("vacancy details", _read_vacancy, _naive_vacancy),
    Operation("match predict", _predict, None, 24),
    Operation("recommendation", _recommend, None, 5),
    Operation("recommendation, 1 connection", _recommend, None, None, 1),
    Operation("ranking of candidates", _rank, connections=1),
    Operation("candidate create", _create_candidate, None, 120),
    Operation("prospect add", _add_prospect, None, 200),
    Operation("login", _login, None, 7),
)
"""Reads before writes. The old system's rates are quoted, see ``http_speed.py``."""
