"""The app that one would write with Microsoft's SDK for Graph beta."""
