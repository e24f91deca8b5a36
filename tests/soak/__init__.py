"""`make soak`: the app under a burst and under steady load, while a tenth of what it is answered goes wrong."""
