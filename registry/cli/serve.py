"""`registry serve`."""

import gc
from typing import Annotated

import typer
import uvicorn

from registry.observability import configure_logging
from registry.runtime import Runtime
from registry.settings import Settings
from registry.web.app import create_app

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: registry serve --host 0.0.0.0 --port 8000")
def run(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
) -> None:
    """Run the web until it is told to end (Ctrl-C or SIGTERM); requests under way are answered first."""
    configure_logging()
    settings = Settings.from_environ()
    runtime = Runtime.build(settings)
    try:
        web = create_app(runtime)
        # What lives as long as the process need not be looked through for garbage while somebody waits for a page.
        gc.freeze()
        uvicorn.run(
            web,
            host=host,
            port=port,
            loop="uvloop",
            http="httptools",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=10,
        )
    finally:
        runtime.close()
