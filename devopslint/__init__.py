"""Checks infrastructure files, and how they fit together, against a Definition of Done."""

__version__ = "0.1.0"
