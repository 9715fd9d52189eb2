"""Continuing units whose dates will fail validation when the collection year is closed, told before they do."""
