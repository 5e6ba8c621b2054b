"""Background work of Pix."""

from typing import Any

from praca.platform.settings import Settings
from praca.platform.tasks import TaskContext, TaskKind
from praca.wallet.pix.service import has_simulator, open_pix, webhook_secrets
from praca.wallet.pix.settling import REFUND_TASK
from praca.wallet.pix.simulator import DELIVER_TASK

__all__ = ["PIX_KINDS"]

_TIMEOUT_S = 10.0


async def _reconcile(context: TaskContext, args: dict[str, Any]) -> dict[str, Any]:
    del args
    reconciler = open_pix(context.resources).require_reconciler()
    done = await reconciler.run(context.progress)
    return done.as_dict()


async def _refund(context: TaskContext, args: dict[str, Any]) -> dict[str, Any]:
    reconciler = open_pix(context.resources).require_reconciler()
    # One that fails is tried again by the reconciliation, ever more rarely.
    return {"refunded": await reconciler.refund(str(args["end_to_end_id"]))}


async def _deliver(context: TaskContext, args: dict[str, Any]) -> dict[str, Any]:
    del args
    settings = context.resources.settings
    secrets = webhook_secrets(settings)
    if not has_simulator(settings) or not secrets:
        return {"arrived": 0}
    import httpx2  # noqa: PLC0415  # an API process, which lists the kinds, sends nothing

    from praca.wallet.pix.delivery import Delivery  # noqa: PLC0415

    # Our own address, usually: never by way of a proxy that the environment names.
    async with httpx2.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as client:
        delivery = Delivery(
            context.resources.databases.city,
            client,
            url=_webhook_url(settings),
            secret=secrets[0],
        )
        return {"arrived": await delivery.send_due()}


def _webhook_url(settings: Settings) -> str:
    return settings.pix.pix_webhook_url or (
        f"http://127.0.0.1:{settings.http.port}/api/v1/pix/webhook"
    )


def _when_to_reconcile(settings: Settings) -> str | None:
    return settings.pix.pix_schedule if has_simulator(settings) else None


def _every_minute(settings: Settings) -> str | None:
    return "* * * * *" if has_simulator(settings) else None


PIX_KINDS: tuple[TaskKind, ...] = (
    TaskKind("wallet.pix_reconcile", _reconcile, is_exclusive=True, cron=_when_to_reconcile),
    TaskKind(REFUND_TASK, _refund),
    TaskKind(DELIVER_TASK, _deliver, cron=_every_minute),
)
"""Asking the provider; giving one payment back; sending the simulated provider's notices."""
