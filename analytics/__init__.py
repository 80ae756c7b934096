"""Pure maths and the metrics registry: numbers in, numbers out; imports nothing of ours."""
