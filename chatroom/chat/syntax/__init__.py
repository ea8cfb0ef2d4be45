"""Syntax: parses and checks names, durations, dates, searches and networks."""
