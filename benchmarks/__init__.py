"""What the app costs, how soon it sees a scan end, and how many runs it carries.

`make bench` runs every part. Timings are compared as ratios within one run, never as seconds: machines are noisy, and
both sides of a ratio meet the same noise.
"""
