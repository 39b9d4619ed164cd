"""What staff type in. Forms check and clean; services write."""
