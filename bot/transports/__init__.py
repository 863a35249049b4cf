"""The ways in: each only translates a platform's messages to requests and replies back."""
