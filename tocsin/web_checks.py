"""The `[web]` table of a configuration: nobody comes in by mistake."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from alerts.channels.email_settings import EmailSettings
from tocsin.complaints import Complaints, nearest

if TYPE_CHECKING:
    from tocsin.config import Config


def check_web(config: Config, complain: Complaints) -> None:
    """Raise the first thing that leaves the service open, or that names what is not there."""
    web = config.web
    _check_ack_links(config, complain)
    if web is None:
        return
    for key, problem, mend in web.faults():
        raise complain.at(("web", key), problem, mend)
    names = [token.name for token in web.tokens]
    for n, name in enumerate(names):
        if name in names[:n]:
            raise complain.at(("web", "tokens", n, "name"), f"{name!r} stands twice", "rename one")
    watches = [watch.name for watch in config.watches]
    people = [("tokens", n, one.watches) for n, one in enumerate(web.tokens)]
    if web.proxy:
        people += [("proxy.users", n, one.watches) for n, one in enumerate(web.proxy.users)]
    for table, n, globs in people:
        for glob in globs:
            if not any(fnmatchcase(watch, glob) for watch in watches):
                mend = nearest(glob, watches, "watches")
                raise complain.at(("web", table, n, "watches"), f"{glob!r} fits no watch", mend)


def _check_ack_links(config: Config, complain: Complaints) -> None:
    """Raise where mails are to hold links that nothing signs."""
    signs = config.web and config.web.ack_links
    for n, channel in enumerate(config.channels):
        if isinstance(channel, EmailSettings) and channel.ack_links and not signs:
            mend = "add [web.ack_links] with secret_env"
            raise complain.at(("channels", n, "ack_links"), "there is no key to sign with", mend)
