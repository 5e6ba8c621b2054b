import re

import httpx


async def test_the_page_about_the_api_loads_nothing_from_elsewhere(
    client: httpx.AsyncClient,
) -> None:
    page = await client.get("/docs")
    assert page.status_code == 200
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert loaded
    for address in loaded:
        assert httpx.URL(address).host in {"", "test"}
        assert (await client.get(address)).status_code == 200
    assert "/openapi.json" in page.text
    assert (await client.get("/openapi.json")).status_code == 200
