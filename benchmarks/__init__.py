"""Benchmarks: chatroom beside other chat servers, under the same load, on the same core."""
