"""What belongs together: the operators' mapping files, from YAML text to the rules that everything else reads.

In reading order: `tree.py` (YAML with the place of everything), `document.py` (the grammar), `shape.py` (text against grammar),
`check.py` (what the grammar alone cannot say), `build.py` (a Rule), `lint.py` (warnings), `load.py` (a directory),
`examples.py` (the examples written in the files), `schema.py` (the grammar for editors).
"""
