"""Decisions of people about questions that a run asked: what may be decided, and putting it on record."""
