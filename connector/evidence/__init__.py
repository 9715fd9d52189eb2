"""Everything that the journal holds about one learner, in one file that can be verified without the program (docs/evidence.md)."""
