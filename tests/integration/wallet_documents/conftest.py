from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest_asyncio
from tests.integration.wallet_documents.uploads import CANARY

MakeAccount = Callable[..., Awaitable[dict[str, Any]]]
Keep = Callable[..., Awaitable[dict[str, Any]]]


@pytest_asyncio.fixture
async def ana(make_account: MakeAccount) -> dict[str, Any]:
    return await make_account("ana.souza")


@pytest_asyncio.fixture
async def bia(make_account: MakeAccount) -> dict[str, Any]:
    return await make_account("bia.lima")


@pytest_asyncio.fixture
async def keep(client: httpx.AsyncClient) -> Keep:
    """Keep a document of the account's, with a file if one is given; returns it."""

    async def kept(owner: dict[str, Any], file: bytes | None = None, **more: str) -> dict[str, Any]:
        fields = {"document_type": "RG", "document_number": f"12.{CANARY}-9", **more}
        if file is None:
            answer = await client.post("/documents/", json=fields, headers=owner["headers"])
        else:
            answer = await client.post(
                "/api/v1/documents/upload",
                data=fields,
                files={"file": ("meu rg.jpg", file)},
                headers=owner["headers"],
            )
        assert answer.status_code == 201, answer.text
        document: dict[str, Any] = answer.json()
        return document

    return kept
