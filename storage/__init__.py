"""The only place that speaks to the app's own storage account."""
