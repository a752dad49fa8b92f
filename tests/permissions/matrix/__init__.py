"""The matrix, one module per slice with a list `ROWS`; the format is told in ../test_matrix.py."""
