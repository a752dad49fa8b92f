"""The page of components, which only developers' settings and these have."""

from tests.permissions.matrix_row import PUBLIC, Row

ROWS = [Row("core:components", PUBLIC)]
