"""``praca questions``: messages that were laid aside, and sending them again."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from praca.entrypoints.cli.runtime import DataDir, apply_options, city_url, fail, load_settings

if TYPE_CHECKING:
    from praca.helpdesk.questions.adapters.postgres_queue import Dead

__all__ = ["app"]

app = typer.Typer(help="Look after questions that nobody could answer.", no_args_is_help=True)
_out = Console(highlight=False)
_MOST = 100_000
"""Messages of a queue on AWS that one command sends again."""


@app.command()
def dead(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Messages to show.")] = 100,
    data_dir: DataDir = None,
) -> None:
    """List the messages that failed too often, the oldest first; not what was asked."""
    from praca.entrypoints.cli.work import opened, run
    from praca.helpdesk.questions.room import open_queue

    apply_options(data_dir)
    settings = load_settings("WARNING")
    found: list[Dead] = []

    async def work(url: str) -> None:
        async with opened(settings, url) as resources:
            found.extend(await open_queue(resources).list_dead(limit))

    with city_url(settings) as url:
        run(work(url))
    if not found:
        _out.print("Nenhuma mensagem parada.")
        return
    table = Table("id", "tópico", "pergunta", "entregas", "motivo", "parada em")
    for one in found:
        moment = one.dead_at.isoformat(timespec="seconds")
        values = (str(one.id), one.topic, str(one.question_id), str(one.deliveries))
        table.add_row(*values, one.error or "", moment)
    _out.print(table)


@app.command()
def redrive(
    message_id: Annotated[
        int | None,
        typer.Option("--id", min=1, max=2**63 - 1, help="One message; default: all of them."),
    ] = None,
    aws: Annotated[
        bool, typer.Option("--aws", help="Those of the queues on AWS that the settings name.")
    ] = False,
    drop_unreadable: Annotated[
        bool,
        typer.Option("--drop-unreadable", help="With --aws: delete what is no message of ours."),
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Send messages again that failed too often; their questions may still be answered."""
    if aws:
        if message_id is not None:
            raise fail("--id e --aws não andam juntos")
        _redrive_on_aws(drop_unreadable=drop_unreadable)
        return
    from praca.entrypoints.cli.work import opened, run
    from praca.helpdesk.questions.room import redrive as redrive_messages

    apply_options(data_dir)
    settings = load_settings("WARNING")
    sent: list[int] = []

    async def work(url: str) -> None:
        async with opened(settings, url) as resources:
            sent.extend(await redrive_messages(resources, message_id))

    with city_url(settings) as url:
        run(work(url))
    if message_id is not None and not sent:
        raise fail(f"nenhuma mensagem parada tem o id {message_id}")
    _out.print(f"Mensagens enviadas de novo: {len(sent)}.")


def _redrive_on_aws(*, drop_unreadable: bool) -> None:
    import asyncio

    from praca.entrypoints.aws.redrive import redrive_all
    from praca.helpdesk.questions.adapters.aws_clients import AwsClients, AwsUnavailableError
    from praca.platform.settings import SettingsError

    settings = load_settings("WARNING").aws
    try:
        clients = AwsClients(settings)
        work = redrive_all(settings, clients, most=_MOST, drop_unreadable=drop_unreadable)
        done = asyncio.run(work)
    except SettingsError as error:
        raise fail(str(error)) from None
    except AwsUnavailableError as error:
        raise fail(error.detail) from None
    clients.close()
    for name, one in done.items():
        _out.print(f"{name}: {one.moved} enviadas de novo, {one.unreadable} ilegíveis.")
