"""Reads of what was said and is to be said. Nothing here writes."""
