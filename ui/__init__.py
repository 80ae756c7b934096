"""The frame around the pages: sign-in, navigation, filters, charts, tables and empty states."""
