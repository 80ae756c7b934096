"""Speed, measured as ratios to peers in the same run: `python -m benchmarks QUESTION`."""
