"""The daemon's pages: console, health, metrics, and the webhooks that only wake the engine (contract, section 7).

`app.py` has the routes, `guard.py` who may look, `hooks.py` the deliveries, `views.py` what the page shows, `metrics.py` the numbers.
"""
