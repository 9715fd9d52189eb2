"""The platform's own words where a report has to use them."""

RECORD_KIND = "enrollment"
"""What the report calls an enrolment that it writes to (contract, section 6)."""
