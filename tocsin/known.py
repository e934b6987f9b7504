"""What the store knows of some alerts, read for whoever decides about them."""

from __future__ import annotations

from collections.abc import Sequence

from alerts import sharing
from alerts.ledger import Known
from alerts.past import Past
from core.alerts import Alert
from storage.overrides import Overrides
from tocsin.config import Config
from tocsin.stores import Stores


def known(
    config: Config,
    stores: Stores,
    alerts: Sequence[Alert],
    at: str,
    ended: Sequence[Alert] = (),
) -> Known:
    """Return what is known of open alerts, and of ended ones that still get a verdict.

    What is to stay inside is told to nobody outside, whoever was told before. `at` is the stamp
    that decides which acknowledgements are in force.
    """
    ids = [alert.alert_id for alert in (*alerts, *ended)]
    inside = sharing.confined_watches(config.watches, config.feeds)
    return Known(
        alerts=alerts,
        sequences=stores.alerts.last_sequence(ids),
        told=sharing.told_inside(
            stores.alerts.told(ids), (*alerts, *ended), inside, config.channels
        ),
        held=stores.alerts.held(at),
        past={name: Past(*facts) for name, facts in stores.alerts.past(ids).items()},
        silences=stores.people.silences_after(min([at, *(a.updated_at for a in alerts)])),
        acknowledged=stores.people.acknowledged(ids, at),
        overrides=Overrides(stores.database).in_force(at),
    )
