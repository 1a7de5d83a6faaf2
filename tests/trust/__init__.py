"""What the README promises, tried against real servers by whatever could break it: `python -m tests.trust --help`."""
