"""What leaves the archive: files and feeds for other programs, and for keeping."""
