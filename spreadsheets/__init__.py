"""Recognises, reads and writes the spreadsheets that people upload and download. No database, no pages."""
