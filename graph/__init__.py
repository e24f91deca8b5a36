"""The only place that speaks HTTP to Microsoft Graph: client, credential, clouds, error parsing."""
