"""Fields: described fields (see `workflows.types.UserInputField`) as HTML forms, for every part of the portal."""
