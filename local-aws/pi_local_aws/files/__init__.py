"""EFS file systems with real directories, and the ways functions and tasks mount them."""
