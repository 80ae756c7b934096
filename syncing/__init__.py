"""What moves numbers into the store: imports of uploaded files now, connector syncs beside them."""
