"""CSV and XLSX: orders and moves as rows, with a dry run."""
