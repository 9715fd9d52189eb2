"""Trying mappings before they are used: what an edit would change, and what no rule names. Nothing is written anywhere."""
