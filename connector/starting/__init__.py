"""The first run: settings are asked for and tried, a first mapping is suggested from what the accounts hold (docs/first-run.md)."""
