"""The rules of shares: the owner chooses what is shown, for how long, and sees who looked."""

import hashlib
import ipaddress
import math
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from cachetools import TTLCache

from praca.identity import Subject
from praca.kit.clock import BRASILIA, utc_now
from praca.platform.audit import AuditEntry, record
from praca.platform.context import current_context
from praca.platform.database import Database, WriteSession
from praca.platform.errors import ObjectNotFoundError
from praca.wallet.documents import repository, share_repository
from praca.wallet.documents.data_keys import DataKeys
from praca.wallet.documents.errors import (
    DocumentFileNotFoundError,
    DocumentNotFoundError,
    ShareGoneError,
    ShareGuessingError,
    ShareLimitError,
    ShareNotFoundError,
)
from praca.wallet.documents.objects import FILE
from praca.wallet.documents.sealing import Document, opened
from praca.wallet.documents.service import DocumentFile, DocumentService
from praca.wallet.documents.share_repository import NewShare, Share, View

__all__ = [
    "SHARED_FILE",
    "NewLink",
    "OpenedShare",
    "ShareRequest",
    "ShareService",
    "ShareWithViews",
    "state_of",
]

SHARED_FILE: Final = "file"
"""The field that stands for the document's file."""

_MOST_OPEN: Final = 50
_VIEWS_SHOWN: Final = 100
_FILE_AFTER: Final = timedelta(minutes=10)
_GUESSES: Final = 30
_GUESS_WINDOW_S: Final = 900
_ADDRESSES: Final = 10_000
_LONGEST_AGENT: Final = 120
_NETWORK_BITS: Final = {4: 24, 6: 48}


@dataclass(frozen=True, slots=True)
class ShareRequest:
    """What the owner asks for."""

    fields: Sequence[str]
    lifetime: timedelta
    single_use: bool


@dataclass(frozen=True, slots=True)
class NewLink:
    """A share just made, and the only time its token is known."""

    share: NewShare
    token: str


@dataclass(frozen=True, slots=True)
class ShareWithViews:
    """A share, how often it was opened, and the latest of those times."""

    share: Share
    state: str
    count: int
    views: Sequence[View]


@dataclass(frozen=True, slots=True)
class OpenedShare:
    """What somebody with the link sees; ``file_token`` opens the file, if it is shared."""

    share: Share
    document: Document
    is_valid: bool
    at: datetime
    file_token: str | None


def state_of(share: Share, now: datetime) -> str | None:
    """Return why a share shows nothing any more; none if it does."""
    if share.revoked_at is not None:
        return "revogado"
    if share.single_use and share.used_at is not None:
        return "usado"
    return "expirado" if share.expires_at <= now else None


