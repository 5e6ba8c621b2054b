"""The API as the dashboard uses it: one object for each operator who has signed in."""

import threading
import time
from typing import Any, Final, TypeVar

import httpx2
import jwt
from pydantic import TypeAdapter, ValidationError

from praca.entrypoints.dashboard.answers import (
    CacheStatus,
    Drift,
    ModelVersion,
    Operator,
    PredictionOutput,
    PredictionTimeline,
    Quarantined,
    RequestPage,
    RequestsSummary,
    RequestTimeline,
    RouteFigures,
    Scraping,
    Started,
    StatusCount,
    Task,
    TaskPage,
    TokenPair,
)
from praca.entrypoints.dashboard.period import Period
from praca.entrypoints.dashboard.problems import (
    ApiAwayError,
    BrokenAnswerError,
    NotAllowedError,
    NotThereError,
    RefusedError,
    SignedOutError,
)

__all__ = ["ApiClient", "open_http"]

_TIMEOUT_S: Final = 20.0
_RENEW_BEFORE_S: Final = 30.0
_ROLES: Final = frozenset({"operador", "admin"})
_NO_OPERATOR: Final = (
    "Esta conta não tem acesso ao painel: ele é para operadores e administradores da cidade."
)
_T = TypeVar("_T")


def open_http(api_url: str) -> httpx2.Client:
    """Open the connections to the API at ``api_url``, which all sessions share."""
    return httpx2.Client(
        base_url=f"{api_url.rstrip('/')}/api/v1",
        timeout=_TIMEOUT_S,
        trust_env=False,  # our own address: never by way of a proxy that the environment names
        headers={"User-Agent": "praca-dashboard"},
    )


