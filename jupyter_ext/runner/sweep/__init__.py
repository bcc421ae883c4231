"""The controller of a sweep: it draws parameters, keeps child runs going, and ends those that promise little."""
