"""How fast, how large, against what: each part runs its peer in the same breath and prints ratios."""
