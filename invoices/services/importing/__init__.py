"""Clients, invoices and receipts from files into the books. `files.import_file` is the way in."""
