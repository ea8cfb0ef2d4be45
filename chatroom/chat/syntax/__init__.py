"""What people type, read and checked: names, durations, dates, searches, networks."""
