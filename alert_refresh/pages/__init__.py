"""What people see in a browser: runs as HTML, made of what the API shows. Pure: no request, no clock, no script."""
