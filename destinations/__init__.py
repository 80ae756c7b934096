"""Where things go that leave: one module a destination. They share the HTTP machinery of the connectors."""
