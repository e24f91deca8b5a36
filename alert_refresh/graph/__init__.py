"""The only HTTP to Microsoft Graph."""
