"""What is read from the outside world. Takes and returns plain records, knows no tables."""
