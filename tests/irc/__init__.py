"""IRC against what others have written: a conformance suite, parser cases and real clients."""
