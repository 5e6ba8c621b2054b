"""A small HTTP server with recorded answers, for what a real API cannot be made to do at will."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt

_AT = "2026-11-22T12:00:00Z"
_TIMES = {"p50_ms": 4.1, "p95_ms": 17.9, "p99_ms": 1048.3}


def access_token(life_s: float, number: int = 0) -> str:
    """A token as the API makes them; nobody but the API checks its signature."""
    claims = {"sub": "7", "exp": int(time.time() + life_s), "jti": str(number)}
    return jwt.encode(claims, "x" * 32, algorithm="HS256")


def pair(life_s: float = 900, number: int = 0) -> dict[str, Any]:
    """What a sign-in gives."""
    return {
        "access_token": access_token(life_s, number),
        "refresh_token": f"refresh-{number}",
        "token_type": "bearer",
        "user_id": 7,
        "cpf": None,
    }


def book_model(name: str, target: str, accuracy: float, signal: str) -> dict[str, Any]:
    return {
        "nome": name,
        "alvo": target,
        "versao": 3,
        "sinal": signal,
        "metricas": {"acuracia": accuracy, "f1_score_macro": accuracy - 0.02},
        "intervalos": {
            "acuracia": [accuracy - 0.05, accuracy + 0.05],
            "f1_score_macro": [accuracy - 0.08, accuracy + 0.04],
        },
        "referencias": {
            "maioria": {"acuracia": 0.226, "f1_score_macro": 0.07},
            "acaso": {"acuracia": 0.2, "f1_score_macro": 0.19},
        },
        "treinado_em": _AT,
    }


def _task(kind: str, status: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "01936b1e-0c7a-7c3e-8d4f-5a6b7c8d9e0f",
        "kind": kind,
        "status": status,
        "progress": {"done": 1200, "total": 5000, "message": "páginas"},
        "result": None,
        "error": None,
        "attempt": 1,
        "created_at": _AT,
        "started_at": _AT,
        "finished_at": None,
        **more,
    }


def answers() -> dict[str, Any]:
    """Answers of a busy city, by the path below ``/api/v1``."""
    drift_column = {
        "label": "escolaridade",
        "group": "Candidatos",
        "psi": 0.41,
        "effect": 0.39,
        "q": 0.0001,
        "alarm": True,
        "may_alarm": True,
        "reference_rows": 400,
        "current_rows": 120,
    }
    tasks = [
        _task("library.scrape", "running"),
        _task("jobs.train_match", "failed", error="Faltam candidaturas.", finished_at=_AT),
        _task("wallet.pix_reconcile", "succeeded", finished_at=_AT),
    ]
    return {
        "/auth/login": pair(),
        "/auth/logout": {},
        "/usuarios/logado": {"id": 7, "username": "olga", "perfil": "operador"},
        "/monitoring/requests/summary": {
            "total": 123456,
            "errors": 12,
            "error_rate": 0.0000972,
            "mean_ms": 6.2,
            "dropped": 0,
            **_TIMES,
        },
        "/monitoring/requests/routes": [
            {
                "method": "GET",
                "route": "/api/v1/livros",
                "count": 1200,
                "errors": 3,
                "mean_ms": 6.2,
                **_TIMES,
            },
            {
                "method": "POST",
                "route": "/api/v1/match",
                "count": 40,
                "errors": 0,
                "mean_ms": 6.2,
                **_TIMES,
            },
        ],
        "/monitoring/requests/statuses": [
            {"status": 200, "count": 1180},
            {"status": 404, "count": 12},
            {"status": 500, "count": 3},
        ],
        "/monitoring/requests/timeline": {
            "bucket_s": 300,
            "points": [{"at": _AT, "count": 40, "errors": 1, **_TIMES}],
        },
        "/monitoring/requests": {
            "total": 1,
            "offset": 0,
            "limit": 200,
            "data": [
                {
                    "at": _AT,
                    "method": "GET",
                    "route": "/api/v1/livros",
                    "status": 500,
                    "ms": 1234.5,
                    "user_id": 7,
                }
            ],
        },
        "/monitoring/predictions/timeline": {
            "bucket_s": 300,
            "points": [
                {"at": _AT, "model": "match", "count": 12, "p50_ms": 0.4, "p95_ms": 1.1},
                {"at": _AT, "model": "hiring", "count": 3, "p50_ms": 0.4, "p95_ms": 2.1},
            ],
        },
        "/monitoring/predictions/outputs": [
            {"model": "hiring", "version": 2, "output": "Não contratado", "count": 310},
            {"model": "hiring", "version": 2, "output": "Contratado", "count": 90},
        ],
        "/ml/cache-status": {
            "modelos_carregados": ["random_forest", "svm"],
            "artefatos_carregados": True,
            "detalhes_modelos": [
                book_model("random_forest", "rating", 0.21, "sem sinal"),
                book_model("svm", "rating", 0.19, "sem sinal"),
                book_model("random_forest", "categoria", 0.71, "há sinal"),
            ],
        },
        "/models": {
            "data": [
                {
                    "name": "match",
                    "version": 2,
                    "is_champion": True,
                    "is_shadow": False,
                    "created_at": _AT,
                    "metrics": {"auc": 0.9},
                    "code_version": "0.1.0",
                    "gate": {
                        "accepted": True,
                        "checks": [
                            {
                                "name": "latency",
                                "passed": True,
                                "figures": {},
                                "reason": "Uma previsão leva 1.2 ms.",
                            }
                        ],
                    },
                }
            ]
        },
        "/inferencias/driftReport": {
            "model": "match",
            "version": 2,
            "has_drift": True,
            "is_tested": True,
            "alarms": ["Candidatos: escolaridade"],
            "rule": {"material_psi": 0.1},
            "reference_at": _AT,
            "window": {"until": _AT, "description": "Linhas novas.", "rows": {"candidatos": 120}},
            "features": [drift_column],
            "domains": [{"label": "textos", "auc": 0.51, "alarm": False}],
        },
        "/tasks": {"total": len(tasks), "offset": 0, "limit": 100, "data": tasks},
        "/raspagem": {
            "loja": "http://127.0.0.1:8082",
            "agendamento": None,
            "livros": 1000,
            "paginas": {
                "descobertas": 0,
                "em_andamento": 0,
                "concluidas": 1049,
                "falhas": 1,
                "quarentena": 2,
            },
            "ultima": {
                "id_tarefa": "01936b1e",
                "estado": "CONCLUIDA",
                "progresso": {"concluidas": 1049, "total": 1052, "mensagem": "1049 de 1052"},
                "iniciada_em": _AT,
                "terminada_em": _AT,
                "resultado": {"total_encontrado": 1000, "novos": 1000, "bytes": 1536},
            },
        },
        "/raspagem/quarentena": [
            {"url": "http://x/livro", "campo": "preco", "motivo": "sem preço", "em": _AT}
        ],
    }


def empty_answers() -> dict[str, Any]:
    """Answers of a city on its first day."""
    nothing = dict.fromkeys(("mean_ms", "p50_ms", "p95_ms", "p99_ms"))
    return answers() | {
        "/monitoring/requests/summary": {
            "total": 0,
            "errors": 0,
            "error_rate": 0.0,
            "dropped": 0,
            **nothing,
        },
        "/monitoring/requests/routes": [],
        "/monitoring/requests/statuses": [],
        "/monitoring/requests/timeline": {"bucket_s": 300, "points": []},
        "/monitoring/requests": {"total": 0, "offset": 0, "limit": 200, "data": []},
        "/monitoring/predictions/timeline": {"bucket_s": 300, "points": []},
        "/monitoring/predictions/outputs": [],
        "/ml/cache-status": {
            "modelos_carregados": [],
            "artefatos_carregados": False,
            "detalhes_modelos": [],
        },
        "/models": {"data": []},
        "/inferencias/driftReport": (404, {"detail": "Ainda não há relatório de drift."}),
        "/tasks": {"total": 0, "offset": 0, "limit": 100, "data": []},
        "/raspagem": {
            "loja": "http://127.0.0.1:8082",
            "agendamento": None,
            "livros": 0,
            "paginas": {},
            "ultima": None,
        },
        "/raspagem/quarentena": [],
    }


@dataclass
class Recorded:
    """The server: what it answers, and what it was asked."""

    url: str
    answers: dict[str, Any]
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def paths(self) -> list[str]:
        return [path for _, path, _ in self.asked]


@contextmanager
def recorded(answers: dict[str, Any]) -> Iterator[Recorded]:
    """Serve ``answers``: path -> body, (status, body) or a function of the token sent."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            path = self.path.removeprefix("/api/v1").partition("?")[0]
            served.asked.append((self.command, path, body))
            found = served.answers.get(path, (404, {"detail": "Recurso não encontrado."}))
            if callable(found):
                found = found((self.headers.get("Authorization") or "").removeprefix("Bearer "))
            status, content = found if isinstance(found, tuple) else (200, found)
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _answer  # noqa: N815  # names of the base

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served = Recorded(f"http://127.0.0.1:{server.server_address[1]}", answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
