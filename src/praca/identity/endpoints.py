"""The accounts and sign-in over HTTP."""

import json
from typing import Annotated, Any, TypeVar

from fastapi import Form, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from praca.identity.auth import AccountListSubject, CurrentSubject, Identity, OptionalSubject
from praca.identity.errors import (
    AccountExistsError,
    AccountNotFoundError,
    ForbiddenError,
    InvalidAccountError,
    InvalidCpfError,
    InvalidCredentialsError,
    InvalidRefreshTokenError,
    LastAdminError,
    MissingCredentialsError,
    MissingJsonError,
    TooManyQuestionSessionsError,
    TooManySignInsError,
    TooManySignUpsError,
    UsernameTakenError,
    WeakPasswordError,
)
from praca.identity.old_server import OldServerRoute
from praca.identity.schemas import (
    QUESTION_SESSION_EXAMPLE,
    TOKEN_PAIR_EXAMPLE,
    AccountCreate,
    AccountRead,
    AccountShort,
    AccountUpdate,
    LegacyToken,
    QuestionSessionCreate,
    QuestionSessionRead,
    RefreshTokenIn,
    SignInForm,
    SignUp,
    TokenPair,
)
from praca.identity.sessions import SignedIn
from praca.kit.cpf import is_cpf_shaped, is_valid_cpf
from praca.kit.errors import DomainError
from praca.platform.web import json_object, media_type, problem_responses
from praca.platform.web.dependencies import IdentityRead, IdentityWrite
from praca.platform.web.routing import RoomRouter

__all__ = ["auth_router", "old_router", "router"]

router = RoomRouter()
auth_router = RoomRouter()
"""Sign-in and what follows from it: the application answers it at the root, too."""
old_router = RoomRouter(route_class=OldServerRoute)
"""The old model server's sign-in: the application answers it at the root, too."""

_NO_STORE = {"Cache-Control": "no-store"}
_BIGGEST_ID = 2**63 - 1
_Model = TypeVar("_Model", bound=BaseModel)


_WRONG_PAIR = "Nome de usuário ou senha incorretos"
_WRONG_CPF_PAIR = "CPF ou senha inválidos."


@router.post(
    "/usuarios/signup",
    status_code=201,
    tags=["usuarios"],
    summary="Sign up",
    openapi_extra={"security": [{}]},  # the token is optional
    responses=problem_responses(
        AccountExistsError,
        ForbiddenError,
        InvalidAccountError,
        WeakPasswordError,
        TooManySignUpsError,
    ),
)
async def sign_up(
    body: SignUp, session: IdentityWrite, identity: Identity, actor: OptionalSubject
) -> AccountRead:
    """Create an account. A staff `perfil` needs the token of an admin."""
    subject = await identity.sign_up(
        session,
        actor=actor,
        username=body.username,
        password=body.password,
        role=body.perfil,
    )
    return AccountRead.of(subject)


