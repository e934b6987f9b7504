"""Serving the application until told to stop, in the process that `tocsin serve` starts for it."""

from __future__ import annotations

import gc
import logging
import sys
from pathlib import Path

import uvicorn

from core.clock import Clock
from core.errors import FailedError
from tocsin.config import Config
from tocsin.web.app import make_app
from tocsin.web.pages.site import compile_templates
from tocsin.web.settings import Address

log = logging.getLogger("tocsin.web")
_BACKLOG = 128
_CONNECTIONS = 100
"""At once; more are answered 503."""
_IDLE_SECONDS = 15
_STOP_SECONDS = 3
_SWITCH_SECONDS = 0.0005
"""How long a thread keeps the interpreter while others wait. While the table of a new run is made,
a request changes threads some twenty times; at Python's 5 ms it would take over 100 ms."""


def server_of(config: Config, database: Path, clock: Clock, address: Address) -> uvicorn.Server:
    """Return a server that is ready to run. Its own log is off: paths may name people's places."""
    settings = uvicorn.Config(
        make_app(config, database, clock),
        host=address.host,
        port=address.port,
        backlog=_BACKLOG,
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_STOP_SECONDS,
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        proxy_headers=False,  # whom to believe is the gate's decision
        lifespan="on",
    )
    return uvicorn.Server(settings)


def serve(config: Config, database: Path, clock: Clock) -> None:
    """Serve until SIGTERM.

    Raises:
        ConfigError: when a token cannot be read.
        FailedError: when the address cannot be listened on.
    """
    assert config.web, "only called where there is a [web] table"
    address = config.web.address
    server = server_of(config, database, clock, address)
    compile_templates()
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.freeze()  # what is loaded stays: 70,000 objects that need not be looked through again
    log.info("pages and API on http://%s", address)
    try:
        server.run()
    except SystemExit:
        mend = "another program may listen there: change listen in [web]"
        raise FailedError(str(address), "cannot be listened on", mend) from None
