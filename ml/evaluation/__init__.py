"""What each model reaches on held-out rows, artists and eras."""
