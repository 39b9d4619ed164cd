"""What came back: told apart, trimmed and matched. Pure; a mail goes in as the standard library parsed it."""
