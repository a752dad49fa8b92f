"""The engine of larger sites: Elasticsearch 8.19 and 9, or OpenSearch 2 and 3; nothing that only one of them has."""
