"""A small local server that speaks the part of Stripe's API which the product calls.

Development and tests only. It keeps its state in its own SQLite file, so that a crash of the site does not touch it,
and the site talks to it through the official SDK: only the base address differs.
"""
