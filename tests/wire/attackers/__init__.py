"""An attacker's kit: each attack runs against a real server, beside people who notice if it hurts."""
