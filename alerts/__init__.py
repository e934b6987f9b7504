"""Rules, the life-cycle of alerts, routing, messages, channels and the delivery loop."""
