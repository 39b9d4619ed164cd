"""Reads of what is owed. Nothing here writes."""
