"""One page of results for lists, feeds and exports: filters, index, full text."""
