"""The page over TLS, on the port that everything else is on."""
