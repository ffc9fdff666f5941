"""What runs without a click."""
