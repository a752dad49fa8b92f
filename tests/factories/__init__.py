"""Factories, one module per slice; `base` has people and places."""
