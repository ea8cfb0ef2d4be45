"""Tests of the certificate of this server."""