@router.post(
    "/usuarios/login",
    tags=["usuarios"],
    summary="Sign in for a bare access token",
    responses={
        200: {"content": {"application/json": {"example": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"}}},
        **problem_responses(InvalidCredentialsError, TooManySignInsError),
    },
)
async def sign_in_for_token(
    form: Annotated[SignInForm, Form()], response: Response, identity: Identity
) -> str:
    """Give the access token as a JSON string. The name may be a user name, CPF or e-mail."""
    signed_in = await identity.sessions.sign_in(form.username, form.password)
    response.headers.update(_NO_STORE)
    return signed_in.access_token


@router.get(
    "/usuarios/logado",
    tags=["usuarios"],
    summary="Show the caller's account",
)
async def show_caller(subject: CurrentSubject) -> AccountRead:
    """Show whose token this is, with the role."""
    return AccountRead.of(subject)


@router.get(
    "/usuarios/me",
    tags=["usuarios"],
    summary="Show the caller's account, short",
)
async def show_me(subject: CurrentSubject) -> AccountShort:
    """Show whose token this is."""
    return AccountShort.of(subject)


@router.get(
    "/usuarios/list",
    tags=["usuarios"],
    summary="List accounts",
    responses={
        200: {
            "content": {
                "application/json": {
                    "example": [{"id": 7, "username": "maria", "perfil": "usuario"}]
                }
            },
            "headers": {
                "X-Total-Count": {
                    "description": "Number of all accounts.",
                    "schema": {"type": "integer"},
                }
            },
        },
        **problem_responses(ForbiddenError),
    },
)
async def list_accounts(  # FastAPI fills them by name
    session: IdentityRead,
    identity: Identity,
    response: Response,
    _subject: AccountListSubject,
    skip: Annotated[int, Query(ge=0, le=_BIGGEST_ID, description="Accounts to skip.")] = 0,
    offset: Annotated[int, Query(ge=0, le=_BIGGEST_ID, description="Same as `skip`.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="Accounts to show.")] = 100,
) -> list[AccountRead]:
    """List accounts by id; for operators and admins."""
    subjects, total = await identity.list_accounts(session, offset=skip or offset, limit=limit)
    response.headers["X-Total-Count"] = str(total)
    return [AccountRead.of(subject) for subject in subjects]


@router.put(
    "/usuarios/{usuario_id}",
    status_code=202,
    tags=["usuarios"],
    summary="Change an account",
    responses=problem_responses(
        AccountExistsError,
        ForbiddenError,
        AccountNotFoundError,
        LastAdminError,
        InvalidAccountError,
        WeakPasswordError,
    ),
)
async def update_account(
    usuario_id: Annotated[
        int, Path(ge=1, le=_BIGGEST_ID, description="Id of the account.", examples=[7])
    ],
    body: AccountUpdate,
    session: IdentityWrite,
    identity: Identity,
    subject: CurrentSubject,
) -> AccountRead:
    """Change one's own name or password, or as admin anybody's, and the role.

    A new password ends all sessions of the account.
    """
    changed = await identity.update_account(
        session, actor=subject, account_id=usuario_id, changes=body.changes()
    )
    return AccountRead.of(changed)


@router.post("/usuarios", status_code=201, include_in_schema=False)
@router.post(
    "/usuarios/",
    status_code=201,
    tags=["usuarios"],
    summary="Sign up as a citizen",
    responses=problem_responses(
        UsernameTakenError, InvalidAccountError, WeakPasswordError, TooManySignUpsError
    ),
)
async def create_account(
    body: AccountCreate, session: IdentityWrite, identity: Identity
) -> AccountShort:
    """Create an account with the role `usuario`."""
    subject = await identity.register(session, body.username, body.password)
    return AccountShort.of(subject)


_LOGIN_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {"schema": SignInForm.model_json_schema()},
            "application/json": {
                "schema": QuestionSessionCreate.model_json_schema(),
                "example": {"name": "Maria"},
            },
        },
    }
}


@auth_router.post(
    "/auth/login",
    tags=["auth"],
    summary="Sign in, or open a question session",
    openapi_extra=_LOGIN_BODY,
    responses={
        200: {
            "content": {
                "application/json": {
                    "examples": {
                        "signed_in": {"summary": "Form", "value": TOKEN_PAIR_EXAMPLE},
                        "question_session": {"summary": "JSON", "value": QUESTION_SESSION_EXAMPLE},
                    }
                }
            }
        },
        **problem_responses(
            InvalidCpfError,
            InvalidCredentialsError,
            TooManySignInsError,
            TooManyQuestionSessionsError,
        ),
    },
)
async def sign_in(
    request: Request, response: Response, session: IdentityWrite, identity: Identity
) -> TokenPair | QuestionSessionRead:
    """With a form, sign in; with JSON `{"name"}`, open a question session without an account."""
    response.headers.update(_NO_STORE)
    if "json" in media_type(request):
        asked = _validated(QuestionSessionCreate, await _json(request))
        token = await identity.sessions.open_question_session(session, asked.name)
        return QuestionSessionRead(token=str(token), name=asked.name)
    form = _validated(SignInForm, await _form(request))
    try:
        return _pair(await identity.sessions.sign_in(form.username, form.password))
    except InvalidCredentialsError as error:
        raise _refusal(form.username) from error


def _refusal(name: str) -> DomainError:
    """Return what a failed sign-in is told, which depends on nothing but the name as typed."""
    if is_valid_cpf(name):
        return InvalidCredentialsError(_WRONG_CPF_PAIR)
    return InvalidCpfError() if is_cpf_shaped(name) else InvalidCredentialsError(_WRONG_PAIR)


@auth_router.post(
    "/auth/refresh",
    tags=["auth"],
    summary="Exchange a refresh token",
    responses=problem_responses(InvalidRefreshTokenError),
)
async def refresh(body: RefreshTokenIn, response: Response, identity: Identity) -> TokenPair:
    """Give a new pair. The token sent is used up; using it again revokes its whole family."""
    response.headers.update(_NO_STORE)
    return _pair(await identity.sessions.refresh(body.refresh_token))


@auth_router.post("/auth/logout", status_code=204, tags=["auth"], summary="Sign out")
async def sign_out(body: RefreshTokenIn, identity: Identity) -> None:
    """Revoke the refresh token and all of its family."""
    await identity.sessions.sign_out(body.refresh_token)


_OLD_LOGIN_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": SignInForm.model_json_schema()}},
    }
}


