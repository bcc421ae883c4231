"""A run as HTML and as text: what shows it where no script runs."""
