"""What the templates of the webhook pages say."""
