"""Foreign text and data as people may look at them: laid bare, cut to size, labelled with whose words they are."""
