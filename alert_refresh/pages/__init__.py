"""HTML for people, made of the same documents as the API. Pure: no request, no clock, no script."""
