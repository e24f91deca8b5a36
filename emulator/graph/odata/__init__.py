"""OData, as far as Graph speaks it here: the types, and the query options about them."""
