"""From files to an index: readers, passages, vectors, one transaction a file."""
