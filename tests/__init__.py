"""Tests of chatroom; the folders mirror those of the package."""