class ShareService:
    """Shares of documents.

    Args:
        city: where they are.
        keys: the owners' data keys.
        documents: what opens files.
        now: the clock.
    """

    def __init__(
        self,
        city: Database,
        keys: DataKeys,
        documents: DocumentService,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._city = city
        self._keys = keys
        self._documents = documents
        self._now = now
        self._guesses = _Guesses()

    async def create(self, subject: Subject, document_id: int, asked: ShareRequest) -> NewLink:
        """Make a link to chosen fields of a document of the caller's.

        Raises:
            DocumentNotFoundError: there is no such document, or it is somebody else's.
            DocumentFileNotFoundError: its file is to be shared, and it has none.
            ShareLimitError: it has as many open shares as one may.
        """
        token, now = secrets.token_urlsafe(32), self._now()
        new = NewShare(
            id=uuid4(),
            document_id=document_id,
            user_id=subject.id,
            token_hash=_hash(token),
            fields=asked.fields,
            single_use=asked.single_use,
            created_at=now,
            expires_at=now + asked.lifetime,
        )
        async with self._city.write() as session:
            row = await repository.find(session, document_id, subject.id, to_change=True)
            if row is None:
                raise DocumentNotFoundError
            if SHARED_FILE in asked.fields and row.object_id is None:
                raise DocumentFileNotFoundError
            if await share_repository.count_open(session, document_id, now) >= _MOST_OPEN:
                raise ShareLimitError(_MOST_OPEN)
            await share_repository.add(session, new)
            await _note(session, "share_created", new.id, subject.id)
        return NewLink(new, token)

    async def list_shares(
        self, subject: Subject, document_id: int, *, skip: int, limit: int
    ) -> list[ShareWithViews]:
        """Return one page of the shares of a document of the caller's, the newest first.

        Raises:
            DocumentNotFoundError: there is no such document, or it is somebody else's.
        """
        async with self._city.read() as session:
            if await repository.find(session, document_id, subject.id) is None:
                raise DocumentNotFoundError
            shares = await share_repository.list_of_document(
                session, document_id, subject.id, skip=skip, limit=limit
            )
            ids = [share.id for share in shares]
            views = await share_repository.list_views(session, ids, _VIEWS_SHOWN)
            counts = await share_repository.count_views(session, ids)
        now = self._now()
        return [
            ShareWithViews(
                share,
                state_of(share, now) or "aberto",
                counts.get(share.id, 0),
                [view for view in views if view.share_id == share.id],
            )
            for share in shares
        ]

    async def revoke(self, subject: Subject, document_id: int, share_id: UUID) -> None:
        """Close a share at once; closing it again changes nothing.

        Raises:
            ShareNotFoundError: there is none, or it is somebody else's.
        """
        async with self._city.write() as session:
            found = await share_repository.revoke(
                session, share_id, document_id, subject.id, self._now()
            )
            if not found:
                raise ShareNotFoundError
            await _note(session, "share_revoked", share_id, subject.id)

    async def open(self, token: str, user_agent: str) -> OpenedShare:
        """Show what a link shows; one for a single use is used up by that.

        Raises:
            ShareNotFoundError: no share has this token.
            ShareGuessingError: the caller has tried too many such.
            ShareGoneError: it shows nothing any more.
        """
        found = await self._find(token)
        if found.token_hash != _hash(token):
            raise ShareNotFoundError  # the token of a file opens the file only
        self._check(found, token)
        key = await self._keys.find(found.user_id)
        follow_up = secrets.token_urlsafe(32) if found.single_use else token
        async with self._city.write() as session:
            # Of two who open it at once the second waits here, and then sees it used.
            share = await self._locked(session, found, token)
            row = await repository.find(session, share.document_id, share.user_id)
            if row is None or key is None:
                raise ShareGoneError("documento_excluido")
            document = opened(key, row)
            now = self._now()
            has_file = SHARED_FILE in share.fields and row.object_id is not None
            await self._use(session, share, now, follow_up if has_file else None)
            await _note_view(session, share, now, "fields", user_agent)
        return OpenedShare(
            share, document, _is_valid(document, now), now, follow_up if has_file else None
        )

    async def open_file(self, token: str, user_agent: str) -> DocumentFile:
        """Return the file that a link shows, in the plain.

        Raises:
            ShareNotFoundError: no share has this token.
            ShareGuessingError: the caller has tried too many such.
            ShareGoneError: it shows nothing any more.
            DocumentFileNotFoundError: the file is not shared, or there is none any more.
        """
        found = await self._find(token)
        self._check(found, token)
        if SHARED_FILE not in found.fields:
            raise DocumentFileNotFoundError
        file = await self._file_of(found)
        # Only now that there is something to give is a single use used up.
        async with self._city.write() as session:
            share = await self._locked(session, found, token)
            now = self._now()
            if share.token_hash == _hash(token):
                await self._use(session, share, now, None)
            await _note_view(session, share, now, "file", user_agent)
        return file

    async def _file_of(self, share: Share, *, is_again: bool = False) -> DocumentFile:
        async with self._city.read() as session:
            row = await repository.find(session, share.document_id, share.user_id)
        key = None if row is None else await self._keys.find(share.user_id)
        if row is None or key is None:
            raise ShareGoneError("documento_excluido")
        try:
            return await self._documents.open_file(key, row, FILE)
        except ObjectNotFoundError:
            if is_again:
                raise
            return await self._file_of(share, is_again=True)  # replaced between the two reads

    async def _find(self, token: str) -> Share:
        async with self._city.read() as session:
            share = await share_repository.find_by_token(session, _hash(token))
        if share is None:  # a good link opens, whatever the neighbours try
            self._guesses.check()
            self._guesses.count()
            raise ShareNotFoundError
        return share

    async def _locked(self, session: WriteSession, found: Share, token: str) -> Share:
        share = await share_repository.lock(session, found.id)
        if share is None:
            raise ShareGoneError("documento_excluido")
        self._check(share, token)
        return share

    def _check(self, share: Share, token: str) -> None:
        """Refuse a share that shows nothing any more, seen from the token that opens it."""
        now = self._now()
        reason = state_of(share, now)
        if reason == "usado" and share.file_token_hash == _hash(token):
            reason = None if share.file_until and share.file_until > now else "expirado"
        if reason is not None:
            raise ShareGoneError(reason)

    @staticmethod
    async def _use(
        session: WriteSession, share: Share, now: datetime, follow_up: str | None
    ) -> None:
        if share.single_use:
            hashed = None if follow_up is None else _hash(follow_up)
            until = None if follow_up is None else min(now + _FILE_AFTER, share.expires_at)
            await share_repository.mark_used(session, share.id, now, hashed, until)


class _Guesses:
    """Counts links that lead nowhere by network, in this process, within a quarter of an hour.

    No token is guessed: each is one of 2**256. This tells who tries that it is noticed.
    """

    def __init__(self) -> None:
        self._counts: TTLCache[str, list[float]] = TTLCache(_ADDRESSES, _GUESS_WINDOW_S)

    def check(self) -> None:
        """Refuse who has tried too many.

        Raises:
            ShareGuessingError: until the window that began with the first is over.
        """
        tries = self._counts.get(_network() or "")
        if tries is not None and len(tries) >= _GUESSES:
            left_s = tries[0] + _GUESS_WINDOW_S - time.monotonic()
            raise ShareGuessingError(max(1, math.ceil(left_s)))

    def count(self) -> None:
        """Count one more of the caller's."""
        network = _network() or ""
        tries = self._counts.get(network)
        if tries is None:
            self._counts[network] = [time.monotonic()]
        else:
            tries.append(time.monotonic())


def _hash(token: str) -> bytes:
    # The token is as random as a key: a plain hash cannot be searched.
    return hashlib.sha256(token.encode()).digest()


def _is_valid(document: Document, now: datetime) -> bool:
    today = now.astimezone(BRASILIA).date()
    return document.expires_on is None or document.expires_on >= today


def _network() -> str | None:
    """Return the network that the request comes from: near enough to recognise, no person's."""
    try:
        address = ipaddress.ip_address(current_context().address or "")
    except ValueError:
        return None
    bits = _NETWORK_BITS[address.version]
    return str(ipaddress.ip_network((address, bits), strict=False))


async def _note_view(
    session: WriteSession, share: Share, now: datetime, what: str, user_agent: str
) -> None:
    shown = "".join(char for char in user_agent if char.isprintable())[:_LONGEST_AGENT]
    view = View(share.id, now, what, _network(), shown or None)
    await share_repository.add_view(session, view)
    # Who looked is told by the view alone, and as a network: the audit keeps for ever.
    viewed = AuditEntry("wallet.share_viewed", "document_share", str(share.id), has_origin=False)
    await record(session, viewed)


async def _note(session: WriteSession, what: str, share_id: UUID, actor: int | None) -> None:
    await record(session, AuditEntry(f"wallet.{what}", "document_share", str(share_id), actor))
