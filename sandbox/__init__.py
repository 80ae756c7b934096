"""One invented business, the same on every machine: behind the demo project, its exports and the tests."""
