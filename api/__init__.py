"""The HTTP API: one FastAPI app under `/api`, one error shape, and what a page cannot do itself."""
