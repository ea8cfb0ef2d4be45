"""The terminal client: a person's or a pipeline's end of the JSON lines wire."""
