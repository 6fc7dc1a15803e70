"""``station api``: the API for other programs, and their tokens."""

from __future__ import annotations

from typing import Annotated

import typer

from station.cli.options import BenchOption, DataOption, JsonOption, data_folder
from station.cli.output import note, print_json, say

app = typer.Typer(help="The API for other programs of the site.", no_args_is_help=True)
token_app = typer.Typer(help="Tokens: who may ask, and what.", no_args_is_help=True)
app.add_typer(token_app, name="token")


@app.command("serve")
def serve(
    bench: BenchOption = "demo",
    host: Annotated[str | None, typer.Option("--host", help="[default: this computer only]")] = None,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535)] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Serve the API of a bench until it is ended; the bench's service runs by itself."""
    from station.bench import load_bench
    from station.gateway.server import gateway_server
    from station.gateway.settings import read_gateway_settings

    folder = data_folder(data)
    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = read_gateway_settings(folder).model_copy(update=changes)
    scheme = "http" if settings.tls is None else "https"

    def ready(at: str, number: int) -> None:
        url = f"{scheme}://{at}:{number}"
        if json:
            print_json({"url": url, "description": f"{url}/openapi.json"})
        else:
            note(f"{url}, described at {url}/openapi.json")

    gateway_server(load_bench(bench).name, folder, settings, ready).run()


@token_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Which program it is for.")],
    role: Annotated[str, typer.Option("--role", help="viewer, operator or admin.")] = "viewer",
    days: Annotated[int, typer.Option("--days", help="How long it is valid.")] = 365,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Make a token. It is shown this once and kept as a hash only."""
    from station.gateway.tokens import Tokens

    token, text = Tokens(data_folder(data)).add(name, role, days=days)
    if json:
        print_json({"id": token.id, "role": token.role, "expires_utc": token.expires_utc, "token": text})
        return
    say(text)
    note(f"{token.id}: {token.role} until {token.expires_utc}; it is not shown again")


@token_app.command("list")
def list_tokens(data: DataOption = None, json: JsonOption = False) -> None:
    """All tokens, without their secrets."""
    from station.gateway.tokens import Tokens

    rows = Tokens(data_folder(data)).all()
    if json:
        names = ("id", "name", "role", "created_utc", "expires_utc")
        print_json({"tokens": [{name: getattr(row, name) for name in names} for row in rows]})
        return
    for row in rows:
        say(f"{row.id} {row.role:9} until {row.expires_utc} {row.name}")


@token_app.command("revoke")
def revoke(token_id: Annotated[str, typer.Argument(help="Its id.")], data: DataOption = None) -> None:
    """End a token now."""
    from station.gateway.tokens import Tokens

    token = Tokens(data_folder(data)).revoke(token_id)
    say(f"{token.id} ({token.name}) has ended")