class ApiClient:
    """Calls the API as one operator; the tokens stay in here.

    Every method raises an :class:`~praca.entrypoints.dashboard.problems.ApiProblem` if it does not
    bring what it says.
    """

    def __init__(self, http: httpx2.Client) -> None:
        self._http = http
        self._access: str | None = None
        self._refresh: str | None = None
        # A click and an automatic refresh may come at once; a refresh token is good for one use.
        self._renewing = threading.Lock()

    def sign_in(self, username: str, password: str) -> Operator:
        """Open a session.

        Raises:
            RefusedError: wrong name or password, or too many attempts.
            NotAllowedError: the account is no operator's; its session is ended again.
        """
        answer = self._send(
            "POST", "/auth/login", data={"username": username, "password": password}
        )
        if answer.is_client_error:
            raise RefusedError(_detail(answer))
        self._keep(self._read(answer, TokenPair))
        operator = self._get("/usuarios/logado", Operator)
        if operator.perfil not in _ROLES:
            self.sign_out()
            raise NotAllowedError(_NO_OPERATOR)
        return operator

    def sign_out(self) -> None:
        """End the session here in any case, and at the API if it can be reached."""
        token, self._refresh, self._access = self._refresh, None, None
        if token is not None:
            self._send("POST", "/auth/logout", json={"refresh_token": token})

    def requests_summary(self, period: Period) -> RequestsSummary:
        """Figures of all requests."""
        return self._get("/monitoring/requests/summary", RequestsSummary, period.query())

    def routes(self, period: Period) -> list[RouteFigures]:
        """Figures of each route."""
        return self._get("/monitoring/requests/routes", list[RouteFigures], period.query())

    def statuses(self, period: Period) -> list[StatusCount]:
        """How often each status was answered."""
        return self._get("/monitoring/requests/statuses", list[StatusCount], period.query())

    def request_timeline(self, period: Period, route: str | None = None) -> RequestTimeline:
        """Requests over time, of all routes or of one."""
        query = period.query() | ({} if route is None else {"route": route})
        return self._get("/monitoring/requests/timeline", RequestTimeline, query)

    def requests(
        self, period: Period, *, min_status: int, route: str | None = None, limit: int = 100
    ) -> RequestPage:
        """Single requests that were answered with ``min_status`` or more, the newest first."""
        query = {**period.query(), "min_status": str(min_status), "limit": str(limit)}
        if route is not None:
            query["route"] = route
        return self._get("/monitoring/requests", RequestPage, query)

    def prediction_timeline(self, period: Period) -> PredictionTimeline:
        """Predictions of each model over time."""
        return self._get("/monitoring/predictions/timeline", PredictionTimeline, period.query())

    def prediction_outputs(self, period: Period) -> list[PredictionOutput]:
        """What the models answered, and how often."""
        return self._get("/monitoring/predictions/outputs", list[PredictionOutput], period.query())

    def book_models(self) -> CacheStatus:
        """The library's models in memory, of all targets."""
        return self._get("/ml/cache-status", CacheStatus, {"alvo": "todos"})

    def model_versions(self) -> list[ModelVersion]:
        """All versions of all models, the newest of each first."""
        return self._get("/models", dict[str, list[ModelVersion]])["data"]

    def drift(self) -> Drift:
        """The latest drift report.

        Raises:
            NotThereError: there is none yet.
        """
        return self._get("/inferencias/driftReport", Drift, {"format": "json"})

    def tasks(
        self, *, kind: str | None = None, status: str | None = None, limit: int = 100
    ) -> TaskPage:
        """Tasks, the newest first."""
        given = {"kind": kind, "status": status, "limit": str(limit)}
        return self._get("/tasks", TaskPage, {key: val for key, val in given.items() if val})

    def cancel_task(self, task_id: str) -> Task:
        """Cancel a task that waits or runs."""
        return self._read(self._ask("POST", f"/tasks/{task_id}/cancel"), Task)

    def scraping(self) -> Scraping:
        """The state of the scraper."""
        return self._get("/raspagem", Scraping)

    def quarantine(self) -> list[Quarantined]:
        """Pages whose layout no longer fits."""
        return self._get("/raspagem/quarentena", list[Quarantined])

    def start_crawl(self) -> str:
        """Start a crawl of the shop; return the API's sentence about it."""
        return self._read(self._ask("POST", "/raspagem/trigger"), Started).message

    def _get(self, path: str, kind: type[_T], query: dict[str, str] | None = None) -> _T:
        return self._read(self._ask("GET", path, query), kind)

    def _ask(self, method: str, path: str, query: dict[str, str] | None = None) -> httpx2.Response:
        """Send with the token, renewed if it is due; raise what a refusal means."""
        if _seconds_left(self._access) < _RENEW_BEFORE_S:
            self._renew(self._access)
        answer = self._send_signed(method, path, query)
        if answer.status_code == httpx2.codes.UNAUTHORIZED:
            self._renew(self._access)
            answer = self._send_signed(method, path, query)
        if answer.is_client_error:
            raise _refusal(answer)
        return answer

    def _send_signed(self, method: str, path: str, query: dict[str, str] | None) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self._access}"}
        return self._send(method, path, params=query, headers=headers)

    def _renew(self, worn: str | None) -> None:
        """Exchange the refresh token, unless another call has done so since ``worn`` was read."""
        with self._renewing:
            if self._refresh is None:
                raise SignedOutError
            if self._access != worn:
                return
            body = {"refresh_token": self._refresh}
            answer = self._send("POST", "/auth/refresh", json=body)
            if answer.is_client_error:
                self._access = self._refresh = None
                raise SignedOutError
            self._keep(self._read(answer, TokenPair))

    def _keep(self, pair: TokenPair) -> None:
        self._access, self._refresh = pair.access_token, pair.refresh_token

    def _send(self, method: str, path: str, **more: Any) -> httpx2.Response:
        try:
            answer = self._http.request(method, path, **more)
        except httpx2.TransportError as error:
            raise ApiAwayError from error
        if answer.status_code == httpx2.codes.SERVICE_UNAVAILABLE:
            raise RefusedError(_detail(answer))
        if answer.is_server_error:
            raise BrokenAnswerError
        return answer

    def _read(self, answer: httpx2.Response, kind: type[_T]) -> _T:
        try:
            return TypeAdapter(kind).validate_json(answer.content)
        except ValidationError as error:
            raise BrokenAnswerError from error


def _seconds_left(token: str | None) -> float:
    """Return how long an access token is still good; the API checks it, here it is only read."""
    if token is None:
        return 0.0
    claims = jwt.decode(token, options={"verify_signature": False, "verify_exp": False})
    return float(claims["exp"]) - time.time()


def _refusal(answer: httpx2.Response) -> Exception:
    if answer.status_code == httpx2.codes.UNAUTHORIZED:
        return SignedOutError()
    if answer.status_code == httpx2.codes.FORBIDDEN:
        return NotAllowedError()
    if answer.status_code == httpx2.codes.NOT_FOUND:
        return NotThereError(_detail(answer))
    return RefusedError(_detail(answer))


def _detail(answer: httpx2.Response) -> str | None:
    """Return the API's own sentence, if there is one."""
    try:
        detail = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        return None
    return detail if isinstance(detail, str) else None
