"""The portal's tools for models, over the Model Context Protocol: they start, look and ask; none of them decides."""
