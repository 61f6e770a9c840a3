"""The engine of the ASEAN good-practice repository: records, text, ingestion and search. Knows no web."""

__version__ = "0.1.0"
