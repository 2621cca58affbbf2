"""``make bench``: what the gate costs, as ratios inside one run. Never shipped, never asserted in a timed test."""
