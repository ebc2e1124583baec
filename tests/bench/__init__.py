"""What the product costs over floors that do the same with the least: `python -m tests.bench`. It judges by ratios."""
