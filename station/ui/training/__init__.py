"""The course in the window: a card beside the mission's channel, and the page that begins missions."""
