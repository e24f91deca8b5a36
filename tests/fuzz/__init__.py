"""`make fuzz`: whatever a caller asks, and whatever Graph answers."""
