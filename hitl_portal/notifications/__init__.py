"""Notifications: people are told what concerns them: in the page, by e-mail, by their browser, and through services."""
