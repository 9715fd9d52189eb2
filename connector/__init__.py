"""A two-way connector between iSpring Learn and aXcelerate.

In reading order (a file browser sorts by letter):

    domain/      what both platforms talk about: frozen values, standard library only
    platforms/   read a platform into domain values; carry out one command on it
    mapping/     what belongs together: the operators' YAML, and matching people
    planning/    decide; pure: one field, three-way; the whole person; the limits
    execution/   do: the only caller of a platform's `apply`, and the reading back
    state/       remember: tables, migrations, the store
    sandbox/     both platforms' simulators; share no translation with platforms/
    reconcile.py the story: read, match, plan, refuse, execute
    wiring.py    builds the real objects from settings
    settings.py errors.py schedule.py cli.py console/
"""
