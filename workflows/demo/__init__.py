"""Demo workflows that people recognise, with no key and no network, and what `make run` seeds to show them."""
