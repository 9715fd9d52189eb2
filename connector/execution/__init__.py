"""Do: the only caller of a platform's `apply`. Intent on record, look again, one call, answer on record, read back."""
