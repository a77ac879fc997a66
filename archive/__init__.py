"""Dastan: a web archive and reader for life stories."""
