"""Dialects: pure translations between one wire's bytes and the events, replies and commands of the house."""
