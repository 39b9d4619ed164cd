"""Late charges, decided: interest by scheme, fixed sums and fees. The laws are data: invoices/data/schemes.toml."""
