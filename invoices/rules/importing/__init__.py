"""Reading clients, invoices and receipts from tables. Pure: cells in, typed rows and row errors out; files are opened
elsewhere."""
