"""A client of notices that goes is let go, also when a notice comes in the same moment."""

import asyncio
from uuid import uuid4

import pytest

from praca.helpdesk.questions.notices import Ears


@pytest.mark.parametrize("moments", range(3))
async def test_who_goes_as_a_notice_comes_is_let_go(moments: int) -> None:
    ears = Ears()
    hearing = asyncio.create_task(ears.hear(timeout_s=60))
    for _ in range(4):
        await asyncio.sleep(0)
    ears.tell(uuid4())
    for _ in range(moments):
        await asyncio.sleep(0)
    if not hearing.cancel():
        assert hearing.result() is not None  # it had ended by itself
        return
    with pytest.raises(asyncio.CancelledError):
        await hearing


async def test_silence_is_told_from_a_notice() -> None:
    ears = Ears()
    assert await ears.hear(timeout_s=0) is None
    question = uuid4()
    ears.tell(question)
    assert await ears.hear(timeout_s=60) == ({question}, False)
    assert await ears.hear(timeout_s=0) is None