@old_router.post(
    "/login",
    tags=["auth"],
    summary="Sign in for an access token alone",
    openapi_extra=_OLD_LOGIN_BODY,
    responses=problem_responses(
        MissingJsonError, MissingCredentialsError, InvalidCredentialsError, TooManySignInsError
    ),
)
async def sign_in_as_system_two(
    request: Request, response: Response, identity: Identity
) -> LegacyToken:
    """Sign in as clients of the old model server do; they read the English text in `error`."""
    form = await _legacy_credentials(request)
    response.headers.update(_NO_STORE)
    try:
        signed_in = await identity.sessions.sign_in(form.username, form.password)
    except InvalidCredentialsError as error:
        raise _legacy_refusal() from error
    return LegacyToken(access_token=signed_in.access_token)


async def _legacy_credentials(request: Request) -> SignInForm:
    body = await json_object(request)
    if not body:
        raise MissingJsonError
    username, password = body.get("username"), body.get("password")
    if not (isinstance(username, str) and isinstance(password, str) and username and password):
        raise MissingCredentialsError
    try:
        return SignInForm(username=username, password=password)
    except ValidationError as error:
        raise _legacy_refusal() from error


def _legacy_refusal() -> InvalidCredentialsError:
    refusal = InvalidCredentialsError()
    refusal.extra["error"] = "Invalid credentials"
    return refusal


def _pair(signed_in: SignedIn) -> TokenPair:
    return TokenPair(
        access_token=signed_in.access_token,
        refresh_token=signed_in.refresh_token,
        user_id=signed_in.subject.id,
        cpf=signed_in.subject.cpf,
    )


async def _json(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise _unreadable("JSON inválido.", "json_invalid") from error


async def _form(request: Request) -> dict[str, Any]:
    try:
        return dict(await request.form(max_files=0, max_fields=20))
    except HTTPException as error:
        raise _unreadable("Formulário inválido.", "form_invalid") from error


def _unreadable(message: str, rule: str) -> RequestValidationError:
    return RequestValidationError([{"loc": ("body",), "msg": message, "type": rule}])


def _validated(model: type[_Model], value: Any) -> _Model:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        refused = error.errors(include_url=False, include_input=False)
        raise RequestValidationError(
            [{**item, "loc": ("body", *item["loc"])} for item in refused]
        ) from error
