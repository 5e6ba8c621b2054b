"""Signing in by way of other providers over HTTP."""

from typing import Annotated, cast

from fastapi import Depends, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from praca.identity.auth import CurrentSubject
from praca.identity.errors import TooManySignUpsError
from praca.identity.sessions import SignedIn
from praca.identity.social.errors import (
    EmailNeededError,
    InactiveAccountError,
    InvalidProviderAnswerError,
    InvalidRegistrationError,
    InvalidSocialStateError,
    LastSignInError,
    ProviderUnreachableError,
    SocialAccountExistsError,
    SocialLinkNotFoundError,
    SocialLinkTakenError,
    SocialRefusedError,
    UnknownProviderError,
)
from praca.identity.social.schemas import (
    LINK_EXAMPLE,
    NEWCOMER_EXAMPLE,
    SIGNED_IN_EXAMPLE,
    NewcomerRead,
    SocialLinkCreate,
    SocialLinkRead,
    SocialRegister,
    SocialTokenPair,
)
from praca.identity.social.service import ATTEMPT_LIFETIME, SocialService
from praca.platform.web import problem_responses
from praca.platform.web.dependencies import IdentityRead, IdentityWrite
from praca.platform.web.routing import RoomRouter

__all__ = ["router"]

router = RoomRouter()

_COOKIE = "praca-social"
# Of this prefix browsers accept no cookie that another host, a neighbour's or a parent's, has set.
_SECURE_COOKIE = f"__Host-{_COOKIE}"
_NO_STORE = {"Cache-Control": "no-store"}


async def _social(request: Request) -> SocialService:
    return cast("SocialService", request.app.state.social)


Social = Annotated[SocialService, Depends(_social)]
ProviderName = Annotated[
    str,
    Path(
        pattern=r"^[a-z0-9-]{1,40}$",
        description="`google`, `meta`, or a name of `PRACA_OIDC_PROVIDERS`.",
        examples=["google"],
    ),
]


@router.get(
    "/auth/{provider}/login",
    status_code=307,
    response_class=RedirectResponse,
    tags=["auth"],
    summary="Go to another provider to sign in",
    responses={
        307: {
            "description": "To the provider; the browser keeps a cookie until it is back.",
            "headers": {
                "Location": {
                    "description": "Where the provider asks who one is.",
                    "schema": {"type": "string", "format": "uri"},
                }
            },
        },
        **problem_responses(UnknownProviderError, ProviderUnreachableError),
    },
)
async def start_social_sign_in(provider: ProviderName, social: Social) -> RedirectResponse:
    """Send the browser to the provider, with state, PKCE and a nonce."""
    started = await social.start(provider)
    answer = RedirectResponse(started.url, status_code=307, headers=_NO_STORE)
    answer.set_cookie(
        _cookie(social),
        started.browser,
        max_age=int(ATTEMPT_LIFETIME.total_seconds()),
        path="/",
        secure=social.is_secure,
        httponly=True,
        samesite="lax",  # it must come along when the provider sends the browser back
    )
    return answer


@router.get(
    "/auth/{provider}/callback",
    tags=["auth"],
    summary="Come back from another provider",
    responses={
        200: {
            "content": {
                "application/json": {
                    "examples": {
                        "signed_in": {"summary": "Linked", "value": SIGNED_IN_EXAMPLE},
                        "newcomer": {"summary": "Unknown", "value": NEWCOMER_EXAMPLE},
                    }
                }
            }
        },
        **problem_responses(
            InvalidSocialStateError,
            SocialRefusedError,
            InvalidProviderAnswerError,
            InactiveAccountError,
            UnknownProviderError,
            ProviderUnreachableError,
        ),
    },
)
async def finish_social_sign_in(
    request: Request,
    response: Response,
    provider: ProviderName,
    social: Social,
    code: Annotated[str | None, Query(max_length=4096, description="The provider's code.")] = None,
    state: Annotated[str | None, Query(max_length=512, description="The state, as sent.")] = None,
    error: Annotated[
        str | None, Query(max_length=512, description="Why the provider refuses.")
    ] = None,
) -> SocialTokenPair | NewcomerRead:
    """Sign in the person whom the provider names, or start his registration.

    The address is the one to register at the provider. It answers only the browser that left.
    """
    response.headers.update(_NO_STORE)
    response.delete_cookie(
        _cookie(social), path="/", secure=social.is_secure, httponly=True, samesite="lax"
    )
    found = await social.finish(
        provider,
        code=None if error else code,
        state=state,
        browser=request.cookies.get(_cookie(social)),
    )
    if isinstance(found, SignedIn):
        return SocialTokenPair.of(found, provider)
    return NewcomerRead.of(found)


@router.post(
    "/auth/social/register",
    status_code=201,
    tags=["auth"],
    summary="Complete the registration of a newcomer",
    responses=problem_responses(
        InvalidRegistrationError, EmailNeededError, SocialAccountExistsError, TooManySignUpsError
    ),
)
async def register_by_social_identity(
    body: SocialRegister, response: Response, social: Social
) -> SocialTokenPair:
    """Make an account for the person of the registration token, link it, and sign him in.

    The account has no password; `/forgot-password` gives it one.
    """
    response.headers.update(_NO_STORE)
    signed_in, provider = await social.register(body.registration_token, body.profile())
    return SocialTokenPair.of(signed_in, provider)


@router.post(
    "/auth/social/link",
    status_code=201,
    tags=["auth"],
    summary="Link one's account to a provider",
    responses=problem_responses(InvalidRegistrationError, SocialLinkTakenError),
)
async def link_social_identity(
    body: SocialLinkCreate, session: IdentityWrite, social: Social, subject: CurrentSubject
) -> SocialLinkRead:
    """Let the person of the registration token enter the caller's account from now on."""
    return SocialLinkRead.of(await social.link(session, subject, body.registration_token))


@router.get(
    "/auth/social",
    tags=["auth"],
    summary="List one's links",
    responses={
        200: {"content": {"application/json": {"example": [LINK_EXAMPLE]}}},
    },
)
async def list_social_links(
    session: IdentityRead, social: Social, subject: CurrentSubject
) -> list[SocialLinkRead]:
    """List the providers by way of which the caller's account may be entered."""
    return [SocialLinkRead.of(link) for link in await social.list_links(session, subject)]


@router.delete(
    "/auth/social/{provider}",
    status_code=204,
    tags=["auth"],
    summary="Take away a link",
    responses=problem_responses(SocialLinkNotFoundError, LastSignInError),
)
async def unlink_social_identity(
    provider: ProviderName, session: IdentityWrite, social: Social, subject: CurrentSubject
) -> None:
    """Close the caller's account to a provider, unless it is the only way to sign in."""
    await social.unlink(session, subject, provider)


def _cookie(social: SocialService) -> str:
    return _SECURE_COOKIE if social.is_secure else _COOKIE
