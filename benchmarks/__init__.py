"""What the app costs and how soon it sees a scan end, measured against what one would pick instead.

`make bench` runs every part. Timings are compared as ratios within one run, never as seconds: machines are noisy, and
both sides of a ratio meet the same noise.
"""
