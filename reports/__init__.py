"""One module a question: the query and the arithmetic behind a page, without a page."""
