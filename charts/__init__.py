"""Charts: each is specified once, and drawn in mails, pages and reports.

A chart is three things: its facts (`fan.Fan`: plain, validated, cheap to import), its Vega-Lite
specification (`fan_spec.spec`, which loads Altair) and its words (`fan.alt_text`). `drawing` turns
a specification into PNG or SVG; `aside.png` does so in a process of its own, for whoever must not
be slowed down, filled up or brought down by a chart.
"""
