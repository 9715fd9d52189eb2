"""The command line. Every command imports what it needs when it runs, so that help and mapping checks stay quick.

`app.py` puts the commands together; `attempt.py` turns errors into advice and exit codes; `screen.py` writes for people and
`json_report.py` for scripts; the other modules hold the commands, a group each.
"""
